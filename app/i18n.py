"""Languages: which page is in which, gettext, dates in words, direction.

The language of a page comes from the first segment of its path (`/ar/paroles`); none is French. The API has one
address for all: its sentences are in the language that Accept-Language asks for.
It lives in a context variable, so templates, rules' messages and mails all say `_()` alone.
Run `python -m app.i18n compile` to compile the catalogues ahead (they compile themselves otherwise).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.dates import format_timedelta as babel_lasting

LOCALES = Path(__file__).parent / "locales"
PARIS = ZoneInfo("Europe/Paris")
# What short languages have: home, form, consent, receipt, help. Their other links lead to French.
SHORT_PATH = frozenset({"home", "help", "contribute", "contribute_send", "received", "received_noted"})


@dataclass(frozen=True)
class Language:
    code: str  # the URL's prefix
    tag: str  # BCP 47, for `lang`
    name: str  # as its speakers write it
    direction: str = "ltr"
    complete: bool = True
    dates: str = "fr"  # the CLDR locale of dates
    in_paths: bool = True  # False: spoken in an answer whose addresses are the same for everybody

    @property
    def prefix(self) -> str:
        return "/" + self.code if self.in_paths and self.code != "fr" else ""


LANGUAGES = {
    language.code: language
    for language in (
        Language("fr", "fr", "Français"),
        Language("simple", "fr", "Français simple"),
        Language("en", "en", "English", dates="en_GB"),
        Language("ar", "ar", "العربية", "rtl", dates="ar"),
        Language("prs", "fa-AF", "دری", "rtl", complete=False, dates="fa_AF"),
        Language("ps", "ps", "پښتو", "rtl", complete=False, dates="ps"),
        Language("uk", "uk", "Українська", complete=False, dates="uk"),
        Language("ru", "ru", "Русский", complete=False, dates="ru"),
        Language("ro", "ro", "Română", complete=False, dates="ro"),
        Language("ti", "ti", "ትግርኛ", complete=False, dates="ti"),
    )
}
# As programs ask for them; *français simple* has no tag of its own.
BY_TAG = {language.tag.lower(): replace(language, in_paths=False) for language in LANGUAGES.values()} | {
    "fr": replace(LANGUAGES["fr"], in_paths=False),
    "fa": replace(LANGUAGES["prs"], in_paths=False),
    "prs": replace(LANGUAGES["prs"], in_paths=False),
}
MOST_ACCEPTED = 200  # letters of an Accept-Language: a dozen languages
RTL_TAGS = frozenset({"ar", "fa", "ps", "ur", "he", "ckb", "yi", "dv", "sd", "ug", "arc"})

_current: ContextVar[Language] = ContextVar("language", default=LANGUAGES["fr"])


def current() -> Language:
    return _current.get()


def set_current(language: Language) -> None:
    _current.set(language)


@lru_cache(maxsize=256)
def accepted(header: str) -> Language:
    """Of an Accept-Language (RFC 9110): the one it likes best of ours, else French."""
    liked: list[tuple[float, str]] = []
    for part in header[:MOST_ACCEPTED].split(","):
        tag, _, weight = part.replace(" ", "").partition(";q=")
        try:
            liked.append((float(weight or 1), tag.lower()))
        except ValueError:
            continue
    for quality, tag in sorted(liked, key=itemgetter(0), reverse=True):
        if quality > 0 and (found := BY_TAG.get(tag) or BY_TAG.get(tag.split("-")[0])):
            return found
    return BY_TAG["fr"]


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Everything inside is said in language `code` (mails, jobs); unknown codes are French."""
    token = _current.set(LANGUAGES.get(code, LANGUAGES["fr"]))
    try:
        yield
    finally:
        _current.reset(token)


def gettext(message: str) -> str:
    return _catalogue(_current.get().code).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    return _catalogue(_current.get().code).ngettext(one, many, n)


_ = gettext


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(code: str) -> NullTranslations:
    source = LOCALES / code / "LC_MESSAGES" / "messages.po"
    if not source.exists():
        return _FrenchRules()
    compiled = source.with_suffix(".mo")
    if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
        data = _compile(source)
        try:
            compiled.write_bytes(data)
        except OSError:  # a read-only file system: the catalogue lives in memory
            return GNUTranslations(BytesIO(data))
    with compiled.open("rb") as file:
        return GNUTranslations(file)


class _FrenchRules(NullTranslations):
    """The msgids are French: 0 and 1 are singular."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return msgid1 if abs(n) < 2 else msgid2


def _compile(source: Path) -> bytes:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        catalogue = read_po(file)
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def direction_of(tag: str) -> str:
    """The writing direction of a BCP 47 tag."""
    return "rtl" if tag.split("-")[0].lower() in RTL_TAGS else "ltr"


@lru_cache(maxsize=256)
def language_name(tag: str) -> str:
    """A language as its speakers write it; the tag itself where nobody told us."""
    known = next((language.name for language in LANGUAGES.values() if language.tag == tag), "")
    try:
        return known or Locale.parse(tag, sep="-").get_display_name() or tag
    except (ValueError, UnknownLocaleError):
        return tag


def local(moment: datetime) -> datetime:
    return moment.astimezone(PARIS)


def format_date(value: date | datetime) -> str:
    """A date in full words, in Paris time."""
    if isinstance(value, datetime):
        value = local(value).date()
    return _written(value, current().dates)


@lru_cache(maxsize=4096)
def _written(value: date, locale: str) -> str:
    return babel_date(value, format="long", locale=_locale(locale))


def format_month(value: date) -> str:
    """A month and its year in words."""
    return babel_date(value, format="LLLL y", locale=_locale(current().dates))


def format_day(value: datetime) -> str:
    """The day of the week, then the date in words."""
    return babel_date(local(value).date(), format="full", locale=_locale(current().dates))


def format_short_month(value: date) -> str:
    return babel_date(value, format="LLL", locale=_locale(current().dates))


def format_weekday(value: date) -> str:
    return babel_date(value, format="EEEE", locale=_locale(current().dates))


def format_hour(value: datetime) -> str:
    return babel_time(local(value), format="short", locale=_locale(current().dates))


def format_moment(value: datetime) -> str:
    """Date and hour in words."""
    return gettext("%(date)s à %(time)s") % {
        "date": format_date(value),
        "time": format_hour(value),
    }


def format_lasting(length: timedelta) -> str:
    """About how long, in one unit: 3 minutes, 2 days."""
    return babel_lasting(length, granularity="minute", locale=_locale(current().dates))


def format_ago(length: timedelta) -> str:
    """So long before now, in one unit."""
    return babel_lasting(-length, granularity="minute", add_direction=True, locale=_locale(current().dates))


@lru_cache(maxsize=16)
def _locale(code: str) -> Locale:
    try:
        return Locale.parse(code)
    except ValueError:
        return Locale.parse(code.split("_")[0])


if __name__ == "__main__":
    for code in LANGUAGES if sys.argv[1:] == ["compile"] else ():
        _catalogue(code)
