"""Zones a person sends are checked; what tells them apart is stable."""

import math
from typing import Any

import pytest

from app.errors import Unprocessable
from app.media import zones
from app.models import Media, MediaKind

PLACE = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}


def medium(kind: MediaKind = MediaKind.PHOTO, **fields: Any) -> Media:
    return Media(kind=kind, duration=8.0 if kind is MediaKind.VIDEO else None, **fields)


def test_a_zone_of_a_photo_is_kept_without_what_is_not_its_own() -> None:
    posted = [PLACE | {"from": 1, "to": 2, "track": 4, "score": 0.5, "onclick": "x"}]
    assert zones.clean(posted, media=medium()) == [PLACE]


def test_a_zone_of_a_video_has_its_times_and_a_track_that_was_proposed() -> None:
    film = medium(MediaKind.VIDEO, faces=[PLACE | {"from": 0, "to": 2, "track": 3}])
    assert zones.clean([PLACE], media=film) == [PLACE | {"from": 0.0, "to": 8.0}]
    posted = [PLACE | {"from": 1, "to": 2.5, "track": 3}, PLACE | {"from": 1, "to": 2.5, "track": 9}]
    timed = PLACE | {"from": 1.0, "to": 2.5}
    assert zones.clean(posted, media=film) == [timed | {"track": 3}, timed]


def test_a_rectangle_a_hair_outside_is_brought_in() -> None:
    (zone,) = zones.clean([{"x": -0.001, "y": 0.5, "width": 0.5, "height": 0.501}], media=medium())
    assert zone == {"x": 0.0, "y": 0.5, "width": 0.5, "height": 0.5}


@pytest.mark.parametrize(
    "posted",
    [
        None, "zones", {}, [1], [[]], [{}], [PLACE | {"x": "0.1"}], [PLACE | {"x": True}], [PLACE | {"x": None}],
        [PLACE | {"x": math.nan}], [PLACE | {"width": math.inf}], [PLACE | {"width": 0}], [PLACE | {"height": -0.1}],
        [PLACE | {"x": 0.9}], [PLACE | {"y": 1.5}], [PLACE | {"x": -0.2}], [PLACE | {"width": 10**400}],
    ],
)  # fmt: skip
def test_what_is_no_zone_is_refused(posted: Any) -> None:
    with pytest.raises(Unprocessable) as refused:
        zones.clean(posted, media=medium(), field="media.1.zones")
    assert (refused.value.errors[0].field, refused.value.errors[0].code) == ("media.1.zones", "zones_invalid")


@pytest.mark.parametrize("times", [{"from": 2, "to": 1}, {"from": 2, "to": 2}, {"from": -1, "to": 1}, {"to": "x"}])
def test_times_that_are_none_are_refused(times: dict[str, Any]) -> None:
    with pytest.raises(Unprocessable):
        zones.clean([PLACE | times], media=medium(MediaKind.VIDEO))


def test_two_hundred_are_allowed_and_one_more_is_not() -> None:
    assert len(zones.clean([PLACE] * 200, media=medium())) == 200
    with pytest.raises(Unprocessable) as refused:
        zones.clean([PLACE] * 201, media=medium())
    assert refused.value.errors[0].code == "too_many_zones"


def test_the_key_is_that_of_the_places_alone() -> None:
    other = PLACE | {"x": 0.11}
    assert zones.key([PLACE, other]) == zones.key([other, PLACE]) == zones.key([other | {"score": 0.3}, PLACE])
    assert len({zones.key(each) for each in ([], [PLACE], [other], [PLACE, PLACE], [PLACE | {"from": 0}])}) == 5
    assert len(zones.key([])) == 16
    assert zones.prefix(zones.key([])) == f"b{zones.key([])[:8]}-"


def test_proposals_sent_back_as_they_were_change_nothing() -> None:
    proposed = [PLACE | {"from": 0.0, "to": 2.14, "track": 1, "score": 0.52}]
    film = medium(MediaKind.VIDEO, faces=proposed)
    assert zones.key(zones.clean(proposed, media=film)) == zones.key(proposed)


def test_a_decision_stands_before_a_proposal_even_when_it_hides_nobody() -> None:
    assert zones.wanted(medium(faces=[PLACE])) == [PLACE]
    assert zones.wanted(medium(faces=[PLACE], zones=[])) == []
