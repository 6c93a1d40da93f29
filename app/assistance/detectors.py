"""Every detector by name and version. One that fails has nothing to say, and is logged without what it read."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

import structlog

from app.assistance import addresses, language, lexicon, names, personal
from app.assistance.found import Found

log = structlog.get_logger("app.assistance")


@dataclass(frozen=True)
class Detector:
    """`look(text, language)`: what it finds. `needs`: a library that must be there."""

    name: str
    look: Callable[[str, str], Iterable[Found]]
    needs: str = ""

    @property
    def available(self) -> bool:
        return not self.needs or find_spec(self.needs) is not None


@dataclass(frozen=True)
class Text:
    """One place of a contribution that people wrote in."""

    place: str
    words: str
    language: str


@dataclass(frozen=True)
class Seen:
    """What was found, where, by which detector."""

    place: str
    detector: str
    found: Found


def _alone(look: Callable[[str], Iterable[Found]]) -> Callable[[str, str], Iterable[Found]]:
    return lambda text, _language: look(text)


# The number changes with what the detector finds: signals say which one made them.
DETECTORS = (
    Detector("iban 1", _alone(personal.accounts)),
    Detector("nir 1", _alone(personal.social_security)),
    Detector("link 1", _alone(personal.links)),
    Detector("email 1", _alone(personal.emails)),
    Detector("address 1", _alone(addresses.addresses)),
    Detector("phone 1", _alone(personal.phones), needs="phonenumbers"),
    Detector("names 1", names.names),
    Detector("slurs 1", _alone(lexicon.slurs)),
    Detector("danger 1", _alone(lexicon.dangers)),
    Detector("language 1", language.language, needs="py3langid"),
)
# The same digits are one thing: an account's number is no telephone.
EXCLUSIVE = frozenset({"iban", "nir", "email", "link", "phone"})
MOST = 60  # of one text: a page of numbers is read by a person anyway


def look(texts: Iterable[Text]) -> list[Seen]:
    """Everything the detectors find, in the order of the texts."""
    return [seen for text in texts if text.words for seen in _in(text)]


def _in(text: Text) -> Iterator[Seen]:
    taken: list[tuple[int, int]] = []
    for detector in DETECTORS:
        for found in _found(detector, text)[:MOST]:
            if found.kind in EXCLUSIVE and found.start is not None and found.end is not None:
                if any(start < found.end and found.start < end for start, end in taken):
                    continue
                taken.append((found.start, found.end))
            yield Seen(text.place, detector.name, found)


def _found(detector: Detector, text: Text) -> list[Found]:
    try:
        return list(_once(detector.look(text.words, text.language)))
    except Exception as error:  # noqa: BLE001 - advice that cannot be had is none
        log.error("detector.failed", detector=detector.name, error=type(error).__name__)
        return []


def _once(found: Iterable[Found]) -> Iterator[Found]:
    """Without what stands over words already marked for the same reason: lists of several languages share words."""
    marked: list[Found] = []
    for one in found:
        if not any(_over(one, other) for other in marked):
            marked.append(one)
            yield one


def _over(one: Found, other: Found) -> bool:
    if one.kind != other.kind:
        return False
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return one.start == other.start
    return one.start < other.end and other.start < one.end
