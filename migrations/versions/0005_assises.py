"""assises: the programme's draft, its releases, what people keep of it, the walk

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime
REFERENCES = (
    ("media", "stop_seq", "stop"),
    ("message", "speaker_seq", "speaker"),
    ("message", "release_seq", "release"),
)
TABLES = (
    "sessionspeaker", "programmesession", "track", "stop", "speaker", "room", "release", "programmeday", "programme",
    "pause", "agenda",
)  # fmt: skip


def upgrade() -> None:
    _around()
    _sessions()
    # As in 0004: plain ADD COLUMN, with its constraint.
    for table, name, to in REFERENCES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} INTEGER CONSTRAINT fk_{table}_{name} REFERENCES {to} (seq)")
        op.create_index(f"ix_{table}_{name}", table, [name])


def downgrade() -> None:
    for table, name, _ in REFERENCES:
        op.drop_index(f"ix_{table}_{name}", table_name=table)
        op.drop_column(table, name)
    for name in TABLES:
        op.drop_table(name)


def _closed(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def _around() -> None:
    op.create_table(
        "agenda",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("token_mac", Text(length=64), nullable=False),
        sa.Column("sessions", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_agenda")),
        sa.UniqueConstraint("token_mac", name=op.f("uq_agenda_token_mac")),
    )
    op.create_table(
        "pause",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", Text(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_pause_ends_at")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_pause")),
        sa.UniqueConstraint("id", name=op.f("uq_pause_id")),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", Text(), nullable=False),
        sa.Column("words", Text(), nullable=False),
        sa.Column("place_name", Text(), nullable=False),
        sa.Column("place_address", Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("way", Text(), nullable=False),
        sa.Column("access_notes", Text(), nullable=False),
        sa.Column("contact", Text(), nullable=False),
        sa.Column("walk_words", Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_table(
        "programmeday",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_programmeday_ends_at")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_programmeday")),
        sa.UniqueConstraint("id", name=op.f("uq_programmeday_id")),
        sa.UniqueConstraint("starts_at", name=op.f("uq_programmeday_starts_at")),
    )
    op.create_table(
        "release",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", Text(length=80), nullable=False),
        sa.Column("words", Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("programme", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("by", Text(length=60), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_release")),
        sa.UniqueConstraint("id", name=op.f("uq_release_id")),
        sa.UniqueConstraint("name", name=op.f("uq_release_name")),
    )
    op.create_table(
        "room",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("access_notes", Text(), nullable=False),
        sa.Column("offers", sa.JSON(), nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_room_capacity")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_room")),
        sa.UniqueConstraint("id", name=op.f("uq_room_id")),
    )
    op.create_table(
        "speaker",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("about", Text(), nullable=False),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.Column("consent_at", Moment(), nullable=True),
        sa.Column("consent_how", Text(), nullable=False),
        sa.Column("consent_by", Text(length=60), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("language", Text(length=10), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_speaker")),
        sa.UniqueConstraint("id", name=op.f("uq_speaker_id")),
    )
    op.create_table(
        "stop",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("words", Text(), nullable=False),
        sa.Column("place_address", Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("access_notes", Text(), nullable=False),
        sa.Column("offers", sa.JSON(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_stop")),
        sa.UniqueConstraint("id", name=op.f("uq_stop_id")),
    )
    op.create_table(
        "track",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("slug", Text(length=80), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_track")),
        sa.UniqueConstraint("id", name=op.f("uq_track_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_track_slug")),
    )
    empty = ("title", "words", "place_name", "place_address", "way", "access_notes", "contact", "walk_words")
    nothing = ", ''" * len(empty)
    op.execute(f"INSERT INTO programme (id, version, {', '.join(empty)}) VALUES (1, 1{nothing})")


def _sessions() -> None:
    op.create_table(
        "programmesession",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", Text(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            _closed("talk", "round_table", "workshop", "performance", "visit", name="session_kind"),
            nullable=False,
        ),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("said", Text(), nullable=False),
        sa.Column("title", Text(), nullable=False),
        sa.Column("summary", Text(), nullable=False),
        sa.Column("body", Text(), nullable=False),
        sa.Column("audience", Text(), nullable=False),
        sa.Column("audiences", sa.JSON(), nullable=False),
        sa.Column("language", Text(length=10), nullable=False),
        sa.Column("offers", sa.JSON(), nullable=False),
        sa.Column("track_seq", sa.Integer(), nullable=True),
        sa.Column("room_seq", sa.Integer(), nullable=True),
        sa.Column("starts_at", Moment(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("event_seq", sa.Integer(), nullable=True),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_programmesession_minutes")),
        sa.CheckConstraint("seats > 0", name=op.f("ck_programmesession_seats")),
        sa.ForeignKeyConstraint(["event_seq"], ["event.seq"], name=op.f("fk_programmesession_event_seq")),
        sa.ForeignKeyConstraint(["room_seq"], ["room.seq"], name=op.f("fk_programmesession_room_seq")),
        sa.ForeignKeyConstraint(["track_seq"], ["track.seq"], name=op.f("fk_programmesession_track_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_programmesession")),
        sa.UniqueConstraint("event_seq", name=op.f("uq_programmesession_event_seq")),
        sa.UniqueConstraint("id", name=op.f("uq_programmesession_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_programmesession_slug")),
    )
    op.create_index(op.f("ix_programmesession_room_seq"), "programmesession", ["room_seq"])
    op.create_index(op.f("ix_programmesession_starts_at"), "programmesession", ["starts_at"])
    op.create_index(op.f("ix_programmesession_track_seq"), "programmesession", ["track_seq"])
    op.create_table(
        "sessionspeaker",
        sa.Column("session_seq", sa.Integer(), nullable=False),
        sa.Column("speaker_seq", sa.Integer(), nullable=False),
        sa.Column("part", _closed("speaker", "facilitator", "interpreter", name="part"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["session_seq"], ["programmesession.seq"], name=op.f("fk_sessionspeaker_session_seq")),
        sa.ForeignKeyConstraint(["speaker_seq"], ["speaker.seq"], name=op.f("fk_sessionspeaker_speaker_seq")),
        sa.PrimaryKeyConstraint("session_seq", "speaker_seq", name=op.f("pk_sessionspeaker")),
    )
    op.create_index(op.f("ix_sessionspeaker_speaker_seq"), "sessionspeaker", ["speaker_seq"])
