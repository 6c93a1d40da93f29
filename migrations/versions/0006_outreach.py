"""outreach: outings, devices, codes given in advance, what is collected in the street and its media

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime
METHODS = ("porteur_de_paroles", "kiosque", "micro_trottoir", "caravane", "urne")
TABLES = ("collectedmedia", "outingmediator", "collected", "allottedcode", "outing", "devicepairing", "device")


def upgrade() -> None:
    _devices()
    _outings()
    _collected()


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)


def _closed(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def _devices() -> None:
    op.create_table(
        "device",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_seq", sa.Integer(), nullable=False),
        sa.Column("name", Text(length=80), nullable=False),
        sa.Column("token_mac", Text(length=64), nullable=False),
        sa.Column("paired_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("clock_off", sa.Integer(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("revoked_by", Text(length=60), nullable=True),
        sa.CheckConstraint("waiting >= 0", name=op.f("ck_device_waiting")),
        sa.ForeignKeyConstraint(["staff_seq"], ["staff.seq"], name=op.f("fk_device_staff_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_device")),
        sa.UniqueConstraint("id", name=op.f("uq_device_id")),
        sa.UniqueConstraint("token_mac", name=op.f("uq_device_token_mac")),
    )
    op.create_index(op.f("ix_device_staff_seq"), "device", ["staff_seq"])

    op.create_table(
        "devicepairing",
        sa.Column("code_mac", Text(length=64), nullable=False),
        sa.Column("staff_seq", sa.Integer(), nullable=False),
        sa.Column("made_by", Text(length=60), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["staff_seq"], ["staff.seq"], name=op.f("fk_devicepairing_staff_seq")),
        sa.PrimaryKeyConstraint("code_mac", name=op.f("pk_devicepairing")),
    )
    op.create_index(op.f("ix_devicepairing_staff_seq"), "devicepairing", ["staff_seq"])


def _outings() -> None:
    op.create_table(
        "outing",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", Text(length=80), nullable=True),
        sa.Column("state", _closed("planned", "closed", "cancelled", name="outing_state"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "method",
            _closed("porteur_de_paroles", "kiosque", "micro_trottoir", "caravane", "urne", name="method"),
            nullable=False,
        ),
        sa.Column("place_name", Text(), nullable=False),
        sa.Column("place_address", Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("quartier", Text(length=40), nullable=True),
        sa.Column("question", Text(length=40), nullable=True),
        sa.Column("material", Text(), nullable=False),
        sa.Column("notes", Text(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=True),
        sa.Column("prefix", Text(length=4), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("collected", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Integer(), nullable=True),
        sa.Column("heard", Text(), nullable=False),
        sa.Column("changes", Text(), nullable=False),
        sa.Column("told_at", Moment(), nullable=True),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.CheckConstraint("collected >= 0", name=op.f("ck_outing_collected")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_outing_ends_at")),
        sa.CheckConstraint("tickets >= 0", name=op.f("ck_outing_tickets")),
        sa.ForeignKeyConstraint(["event_seq"], ["event.seq"], name=op.f("fk_outing_event_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outing")),
        sa.UniqueConstraint("event_seq", name=op.f("uq_outing_event_seq")),
        sa.UniqueConstraint("id", name=op.f("uq_outing_id")),
        sa.UniqueConstraint("prefix", name=op.f("uq_outing_prefix")),
        sa.UniqueConstraint("slug", name=op.f("uq_outing_slug")),
    )
    op.create_index("ix_outing_starts_at", "outing", ["starts_at", "seq"])

    op.create_table(
        "allottedcode",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("words_mac", Text(length=64), nullable=False),
        sa.Column("digits_mac", Text(length=64), nullable=False),
        sa.Column("staff_seq", sa.Integer(), nullable=False),
        sa.Column("device_seq", sa.Integer(), nullable=True),
        sa.Column("outing_seq", sa.Integer(), nullable=True),
        sa.Column("number", Text(length=12), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("cancelled_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["device_seq"], ["device.seq"], name=op.f("fk_allottedcode_device_seq")),
        sa.ForeignKeyConstraint(["outing_seq"], ["outing.seq"], name=op.f("fk_allottedcode_outing_seq")),
        sa.ForeignKeyConstraint(["staff_seq"], ["staff.seq"], name=op.f("fk_allottedcode_staff_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_allottedcode")),
        sa.UniqueConstraint("digits_mac", name=op.f("uq_allottedcode_digits_mac")),
        sa.UniqueConstraint("number", name=op.f("uq_allottedcode_number")),
        sa.UniqueConstraint("words_mac", name=op.f("uq_allottedcode_words_mac")),
    )
    op.create_index(op.f("ix_allottedcode_device_seq"), "allottedcode", ["device_seq"])
    op.create_index(op.f("ix_allottedcode_outing_seq"), "allottedcode", ["outing_seq"])


def _collected() -> None:
    op.create_table(
        "collected",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=True),
        sa.Column("outing_seq", sa.Integer(), nullable=True),
        sa.Column("device_seq", sa.Integer(), nullable=True),
        sa.Column("staff_seq", sa.Integer(), nullable=False),
        sa.Column("digest", Text(length=64), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("read_back", sa.Boolean(), nullable=False),
        sa.Column("under_15", sa.Boolean(), nullable=False),
        sa.Column("sheet", Text(length=40), nullable=True),
        sa.Column("clock_doubtful", sa.Boolean(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_seq"], ["contribution.seq"], name=op.f("fk_collected_contribution_seq")),
        sa.ForeignKeyConstraint(["device_seq"], ["device.seq"], name=op.f("fk_collected_device_seq")),
        sa.ForeignKeyConstraint(["outing_seq"], ["outing.seq"], name=op.f("fk_collected_outing_seq")),
        sa.ForeignKeyConstraint(["staff_seq"], ["staff.seq"], name=op.f("fk_collected_staff_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_collected")),
        sa.UniqueConstraint("contribution_seq", name=op.f("uq_collected_contribution_seq")),
        sa.UniqueConstraint("id", name=op.f("uq_collected_id")),
    )
    op.create_index(op.f("ix_collected_device_seq"), "collected", ["device_seq"])
    op.create_index(op.f("ix_collected_outing_seq"), "collected", ["outing_seq"])

    op.create_table(
        "outingmediator",
        sa.Column("outing_seq", sa.Integer(), nullable=False),
        sa.Column("staff_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["outing_seq"], ["outing.seq"], name=op.f("fk_outingmediator_outing_seq")),
        sa.ForeignKeyConstraint(["staff_seq"], ["staff.seq"], name=op.f("fk_outingmediator_staff_seq")),
        sa.PrimaryKeyConstraint("outing_seq", "staff_seq", name=op.f("pk_outingmediator")),
    )
    op.create_index(op.f("ix_outingmediator_staff_seq"), "outingmediator", ["staff_seq"])

    op.create_table(
        "collectedmedia",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("collected_seq", sa.Integer(), nullable=False),
        sa.Column("client_id", Text(length=64), nullable=False),
        sa.Column("media_seq", sa.Integer(), nullable=False),
        sa.Column("sha256", Text(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("type", Text(length=60), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("held_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["collected_seq"], ["collected.seq"], name=op.f("fk_collectedmedia_collected_seq")),
        sa.ForeignKeyConstraint(["media_seq"], ["media.seq"], name=op.f("fk_collectedmedia_media_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_collectedmedia")),
        sa.UniqueConstraint("collected_seq", "client_id", name=op.f("uq_collectedmedia_collected_seq_client_id")),
        sa.UniqueConstraint("media_seq", name=op.f("uq_collectedmedia_media_seq")),
    )
    # ### end Alembic commands ###
