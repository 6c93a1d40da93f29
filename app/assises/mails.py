"""From what a speaker is told to the mail that leaves."""

from email.message import EmailMessage

from app import i18n
from app.adapters import Adapters
from app.assises import letters
from app.assises.calendars import as_entry
from app.assises.letters import Told
from app.events import calendars


def mail(said: Told, *, to: str, adapters: Adapters) -> EmailMessage:
    """In the current language, with the calendar entries of what it speaks of."""
    made = EmailMessage()
    made["To"] = to
    made["Subject"] = letters.subject()
    made["Content-Language"] = i18n.current().tag
    made.set_content(letters.text(said))
    made.add_attachment(
        _entries(said, adapters), maintype="text", subtype="calendar", filename="assises.ics",
        params={"charset": "utf-8"},
    )  # fmt: skip
    return made


def _entries(said: Told, adapters: Adapters) -> bytes:
    sessions = [said.programme.by_id[difference.session] for difference, _part in said.lines]
    pages = {session.id: letters.page(said, session) for session in sessions}
    return calendars.whole(
        [as_entry(session, said.programme) for session in sessions], base_url=adapters.base_url, now=adapters.clock(),
        url=lambda entry: pages[entry.id], name=letters.subject(),
    )  # fmt: skip
