"""What people type, made safe to keep and counted as they see it."""

import re
import unicodedata

import regex

# Control characters say nothing and PostgreSQL refuses NUL; new line and tab stay.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def clean(value: object) -> object:
    """Unix line ends, composed letters, no control characters, no half characters, no blank margins."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = unicodedata.normalize("NFC", text)
    text = CONTROL.sub("", text).strip()
    if text[:1].isalnum() or any(unicodedata.category(c)[0] not in "ZC" for c in text):
        return text
    return ""  # nothing anybody could see


def visible_length(text: str, most: int) -> int:
    """How many characters a person sees: a flag or a letter with its accents is one.

    Beyond `most` code points they are not looked at one by one any more: nobody's words are that long.
    """
    return len(text) if text.isascii() or len(text) > most else sum(1 for _ in regex.finditer(r"\X", text))


def latin_digits(text: str) -> str:
    """The same with 0-9 for any script's digits."""
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)


def bare(text: str) -> str:
    """Lower case without accents, for comparing what people type."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
