"""Connects a process to its database, store, mail and clock: the web service, the worker, a command.

Nothing of the web is imported here: a command starts in half the time.
"""

from datetime import UTC, datetime, timedelta

from app import db, limits
from app.adapters import Adapters, vault
from app.adapters.clock import ShiftedClock
from app.adapters.mailer import make_mailer
from app.adapters.sms import make_sms
from app.adapters.storage import make_storage
from app.assistance import names
from app.consultation import content
from app.models import Keep
from app.settings import Settings


def configure(settings: Settings) -> Adapters:
    """The database must be migrated."""
    vault.configure(settings.key)
    content.configure(settings.consultation)
    db.configure(settings.database, threads=settings.threads)
    names.configure(settings.names_model)
    limits.configure(on=settings.rate_limits == "on", folder=settings.data_dir)
    return Adapters(
        storage=make_storage(settings.media, links=settings.media_links == "on"),
        mailer=make_mailer(settings.smtp_url, settings.data_dir / "mail", sender=settings.mail_from),
        clock=ShiftedClock(_offset(settings)),
        sms=make_sms(settings.sms_url),
        base_url=settings.base_url or "http://127.0.0.1:8000",
        mail_from=settings.mail_from,
        duty_contacts=settings.duty_contact,
        slow_above=settings.slow_above,
        data_dir=settings.data_dir,
        captions_model=settings.captions_model,
        audit_dir=settings.audit_dir,
    )


def _offset(settings: Settings) -> timedelta:
    """DIALOGUE_NOW's shift, fixed at first start so that restarts and workers agree."""
    if settings.now is None:
        return timedelta()
    asked = settings.now.isoformat()
    with db.writing() as session:
        kept = session.get(Keep, "clock") or Keep(name="clock", value="")
        known, _, seconds = kept.value.partition("|")
        if known != asked:
            seconds = str((settings.now - datetime.now(UTC)).total_seconds())
            kept.value = f"{asked}|{seconds}"
            session.add(kept)
    return timedelta(seconds=float(seconds))
