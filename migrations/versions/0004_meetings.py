"""meetings: events, registrations, arrivals, what those signed up were told

Revision ID: 0004
Revises: 0003
"""

from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime
REFERENCES = (
    ("contribution", "event_seq", "event"),
    ("media", "event_seq", "event"),
    ("message", "registration_seq", "registration"),
    ("message", "event_message_seq", "eventmessage"),
)


def upgrade() -> None:
    _events()
    _registrations()
    # Plain ADD COLUMN, with its constraint: a batch would copy a table of a million rows.
    for table, name, to in REFERENCES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} INTEGER CONSTRAINT fk_{table}_{name} REFERENCES {to} (seq)")
        few = _only("event_seq IS NOT NULL") if table == "contribution" else {}
        op.create_index(f"ix_{table}_{name}", table, [name], **few)
    op.add_column("publication", sa.Column("seats", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("publication", "seats")
    for table, name, _ in REFERENCES:
        op.drop_index(f"ix_{table}_{name}", table_name=table)
        op.drop_column(table, name)
    for name in ("arrival", "registration", "eventmessage", "event"):
        op.drop_table(name)


def _closed(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def _only(where: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}


def _events() -> None:
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", Text(length=80), nullable=False),
        sa.Column(
            "kind", _closed("workshop", "mediation", "visit", "meeting", "session", name="event_kind"), nullable=False
        ),
        sa.Column("state", _closed("draft", "published", "cancelled", "postponed", name="event_state"), nullable=False),
        sa.Column("mode", _closed("in_person", "online", "both", name="mode"), nullable=False),
        sa.Column("access", _closed("open", "invited", name="access"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("series", sa.Uuid(), nullable=True),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.Column("title", Text(), nullable=False),
        sa.Column("summary", Text(), nullable=False),
        sa.Column("body", Text(), nullable=False),
        sa.Column("audience", Text(), nullable=False),
        sa.Column("way", Text(), nullable=False),
        sa.Column("access_notes", Text(), nullable=False),
        sa.Column("place_name", Text(), nullable=False),
        sa.Column("place_address", Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("quartier", Text(length=40), nullable=True),
        sa.Column("online_url", Text(), nullable=True),
        sa.Column("offers", sa.JSON(), nullable=False),
        sa.Column("facilitators", sa.JSON(), nullable=False),
        sa.Column("contact", Text(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("opens_at", Moment(), nullable=True),
        sa.Column("closes_at", Moment(), nullable=True),
        sa.Column("said", Text(), nullable=False),
        sa.Column("report", Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("published_at", Moment(), nullable=True),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_event_capacity")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_event_ends_at")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_event_taken")),
        sa.CheckConstraint("waiting >= 0", name=op.f("ck_event_waiting")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("id", name=op.f("uq_event_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_event_slug")),
    )
    op.create_index(op.f("ix_event_series"), "event", ["series"])
    op.create_index("ix_event_state_starts_at", "event", ["state", "starts_at", "seq"])

    op.create_table(
        "eventmessage",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("kind", Text(length=24), nullable=False),
        sa.Column("addressed", Text(length=40), nullable=False),
        sa.Column("words", Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("by", Text(length=60), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["event_seq"], ["event.seq"], name=op.f("fk_eventmessage_event_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_eventmessage")),
        sa.UniqueConstraint("id", name=op.f("uq_eventmessage_id")),
    )
    op.create_index(op.f("ix_eventmessage_event_seq"), "eventmessage", ["event_seq"])


def _registrations() -> None:
    op.create_table(
        "registration",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            _closed("confirmed", "waiting", "offered", "cancelled", "attended", "absent", name="place"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("offered_until", Moment(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", Text(length=64), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", Text(length=64), nullable=True),
        sa.Column("token_mac", Text(length=64), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("language", Text(length=10), nullable=False),
        sa.Column("wording", Text(length=40), nullable=False),
        sa.Column("may_contact", sa.Boolean(), nullable=False),
        sa.Column("reminders", sa.Boolean(), nullable=False),
        sa.Column("walk_in", sa.Boolean(), nullable=False),
        sa.Column("by", Text(length=60), nullable=False),
        sa.Column("registered_at", Moment(), nullable=False),
        sa.Column("state_since", Moment(), nullable=False),
        sa.CheckConstraint("people > 0", name=op.f("ck_registration_people")),
        sa.ForeignKeyConstraint(["event_seq"], ["event.seq"], name=op.f("fk_registration_event_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_registration")),
        sa.UniqueConstraint("id", name=op.f("uq_registration_id")),
        sa.UniqueConstraint("token_mac", name=op.f("uq_registration_token_mac")),
    )
    op.create_index("ix_registration_event_seq", "registration", ["event_seq", "state", "line"])
    op.create_index("ix_registration_offered_until", "registration", ["offered_until"], **_only("state = 'offered'"))
    op.create_index(
        "uq_registration_email",
        "registration",
        ["event_seq", "email_index"],
        unique=True,
        **_only("email_index IS NOT NULL AND state <> 'cancelled'"),
    )
    op.create_index(
        "uq_registration_phone",
        "registration",
        ["event_seq", "phone_index"],
        unique=True,
        **_only("phone_index IS NOT NULL AND state <> 'cancelled'"),
    )

    op.create_table(
        "arrival",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("registration_seq", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("by", Text(length=60), nullable=False),
        sa.CheckConstraint("people > 0", name=op.f("ck_arrival_people")),
        sa.ForeignKeyConstraint(["event_seq"], ["event.seq"], name=op.f("fk_arrival_event_seq")),
        sa.ForeignKeyConstraint(["registration_seq"], ["registration.seq"], name=op.f("fk_arrival_registration_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_arrival")),
        sa.UniqueConstraint("id", name=op.f("uq_arrival_id")),
        sa.UniqueConstraint("registration_seq", name=op.f("uq_arrival_registration_seq")),
    )
    op.create_index(op.f("ix_arrival_event_seq"), "arrival", ["event_seq"])
