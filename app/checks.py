"""`dialogue check`: what works, what is missing, how to mend it."""

import os
from collections.abc import Iterator
from pathlib import Path

from app import db
from app.adapters import Adapters
from app.adapters.clock import real_now
from app.assises import printing
from app.assistance import detectors, lexicon, names
from app.audit import heads
from app.audit import state as journal
from app.consultation.content import consultation
from app.errors import AppError
from app.jobs import worker_seen
from app.media import dictation, images, program, spool
from app.settings import Settings

Finding = tuple[str, bool | None, str]  # name; good, None for missing but not broken; words


def findings(settings: Settings, adapters: Adapters) -> Iterator[Finding]:
    """Tries each part for real."""
    yield "settings", True, f"data in {settings.data_dir.resolve()}"
    yield "content", True, f"{consultation().id}, {len(consultation().questions)} questions"
    yield "database", True, db.engine().url.render_as_string(hide_password=True)
    wrong = adapters.storage.check()
    yield "storage", not wrong, wrong or "a file was written, read and deleted"
    yield _disk(settings)
    yield _mail(settings, adapters)
    yield _texts(adapters)
    yield _photos()
    yield _sheets()
    yield _captions(settings)
    yield _advice()
    yield _names(settings)
    with db.reading() as session:
        seen = worker_seen(session)
    alive = seen is not None and (real_now() - seen).total_seconds() < 120
    yield (
        "worker",
        True if alive else None,
        "seen lately" if alive else "none seen lately: run `dialogue serve` or `dialogue worker`",
    )
    yield _journal(adapters)
    yield _duty(settings)


def _journal(adapters: Adapters) -> Finding:
    """What the hourly and the daily check last found."""
    if wrong := _unwritable(heads.folder(adapters)):
        return "journal", False, f"its heads cannot be noted outside the database: {wrong}; see DIALOGUE_AUDIT_DIR"
    with db.reading() as session:
        found = [checked for name in (journal.WHOLE, journal.NEW) if (checked := journal.kept(session, name))]
    for checked in found:
        if checked.broken is not None:
            return "journal", False, f"entry {checked.broken} does not fit: see `dialogue audit verify`"
    if not found:
        return "journal", None, "not checked yet: the worker does, each hour; `dialogue audit verify` does now"
    return "journal", True, f"{found[0].read} entries, last checked {found[0].at:%Y-%m-%d %H:%M} UTC"


def _disk(settings: Settings) -> Finding:
    free, reserve = spool.room(settings.data_dir)
    said = f"{free / spool.GB:.1f} GB free; uploads are refused below {reserve / spool.GB:.1f} GB"
    match spool.room_left(settings.data_dir):
        case "full":
            return "disk", False, f"{said}: they are refused now. Make room, or move the data folder to a larger disk"
        case "low":
            return "disk", None, f"{said}: make room soon"
    return "disk", True, said


def _mail(settings: Settings, adapters: Adapters) -> Finding:
    if not settings.smtp_url:
        return "mail", None, "kept as files; set DIALOGUE_SMTP_URL=smtp://user:password@host:port to send"
    wrong = adapters.mailer.check()
    return "mail", not wrong, wrong or "the mail server answers"


def _texts(adapters: Adapters) -> Finding:
    if adapters.sms is None:
        return (
            "text messages",
            None,
            "none leave: who left only a number is on the call list; DIALOGUE_SMS_URL sends them",
        )
    wrong = adapters.sms.check()
    return "text messages", not wrong, wrong or "the gateway answers"


def _unwritable(folder: Path) -> str:
    """ "" or why no file can be added there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"{error.strerror}: {error.filename}"
    return "" if os.access(folder, os.W_OK) else f"not writable: {folder}"


def _duty(settings: Settings) -> Finding:
    numbers = [one for one in settings.duty_contact if "@" not in one]
    if not settings.duty_contact:
        return "duty contact", None, "set DIALOGUE_DUTY_CONTACT: who is told at once when someone may be in danger"
    if numbers and not settings.sms_url:
        return "duty contact", False, "a number is named, but nothing sends text messages: set DIALOGUE_SMS_URL"
    return "duty contact", True, f"{len(settings.duty_contact)} told at once"


def _captions(settings: Settings) -> Finding:
    """Optional: people write captions anyway."""
    if missing := dictation.lacking(settings.captions_model):
        return "captions by machine", None if settings.captions_model is None else False, missing
    try:
        known = dictation.languages(settings.captions_model or Path())
    except (OSError, RuntimeError, program.Refused) as error:
        return "captions by machine", False, f"the model does not load: {error}"
    few = ", ".join(sorted(known)[:12])
    return "captions by machine", True, f"the model loads; it knows {few}{'…' if len(known) > 12 else ''}"


def _advice() -> Finding:
    """What programs look for in the words, for moderators."""
    always = [each for each in detectors.DETECTORS if each.look is not names.names]
    have = ", ".join(each.name.split()[0] for each in always if each.available)
    lists = f"words of danger in {', '.join(lexicon.LANGUAGES)}"
    lost = [each for each in always if not each.available]
    if lost:
        need = ", ".join(each.needs for each in lost)
        return "advice by programs", None, f"{have}; {lists}; missing: {need} (install the locked requirements)"
    return "advice by programs", True, f"{have}; {lists}"


def _names(settings: Settings) -> Finding:
    """Optional: moderators read every word anyway."""
    if missing := names.lacking():
        return "names of persons", None if settings.names_model is None else False, missing
    try:
        list(names.names("Une table, un banc.", "fr"))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is of no use
        return "names of persons", False, f"the model does not load: {error}"
    return "names of persons", True, "the model loads"


def _sheets() -> Finding:
    """Sheets to print: without them, the pages that say the same."""
    try:
        printing.check()
    except (AppError, program.Refused, program.Lost) as error:
        return "sheets to print", False, f"no PDF can be made: {error}"
    return "sheets to print", True, "typst makes a PDF"


def _photos() -> Finding:
    try:
        images.warm()
        images.shutdown()
    except (OSError, RuntimeError) as error:
        return "photos", False, f"the decoding program does not start: {error}"
    return "photos", True, "the decoding program starts"
