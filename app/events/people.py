"""Who signs up: told apart by e-mail or phone however they are typed, kept sealed."""

import re
import unicodedata
from typing import Any

from app.adapters import vault
from app.models import Registration

PURPOSE = "registration"
BETWEEN = re.compile(r"[\s,/_·•]+")  # what people put between two digits, thin spaces of a printed page among them
DOTLESS = "gmail.com"  # the one provider known to read dots as nothing; elsewhere they are two people


def normal_email(text: str) -> str:
    """One spelling for an address: lower case, no spaces, and without the dots that gmail.com ignores."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()
    local, at, domain = plain.rpartition("@")
    return local.replace(".", "") + at + domain if domain == DOTLESS else plain


def normal_phone(text: str) -> str:
    """+33612345678, as it would be dialled from here; ValueError when it can be no number."""
    import phonenumbers  # its tables load with the first number

    plain = BETWEEN.sub(" ", unicodedata.normalize("NFKC", text))
    try:
        number = phonenumbers.parse(plain, "FR")
    except phonenumbers.NumberParseException as error:
        raise ValueError("no phone number") from error
    if re.search(r"[^\W\d_]", plain) or not phonenumbers.is_possible_number(number) or _cut(number):
        raise ValueError("no phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def in_pairs(number: str) -> str:
    """06 12 34 56 78, never broken at a line's end: as one reads it on a printed list and dials it by hand.

    What is no number stays as it is.
    """
    import phonenumbers

    try:
        found = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return number
    form = phonenumbers.PhoneNumberFormat
    shown = phonenumbers.format_number(found, form.NATIONAL if found.country_code == 33 else form.INTERNATIONAL)
    return shown.replace(" ", "\N{NO-BREAK SPACE}")


def _cut(number: Any) -> bool:
    """06 12 34 56 7: a digit of a French number is missing, and its zero would pass for one."""
    return number.country_code == 33 and bool(number.italian_leading_zero)


def email_index(text: str | None) -> str | None:
    """What an address is looked up by."""
    return vault.blind(PURPOSE + "-email", normal_email(text)) if text else None


def phone_index(text: str | None) -> str | None:
    return vault.blind(PURPOSE + "-phone", normal_phone(text)) if text else None


def seal(text: str | None) -> bytes | None:
    return vault.seal(PURPOSE, text.encode()) if text else None


def unseal(sealed: bytes | None) -> str:
    """In clear; "" when nothing is held (any more)."""
    return vault.unseal(PURPOSE, sealed).decode() if sealed else ""


def name(registration: Registration) -> str:
    return unseal(registration.name_sealed)


def email(registration: Registration) -> str:
    return unseal(registration.email_sealed)


def phone(registration: Registration) -> str:
    return unseal(registration.phone_sealed)


def note(registration: Registration) -> str:
    return unseal(registration.note_sealed)
