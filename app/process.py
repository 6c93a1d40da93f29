"""Connects a process to its database, store, mail and clock: the web service, the worker, a command.

Nothing of the web is imported here: a command starts in half the time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from app import db, jobs, limits
from app.adapters import Adapters, vault
from app.adapters.clock import ShiftedClock
from app.adapters.mailer import Mailer, make_mailer
from app.adapters.sms import Sms, make_sms
from app.adapters.storage import Storage, make_storage
from app.assistance import names
from app.consultation import content
from app.models import Keep
from app.settings import Settings


class Unusable(ValueError):
    """A setting that cannot be used; its words name it."""


def configure(settings: Settings) -> Adapters:
    """The consultation read, everything connected. The database must be migrated."""
    content.configure(settings.consultation)
    return connect(settings)


def connect(settings: Settings) -> Adapters:
    """Connections of this process's own: once more after each fork."""
    with _named("DIALOGUE_DATA_DIR"):
        vault.configure(settings.key)
    with _named("DIALOGUE_JOBS_URL"):
        jobs.configure(settings.jobs_url)
    db.configure(settings.database, threads=settings.threads)
    names.configure(settings.names_model)
    limits.configure(on=settings.rate_limits == "on", folder=settings.data_dir)
    storage, mailer, sms = outside(settings)
    return Adapters(
        storage=storage,
        mailer=mailer,
        clock=ShiftedClock(_offset(settings)),
        sms=sms,
        base_url=settings.base_url or "http://127.0.0.1:8000",
        mail_from=settings.mail_from,
        duty_contacts=settings.duty_contact,
        slow_above=settings.slow_above,
        data_dir=settings.data_dir,
        captions_model=settings.captions_model,
        audit_dir=settings.audit_dir,
    )


def outside(settings: Settings) -> tuple[Storage, Mailer, Sms | None]:
    """Asks nothing of any of them. `Unusable` for a setting that says nothing we know."""
    with _named("DIALOGUE_MEDIA_URL"):
        storage = make_storage(settings.media, links=settings.media_links == "on")
    with _named("DIALOGUE_SMTP_URL"):
        mailer = make_mailer(settings.smtp_url, settings.data_dir / "mail", sender=settings.mail_from)
    with _named("DIALOGUE_SMS_URL"):
        return storage, mailer, make_sms(settings.sms_url)


@contextmanager
def _named(setting: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:
        raise Unusable(f"{setting}: {error}") from error


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
