"""the desk: signals, redaction, two people, merging, appeals, notices, likeness

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime
TABLES = ("band", "fingerprint", "signal", "originalopening", "original", "appeal", "notice")
URGENT = ("dangers", "open_notices", "open_appeals")


def upgrade() -> None:
    _tables()
    # Plain ADD COLUMN, with its constraint: a batch would copy a table of a million rows.
    for name in URGENT:
        check = f"CONSTRAINT ck_contribution_{name} CHECK ({name} >= 0)"
        op.execute(f"ALTER TABLE contribution ADD COLUMN {name} INTEGER DEFAULT 0 NOT NULL {check}")
    _reference("contribution", "merged_into", "contribution")
    _reference("message", "notice_seq", "notice")
    for column in (
        sa.Column("edited_reason", Text(length=40), nullable=True),
        sa.Column("sensitive", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("cluster", sa.Integer(), nullable=True),
        sa.Column("assisted_revision", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("contribution", column)
    for column in (
        sa.Column("answered_by", Text(length=60), nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("escalated_at", Moment(), nullable=True),
        sa.Column("escalations", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("alert", column)
    op.add_column("message", sa.Column("recipient", Text(length=60), nullable=True))
    op.create_index(op.f("ix_message_notice_seq"), "message", ["notice_seq"])
    op.create_index(op.f("ix_contribution_cluster"), "contribution", ["cluster"])
    for name in ("open_alerts", *URGENT):
        _partial(f"ix_contribution_{name}", f"{name} > 0", "received_at", "seq")
    _partial("ix_contribution_claimed_by", "claimed_by IS NOT NULL", "claimed_by", "received_at", "seq")
    waiting = "state IN ('pending', 'second_review')"
    _partial("ix_contribution_unassisted", f"assisted_revision < revision AND {waiting}", "seq")


def downgrade() -> None:
    for name in ("open_alerts", "claimed_by", "unassisted", *URGENT):
        op.drop_index(f"ix_contribution_{name}", table_name="contribution")
    op.drop_index(op.f("ix_contribution_cluster"), table_name="contribution")
    op.drop_index(op.f("ix_message_notice_seq"), table_name="message")
    for name in ("answered_by", "answered_at", "escalated_at", "escalations"):
        op.drop_column("alert", name)
    op.drop_column("message", "recipient")
    op.drop_column("message", "notice_seq")
    for name in ("edited_reason", "sensitive", "cluster", "assisted_revision", "merged_into", *URGENT):
        op.drop_column("contribution", name)
    for name in TABLES:
        op.drop_table(name)


def _reference(table: str, name: str, to: str) -> None:
    op.execute(f"ALTER TABLE {table} ADD COLUMN {name} INTEGER CONSTRAINT fk_{table}_{name} REFERENCES {to} (seq)")


def _partial(name: str, where: str, *columns: str) -> None:
    some = sa.text(where)
    op.create_index(name, "contribution", list(columns), sqlite_where=some, postgresql_where=some)


def _closed(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def _tables() -> None:
    op.create_table(
        "fingerprint",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", Text(length=16), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("detector", Text(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_seq"], ["contribution.seq"], name=op.f("fk_fingerprint_contribution_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_fingerprint")),
    )
    op.create_index(op.f("ix_fingerprint_contribution_seq"), "fingerprint", ["contribution_seq"])
    op.create_table(
        "original",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("reason", Text(length=40), nullable=False),
        sa.Column("made_by", Text(length=60), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_seq"], ["contribution.seq"], name=op.f("fk_original_contribution_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_original")),
        sa.UniqueConstraint("contribution_seq", "revision", name=op.f("uq_original_contribution_seq_revision")),
    )
    op.create_table(
        "signal",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", Text(length=32), nullable=False),
        sa.Column("place", Text(length=60), nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("detector", Text(length=60), nullable=False),
        sa.Column("state", _closed("open", "confirmed", "dismissed", name="signal_state"), nullable=False),
        sa.Column("settled_by", Text(length=60), nullable=True),
        sa.Column("settled_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_seq"], ["contribution.seq"], name=op.f("fk_signal_contribution_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_signal")),
        sa.UniqueConstraint("id", name=op.f("uq_signal_id")),
    )
    op.create_index(op.f("ix_signal_contribution_seq"), "signal", ["contribution_seq"])
    op.create_table(
        "appeal",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("transition_seq", sa.Integer(), nullable=False),
        sa.Column("state", _closed("open", "upheld", "reversed", name="appeal_state"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("decided_by", Text(length=60), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("statement", Text(), nullable=True),
        sa.ForeignKeyConstraint(["contribution_seq"], ["contribution.seq"], name=op.f("fk_appeal_contribution_seq")),
        sa.ForeignKeyConstraint(["transition_seq"], ["transition.seq"], name=op.f("fk_appeal_transition_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_appeal")),
        sa.UniqueConstraint("id", name=op.f("uq_appeal_id")),
        sa.UniqueConstraint("transition_seq", name=op.f("uq_appeal_transition_seq")),
    )
    op.create_index(op.f("ix_appeal_contribution_seq"), "appeal", ["contribution_seq"])
    op.create_table(
        "band",
        sa.Column("piece", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fingerprint_seq"], ["fingerprint.seq"], name=op.f("fk_band_fingerprint_seq")),
        sa.PrimaryKeyConstraint("piece", "fingerprint_seq", name=op.f("pk_band")),
    )
    op.create_index(op.f("ix_band_fingerprint_seq"), "band", ["fingerprint_seq"])
    op.create_table(
        "notice",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", Text(length=16), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("media_seq", sa.Integer(), nullable=True),
        sa.Column("reason", Text(length=40), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("good_faith", sa.Boolean(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("language", Text(length=10), nullable=False),
        sa.Column("state", _closed("open", "kept", "acted", name="notice_state"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hid_at_once", sa.Boolean(), nullable=False),
        sa.Column("choice_before", Text(length=16), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("decided_by", Text(length=60), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("statement", Text(), nullable=True),
        sa.ForeignKeyConstraint(["contribution_seq"], ["contribution.seq"], name=op.f("fk_notice_contribution_seq")),
        sa.ForeignKeyConstraint(["media_seq"], ["media.seq"], name=op.f("fk_notice_media_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_notice")),
        sa.UniqueConstraint("id", name=op.f("uq_notice_id")),
        sa.UniqueConstraint("number", name=op.f("uq_notice_number")),
    )
    op.create_index(op.f("ix_notice_contribution_seq"), "notice", ["contribution_seq"])
    op.create_index("ix_notice_state", "notice", ["state", "made_at"])
    op.create_table(
        "originalopening",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("original_seq", sa.Integer(), nullable=False),
        sa.Column("actor", Text(length=60), nullable=False),
        sa.Column("motive", Text(length=500), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["original_seq"], ["original.seq"], name=op.f("fk_originalopening_original_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_originalopening")),
    )
    op.create_index(op.f("ix_originalopening_original_seq"), "originalopening", ["original_seq"])
