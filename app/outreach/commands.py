"""`dialogue collect import FILE`: what it says. A refusal of the whole file ends the program with words."""

import sys
from pathlib import Path

from pydantic import ValidationError

from app import i18n
from app.accounts import queries
from app.adapters import Adapters
from app.db import reading
from app.errors import AppError, Unprocessable
from app.forms import field_errors, say
from app.models import Staff
from app.outreach import importing
from app.outreach.importing import BadFile, Outcome


def bring(path: Path, adapters: Adapters, *, mediator: str) -> int:
    """Prints a line for each record and medium, then the sum; 1 when something was not taken in."""
    whose = _mediator(mediator) if mediator else None
    counts = dict.fromkeys(("new", "here", "media", "refused"), 0)
    broken = ""
    try:
        with path.open("rb") as file:
            for outcome in importing.bring(file, adapters, mediator=whose):
                counts[_kind(outcome)] += 1
                sys.stdout.write(f"{outcome.record} {_words(outcome)}\n")
    except OSError as error:
        sys.exit(f"{path}: {error.strerror}.")
    except BadFile as error:
        broken = f"{path.name}, {error}"
    except AppError as error:
        broken = i18n.gettext(error.message)
    sys.stdout.write(
        f"{counts['new']} records taken in, {counts['here']} already here, {counts['media']} media,"
        f" {counts['refused']} refused\n"
    )
    if broken:
        rest = " What came before it is taken in; bring the whole file again when it is mended." * any(counts.values())
        sys.stderr.write(f"{broken}{rest}\n")
    return 1 if broken or counts["refused"] else 0


def _mediator(email: str) -> Staff:
    with reading() as db:
        if (person := queries.by_email(db, email)) is None:
            sys.exit(f"{email}: nobody of the team has this address. See `dialogue user list`.")
    return person


def _kind(outcome: Outcome) -> str:
    if outcome.fault is not None:
        return "refused"
    if outcome.medium:
        return "media"
    return "new" if outcome.new else "here"


def _words(outcome: Outcome) -> str:
    named = f"medium {outcome.medium}: " if outcome.medium else ""
    if outcome.fault is not None:
        return f"{named}refused: {_why(outcome.fault)}"
    if not outcome.new:
        return f"{named}already here"
    return f"{named}taken in" + (", but its receipt code opens nothing: it had served, or is unknown" * outcome.spent)


def _why(fault: Exception) -> str:
    """In the words a device would be told, with the fields' names."""
    if isinstance(fault, ValidationError):
        fault = Unprocessable(field_errors(fault.errors(include_url=False, include_input=False)))
    if isinstance(fault, Unprocessable):
        return " ".join(f"{one.field or 'record'}: {say(one)}" for one in fault.errors)
    return i18n.gettext(fault.message) if isinstance(fault, AppError) else type(fault).__name__
