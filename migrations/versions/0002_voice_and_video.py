"""voice and video: how media arrive, what is being made of them, their captions

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    # Plain ADD COLUMN: a batch would copy a table of a million rows.
    for name in ("has_video", "has_sound"):
        op.add_column("contribution", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "upload",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("mac", Text(length=64), nullable=False),
        sa.Column("media_seq", sa.Integer(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("metadata_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("sender", Text(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("completed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["media_seq"], ["media.seq"], name=op.f("fk_upload_media_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_upload")),
        sa.UniqueConstraint("mac", name=op.f("uq_upload_mac")),
        sa.UniqueConstraint("media_seq", name=op.f("uq_upload_media_seq")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index("ix_upload_sender", ["sender", "completed_at"], unique=False)
    # A draft's photos keep the tokens their sender holds; only the names of the files are lost.
    op.execute(
        "INSERT INTO upload "
        "(mac, media_seq, name_sealed, metadata_sealed, length, sender, created_at, expires_at, completed_at) "
        "SELECT upload_mac, seq, '', '', size, '', received_at, received_at, received_at FROM media "
        "WHERE upload_mac IS NOT NULL"
    )
    op.create_table(
        "caption",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("media_seq", sa.Integer(), nullable=False),
        sa.Column("language", Text(length=35), nullable=False),
        sa.Column("vtt", Text(), nullable=False),
        sa.Column("state", _closed("draft", "accepted", name="caption_state"), nullable=False),
        sa.Column("source", _closed("person", "import", "machine", name="caption_source"), nullable=False),
        sa.Column("by", Text(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["media_seq"], ["media.seq"], name=op.f("fk_caption_media_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_caption")),
        sa.UniqueConstraint("media_seq", "language", name=op.f("uq_caption_media_seq_language")),
    )
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_media_upload_mac"), type_="unique")
        batch_op.drop_column("upload_mac")
        for column in (
            sa.Column("duration", sa.Float(), nullable=True),
            sa.Column("details", sa.JSON(), nullable=False, server_default="{}"),
            sa.Column("step", Text(length=24), nullable=True),
            sa.Column("progress", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("faces", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("zones", sa.JSON(none_as_null=True), nullable=True),
            sa.Column("zones_key", Text(length=64), nullable=True),
            sa.Column("blurred_key", Text(length=64), nullable=True),
            sa.Column("no_speech", sa.Boolean(), nullable=False, server_default=sa.false()),
        ):
            batch_op.add_column(column)
    undecided = sa.text("choice IS NULL")
    op.create_index(
        "ix_media_undecided", "media", ["contribution_seq"], sqlite_where=undecided, postgresql_where=undecided
    )


def downgrade() -> None:
    op.drop_index("ix_media_undecided", table_name="media")
    with op.batch_alter_table("media", schema=None) as batch_op:
        for name in (
            "no_speech",
            "blurred_key",
            "zones_key",
            "zones",
            "faces",
            "progress",
            "step",
            "details",
            "duration",
        ):
            batch_op.drop_column(name)
        batch_op.add_column(sa.Column("upload_mac", Text(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_media_upload_mac"), ["upload_mac"])
    op.execute(
        "UPDATE media SET upload_mac = (SELECT mac FROM upload WHERE upload.media_seq = media.seq) "
        "WHERE contribution_seq IS NULL"
    )
    op.drop_table("caption")
    op.drop_table("upload")
    for name in ("has_sound", "has_video"):
        op.drop_column("contribution", name)


def _closed(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)
