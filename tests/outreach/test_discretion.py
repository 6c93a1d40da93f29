"""The fewer-than-five rule, by itself: what is kept back, and that nothing else is."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.models import Method, Outing, OutingState
from app.outreach import discretion

AT = datetime(2022, 4, 12, 8, 17, tzinfo=UTC)
SECRETS = ("Agnès Varda", "10:17", "08:17", "42", "12 rue du Cloître")


def outing(**fields: object) -> Outing:
    return Outing(**({
        "slug": "malakoff-2022-04-12", "method": Method.KIOSQUE, "place_name": "Espace Agnès Varda",
        "place_address": "12 rue du Cloître", "starts_at": AT, "ends_at": AT.replace(hour=10), "event_seq": 42,
        "prefix": "MAL", "created_at": AT, "changed_at": AT, "told_at": AT, "collected": 5,
    } | fields))  # type: ignore[arg-type]  # fmt: skip


def shown(made: Outing) -> discretion.Shown:
    return discretion.shown(made, zone=ZoneInfo("Europe/Paris"), quartier="malakoff")


@pytest.mark.parametrize("people", range(5))
def test_where_fewer_than_five_spoke_neither_place_nor_hour_nor_event_nor_number_comes_out(people: int) -> None:
    named = "On parlait à l’ESPACE  AGNES-VARDA, vers midi."
    found = shown(outing(collected=people, heard=named, changes="Venez au 12, rue du Cloitre."))
    assert found.few
    assert (found.place, found.starts_at, found.ends_at, found.event_seq, found.people) == ("", None, None, None, None)
    assert (found.heard, found.changes) == ("", "")
    assert found.day == found.told_on == found.changed_on == date(2022, 4, 12)
    assert not any(secret in repr(asdict(found)) for secret in SECRETS)
    assert not discretion.may_link(outing(collected=people))


def test_from_five_on_everything_is_said() -> None:
    made = outing(heard="À l’espace Agnès Varda.")
    found = shown(made)
    assert not found.few
    assert (found.place, found.starts_at, found.event_seq, found.people) == (made.place_name, AT, 42, 5)
    assert found.heard == made.heard
    assert discretion.may_link(made)


def test_what_is_not_told_or_cancelled_has_no_page_to_lead_to() -> None:
    assert not discretion.may_link(outing(told_at=None))
    assert not discretion.may_link(outing(slug=None))
    assert not discretion.may_link(outing(state=OutingState.CANCELLED))


@pytest.mark.parametrize(
    "said", ["À l’ESPACE  AGNES-VARDA.", "Chez Varda", "au 12, rue du cloitre", "dans le Cloître", "agnès"]
)
def test_the_place_is_known_by_one_telling_word(said: str) -> None:
    assert discretion.names_place(outing(), said)


@pytest.mark.parametrize("said", ["Un espace, une rue.", "Des cloîtres.", "À Malakoff", "12 personnes", ""])
def test_words_many_places_share_and_the_quartier_tell_nothing(said: str) -> None:
    place = outing(collected=2, heard=said, place_name="Espace Agnès Varda de Malakoff", quartier="malakoff")
    assert not discretion.names_place(place, said)
    assert shown(place).heard == said


def test_a_place_of_shared_words_alone_is_known_by_its_whole_name() -> None:
    market = outing(place_name="Place du marché", place_address="")
    assert discretion.names_place(market, "C’était place du Marché.")
    assert not discretion.names_place(market, "Une place au marché.")


def test_sums_leave_out_where_few_spoke() -> None:
    found = discretion.figures([(12, 30), (5, None), (3, 40), (4, None), (9, 2)])
    assert found == discretion.Figures(outings=3, people=26, stopped=30 + 5 + 9, small=2)
