"""Personal data in a text: phone numbers, e-mail, bank account, social security, links.

Each function takes a text and gives what it found in it. What is counted by its check digits (IBAN, social
security) is told only when they fit; a phone number only when a network could give it.
"""

import re
from collections.abc import Iterator

from app.assistance.found import Found

REGION = "FR"
MOST_TRIES = 300  # candidates looked at in one text: ten thousand digits must not hold the worker
EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}(?:@|\s?[\[(](?:at|arobase)[\])]\s?)[^\W_](?:[\w-]{0,62})(?:\.[\w-]{2,63}){1,4}"
)
ACCOUNT = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ \u00a0\u202f.-]?[A-Za-z0-9])")
# Letters and digits of an IBAN, by country: those in the register whose accounts one meets here.
LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "BA": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "DZ": 26, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GE": 22, "GR": 27, "HR": 21,
    "HU": 28, "IE": 22, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
    "LY": 25, "MA": 28, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28,
    "PS": 29, "PT": 25, "RO": 24, "RS": 22, "RU": 33, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SN": 28, "TN": 24,
    "TR": 26, "UA": 29, "XK": 20,
}  # fmt: skip
GAPS = " \u00a0\u202f.-"
# Sex, year, month (or 20 and more: not known), department, commune, order, key.
SOCIAL = re.compile(
    r"(?<![\w])([1-478])[ .\u00a0\u202f-]?(\d{2})[ .\u00a0\u202f-]?(\d{2})[ .\u00a0\u202f-]?(\d{2}|2[ABab])"
    r"[ .\u00a0\u202f-]?(\d{3})[ .\u00a0\u202f-]?(\d{3})[ .\u00a0\u202f-]?(\d{2})(?!\w)"
)
CORSICA = {"2A": "19", "2B": "18"}
ENDINGS = "fr|com|org|net|eu|info|io|be|ch|de|uk|ru|ua|ro|tv|me|app|link|site|online|shop|ly|gl|paris|bzh"
LINK = re.compile(
    r"(?<![\w@.-])(?:https?://[^\s<>\"]{3,2000}|www\.[^\s<>\"]{3,2000}"
    rf"|(?:[a-z0-9][a-z0-9-]{{0,62}}\.){{1,4}}(?:{ENDINGS})(?![\w.-]*@|\w)(?:/[^\s<>\"]{{0,2000}})?)",
    re.IGNORECASE,
)
TRAILING = ".,;:!?)]}»’'\"…"


def phones(text: str) -> Iterator[Found]:
    """Numbers a network could give, written the French way or with a country code."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    for match in PhoneNumberMatcher(_plain_digits(text), REGION, Leniency.VALID, MOST_TRIES):
        yield Found("phone", match.start, match.end)


def _plain_digits(text: str) -> str:
    """Arabic and Persian digits as 0–9, one character for one."""
    return text.translate(DIGITS)


DIGITS = {ord(first) + value: str(value) for first in "٠۰" for value in range(10)}


def emails(text: str) -> Iterator[Found]:
    for match in EMAIL.finditer(text):
        yield Found("email", *match.span())


def accounts(text: str) -> Iterator[Found]:
    """IBANs of the right length whose remainder by 97 is 1 (ISO 13616)."""
    for match in ACCOUNT.finditer(text):
        length = LENGTHS.get(match[0][:2].upper())
        end, code = _taken(text, match.start(), length) if length else (0, "")
        if end and int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1:
            yield Found("iban", match.start(), end)


def _taken(text: str, start: int, length: int) -> tuple[int, str]:
    """(end, characters) of `length` letters and digits from `start`, single gaps between them; (0, "") if it breaks."""
    code, at, gap = "", start, False
    while at < len(text) and len(code) < length:
        if text[at].isascii() and text[at].isalnum():
            code, gap = code + text[at].upper(), False
        elif text[at] in GAPS and not gap:
            gap = True
        else:
            return 0, ""
        at += 1
    whole = len(code) == length and not text[at : at + 1].isalnum()
    return (at, code) if whole else (0, "")


def social_security(text: str) -> Iterator[Found]:
    """Fifteen digits whose last two are 97 less the remainder of the others (NIR)."""
    for match in SOCIAL.finditer(text):
        department = CORSICA.get(match[4].upper(), match[4])
        number = int(match[1] + match[2] + match[3] + department + match[5] + match[6])
        if 97 - number % 97 == int(match[7]) and (1 <= int(match[3]) <= 12 or int(match[3]) >= 20):
            yield Found("nir", *match.span())


def links(text: str) -> Iterator[Found]:
    for match in LINK.finditer(text):
        shown = match[0].rstrip(TRAILING)
        if "." in shown:
            yield Found("link", match.start(), match.start() + len(shown))
