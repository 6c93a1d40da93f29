"""What an address asks a public list for, and the links that change it: voices, meetings, the programme."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.consultation.content import consultation
from app.errors import N_, FieldError
from app.i18n import gettext as _

YEARS = range(1970, 3000)  # what no calendar of ours can hold is no day
UNKNOWN = N_("Ce choix n’existe pas.")
BAD_DATE = N_("Écrivez une date comme 2022-03-15.")

Option = tuple[str, str]  # a value and its label
Address = Callable[..., str]  # of the same list, with some filters changed; the page starts again


@dataclass(frozen=True)
class Asked:
    """The filters of a list, a text each; empty means everything."""

    def given(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}


def cleaned(value: str) -> str:
    return " ".join(value.replace("\0", " ").split())


def known(
    asked: Mapping[str, str], tests: Mapping[str, Callable[[str], bool]], said: Mapping[str, str]
) -> tuple[dict[str, str], list[FieldError]]:
    """The filters one can follow, and one error per value nobody can have meant.

    `said`: sentences for some of these, other than UNKNOWN.
    """
    values, errors = {}, []
    for name, test in tests.items():
        value = cleaned(asked.get(name, ""))
        if value and test(value):
            values[name] = value
        elif value:
            errors.append(FieldError(name, f"unknown_{name}", said.get(name, UNKNOWN)))
    return values, errors


def is_public_quartier(value: str) -> bool:
    place = consultation().quartier(value)
    return place is not None and not place.private


def group(
    title: str, name: str, options: Sequence[Option], *, current: str | None, address: Address, lifted: str = ""
) -> dict[str, Any]:
    """For `ui.filters`: one filter, first the option that lifts it. `current`: what is chosen of it."""
    everything = ("", lifted or _("Tout"))
    return {
        "title": title,
        "options": [
            {"label": label, "url": address(**{name: value}), "current": value == current}
            for value, label in (everything, *options)
        ],
    }


def chips(chosen: Asked, label: Callable[[str, str], str], *, address: Address) -> list[dict[str, str]]:
    """What is chosen now, each with the address that takes it away."""
    return [{"label": label(name, value), "url": address(**{name: ""})} for name, value in chosen.given().items()]
