"""the spine

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from app import limits
from app.contributions import search_schema
from app.jobs import schema as job_schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("action", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("object_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("hashes", sa.JSON(), nullable=False),
        sa.Column("mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_object_id"), ["object_id"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "draft",
        sa.Column("code_mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("code_mac", name=op.f("pk_draft")),
    )
    op.create_table(
        "duty",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("began_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_duty")),
    )
    op.create_table(
        "idempotencykey",
        sa.Column("key_mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("body_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key_mac", name=op.f("pk_idempotencykey")),
    )
    with op.batch_alter_table("idempotencykey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotencykey_created_at"), ["created_at"], unique=False)

    op.create_table(
        "job",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("task", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "failed",
                name="job_state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("run_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("last_error", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_key"), ["key"], unique=False)
        batch_op.create_index("ix_job_state_run_at", ["state", "run_at", "seq"], unique=False)
        batch_op.create_index(
            "uq_job_waiting_key",
            ["key"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "keep",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_keep")),
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    op.create_table(
        "staff",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("reads", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sa.UniqueConstraint("id", name=op.f("uq_staff_id")),
    )
    op.create_table(
        "vocabulary",
        sa.Column("form", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("word", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("form", "word", name=op.f("pk_vocabulary")),
    )
    with op.batch_alter_table("vocabulary", schema=None) as batch_op:
        batch_op.create_index(
            "ix_vocabulary_form",
            ["form"],
            unique=False,
            sqlite_where=sa.text("uses > 0"),
            postgresql_where=sa.text("uses > 0"),
            postgresql_ops={"form": "text_pattern_ops"},
        )

    op.create_table(
        "worker",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )
    op.create_table(
        "apitoken",
        sa.Column("token_mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("staff_seq", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_seq"], ["staff.seq"], name=op.f("fk_apitoken_staff_seq")),
        sa.PrimaryKeyConstraint("token_mac", name=op.f("pk_apitoken")),
    )
    with op.batch_alter_table("apitoken", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_apitoken_staff_seq"), ["staff_seq"], unique=False)

    op.create_table(
        "contribution",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("individual", "collective", name="kind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "online",
                "street",
                "paper",
                "phone",
                "workshop",
                "email",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("question", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=35), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "second_review",
                "returned",
                "refused",
                "published",
                "hidden",
                "merged",
                "withdrawn",
                "erased",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author_name", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("organisation", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("organisation_kind", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("people_count", sa.Integer(), nullable=True),
        sa.Column("method", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("audiences", sa.JSON(), nullable=False),
        sa.Column("quartier", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("age_band", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("help", sa.Boolean(), nullable=False),
        sa.Column("in_reply_to", sa.Integer(), nullable=True),
        sa.Column("collective", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("collected_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("published_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("published_revision", sa.Integer(), nullable=True),
        sa.Column("publication_seq", sa.Integer(), nullable=True),
        sa.Column("has_photo", sa.Boolean(), nullable=False),
        sa.Column("edited_by_moderation", sa.Boolean(), nullable=False),
        sa.Column("open_alerts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Integer(), nullable=True),
        sa.Column("claimed_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("open_alerts >= 0", name=op.f("ck_contribution_open_alerts")),
        sa.ForeignKeyConstraint(["claimed_by"], ["staff.seq"], name=op.f("fk_contribution_claimed_by")),
        sa.ForeignKeyConstraint(["in_reply_to"], ["contribution.seq"], name=op.f("fk_contribution_in_reply_to")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_contribution")),
        sa.UniqueConstraint("id", name=op.f("uq_contribution_id")),
        sa.UniqueConstraint("publication_seq", name=op.f("uq_contribution_publication_seq")),
        sa.UniqueConstraint("reference", name=op.f("uq_contribution_reference")),
    )
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.create_index("ix_contribution_state_received_at", ["state", "received_at", "seq"], unique=False)
        batch_op.create_index("ix_contribution_published_at", ["published_at", "publication_seq"], unique=False)

    op.create_table(
        "recoverycode",
        sa.Column("code_mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("staff_seq", sa.Integer(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_seq"], ["staff.seq"], name=op.f("fk_recoverycode_staff_seq")),
        sa.PrimaryKeyConstraint("code_mac", name=op.f("pk_recoverycode")),
    )
    with op.batch_alter_table("recoverycode", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recoverycode_staff_seq"), ["staff_seq"], unique=False)

    op.create_table(
        "staffsession",
        sa.Column("token_mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("staff_seq", sa.Integer(), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_seq"], ["staff.seq"], name=op.f("fk_staffsession_staff_seq")),
        sa.PrimaryKeyConstraint("token_mac", name=op.f("pk_staffsession")),
    )
    with op.batch_alter_table("staffsession", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staffsession_staff_seq"), ["staff_seq"], unique=False)

    op.create_table(
        "accesslink",
        sa.Column("token_mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contribution_seq"], ["contribution.seq"], name=op.f("fk_accesslink_contribution_seq")
        ),
        sa.PrimaryKeyConstraint("token_mac", name=op.f("pk_accesslink")),
    )
    with op.batch_alter_table("accesslink", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accesslink_contribution_seq"), ["contribution_seq"], unique=False)

    op.create_table(
        "alert",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("opened_by", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_by", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("done_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["contribution_seq"], ["contribution.seq"], name=op.f("fk_alert_contribution_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_alert")),
        sa.UniqueConstraint("id", name=op.f("uq_alert_id")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_contribution_seq"), ["contribution_seq"], unique=False)

    op.create_table(
        "consent",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("wording", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_seq"], ["contribution.seq"], name=op.f("fk_consent_contribution_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_contribution_seq"), ["contribution_seq"], unique=False)

    op.create_table(
        "contact",
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.ForeignKeyConstraint(["contribution_seq"], ["contribution.seq"], name=op.f("fk_contact_contribution_seq")),
        sa.PrimaryKeyConstraint("contribution_seq", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_email_index"), ["email_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_phone_index"), ["phone_index"], unique=False)

    op.create_table(
        "media",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("opaque", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("upload_mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("contribution_seq", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "photo",
                "video",
                "audio",
                "document",
                name="media_kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "uploading",
                "received",
                "processing",
                "ready",
                "failed",
                name="media_state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "choice",
            sa.Enum(
                "publish",
                "blur",
                "transcript",
                "withhold",
                name="media_choice",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column(
            "face",
            sa.Enum("hide", "show", name="face", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "voice",
            sa.Enum("play", "text_only", name="voice", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("people_recognisable", sa.Boolean(), nullable=True),
        sa.Column("agreements_held", sa.Boolean(), nullable=True),
        sa.Column("mime", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("original", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("derivatives", sa.JSON(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("colour", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=True),
        sa.Column("alt", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("transcript", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("failure", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_seq"], ["contribution.seq"], name=op.f("fk_media_contribution_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_media")),
        sa.UniqueConstraint("id", name=op.f("uq_media_id")),
        sa.UniqueConstraint("opaque", name=op.f("uq_media_opaque")),
        sa.UniqueConstraint("upload_mac", name=op.f("uq_media_upload_mac")),
    )
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_contribution_seq"), ["contribution_seq"], unique=False)
        batch_op.create_index("ix_media_state", ["state", "received_at"], unique=False)

    op.create_table(
        "message",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("once", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("template", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column(
            "via",
            sa.Enum("email", "sms", "call", name="via", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "failed",
                "held",
                "done",
                "message_left",
                "unreachable",
                "dropped",
                name="message_state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("contribution_seq", sa.Integer(), nullable=True),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("told_by", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.ForeignKeyConstraint(["contribution_seq"], ["contribution.seq"], name=op.f("fk_message_contribution_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_message")),
        sa.UniqueConstraint("id", name=op.f("uq_message_id")),
        sa.UniqueConstraint("once", name=op.f("uq_message_once")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_contribution_seq"), ["contribution_seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_state"), ["state"], unique=False)

    op.create_table(
        "receipt",
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("words_mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("digits_mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_seq"], ["contribution.seq"], name=op.f("fk_receipt_contribution_seq")),
        sa.PrimaryKeyConstraint("contribution_seq", name=op.f("pk_receipt")),
        sa.UniqueConstraint("digits_mac", name=op.f("uq_receipt_digits_mac")),
        sa.UniqueConstraint("words_mac", name=op.f("uq_receipt_words_mac")),
    )
    op.create_table(
        "receiptsession",
        sa.Column("token_mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_seq"], ["contribution.seq"], name=op.f("fk_receiptsession_contribution_seq")
        ),
        sa.PrimaryKeyConstraint("token_mac", name=op.f("pk_receiptsession")),
    )
    with op.batch_alter_table("receiptsession", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receiptsession_contribution_seq"), ["contribution_seq"], unique=False)

    op.create_table(
        "receiptshown",
        sa.Column("token_mac", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_seq"], ["contribution.seq"], name=op.f("fk_receiptshown_contribution_seq")
        ),
        sa.PrimaryKeyConstraint("token_mac", name=op.f("pk_receiptshown")),
    )
    with op.batch_alter_table("receiptshown", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receiptshown_contribution_seq"), ["contribution_seq"], unique=False)

    op.create_table(
        "revision",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("body", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=35), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_seq"], ["contribution.seq"], name=op.f("fk_revision_contribution_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_revision")),
        sa.UniqueConstraint("contribution_seq", "number", name=op.f("uq_revision_contribution_seq_number")),
    )
    op.create_table(
        "transition",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("contribution_seq", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("action", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("from_state", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("to_state", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("statement", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_seq"], ["contribution.seq"], name=op.f("fk_transition_contribution_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_transition")),
    )
    with op.batch_alter_table("transition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transition_contribution_seq"), ["contribution_seq"], unique=False)

    op.create_table(
        "contactopening",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("alert_seq", sa.Integer(), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("motive", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["alert_seq"], ["alert.seq"], name=op.f("fk_contactopening_alert_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_contactopening")),
    )
    with op.batch_alter_table("contactopening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contactopening_alert_seq"), ["alert_seq"], unique=False)

    connection = op.get_bind()
    connection.execute(sa.text("INSERT INTO publication (id, version, last_seq) VALUES (1, 0, 0)"))
    connection.execute(sa.text("INSERT INTO audit_head (id, count, mac) VALUES (1, 0, '')"))
    if connection.dialect.name == "postgresql":
        op.execute(limits.CREATE.format(unlogged="UNLOGGED "))
    search_schema.install(connection)
    job_schema.install(connection)


def downgrade() -> None:
    connection = op.get_bind()
    job_schema.drop(connection)
    search_schema.drop(connection)
    if connection.dialect.name == "postgresql":
        op.execute("DROP TABLE rate_limit")
    with op.batch_alter_table("contactopening", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contactopening_alert_seq"))

    op.drop_table("contactopening")
    with op.batch_alter_table("transition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transition_contribution_seq"))

    op.drop_table("transition")
    op.drop_table("revision")
    with op.batch_alter_table("receiptshown", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receiptshown_contribution_seq"))

    op.drop_table("receiptshown")
    with op.batch_alter_table("receiptsession", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receiptsession_contribution_seq"))

    op.drop_table("receiptsession")
    op.drop_table("receipt")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_state"))
        batch_op.drop_index(batch_op.f("ix_message_contribution_seq"))

    op.drop_table("message")
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.drop_index("ix_media_state")
        batch_op.drop_index(batch_op.f("ix_media_contribution_seq"))

    op.drop_table("media")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_phone_index"))
        batch_op.drop_index(batch_op.f("ix_contact_email_index"))

    op.drop_table("contact")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_contribution_seq"))

    op.drop_table("consent")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_contribution_seq"))

    op.drop_table("alert")
    with op.batch_alter_table("accesslink", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accesslink_contribution_seq"))

    op.drop_table("accesslink")
    with op.batch_alter_table("staffsession", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staffsession_staff_seq"))

    op.drop_table("staffsession")
    with op.batch_alter_table("recoverycode", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recoverycode_staff_seq"))

    op.drop_table("recoverycode")
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.drop_index("ix_contribution_published_at")
        batch_op.drop_index("ix_contribution_state_received_at")

    op.drop_table("contribution")
    with op.batch_alter_table("apitoken", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_apitoken_staff_seq"))

    op.drop_table("apitoken")
    op.drop_table("worker")
    op.drop_table("vocabulary")
    op.drop_table("staff")
    op.drop_table("publication")
    op.drop_table("keep")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_job_waiting_key",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index("ix_job_state_run_at")
        batch_op.drop_index(batch_op.f("ix_job_key"))

    op.drop_table("job")
    with op.batch_alter_table("idempotencykey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotencykey_created_at"))

    op.drop_table("idempotencykey")
    op.drop_table("duty")
    op.drop_table("draft")
    op.drop_table("counter")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_object_id"))

    op.drop_table("audit_entry")
