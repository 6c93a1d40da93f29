"""From what a speaker is told to the mail that leaves."""

from email.message import EmailMessage

from app import i18n
from app.assises import letters
from app.assises.letters import Told


def mail(said: Told, *, to: str) -> EmailMessage:
    """In the current language."""
    made = EmailMessage()
    made["To"] = to
    made["Subject"] = letters.subject()
    made["Content-Language"] = i18n.current().tag
    made.set_content(letters.text(said))
    return made
