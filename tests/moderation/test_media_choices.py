"""What may become of a photo, a sound, a video, a paper: every rule, and what it leaves in the row and in the jobs."""

from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import col

from app import audit, db
from app.media import blur, states, zones
from app.models import (
    Caption,
    CaptionSource,
    CaptionState,
    Contribution,
    Face,
    Job,
    Media,
    MediaChoice,
    MediaKind,
    MediaState,
    State,
    Transition,
    Voice,
)
from app.moderation.schemas import MediaDecision
from tests import factories
from tests.conftest import NOW
from tests.moderation.conftest import CONTACT, Desk

FACE = {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5, "score": 0.9}
ZONE = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}
ALT = "Une table."
KINDS = {kind.value: kind for kind in MediaKind}


CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, str]]] = [
    ("photo", {}, {"choice": "publish", "alt": ALT}, {}),
    ("photo", {"alt": ALT}, {"choice": "publish"}, {}),
    ("photo", {}, {"choice": "publish"}, {"alt": "alt_missing"}),
    ("photo", {"faces": [FACE]}, {"choice": "blur"}, {"alt": "alt_missing"}),
    ("photo", {"faces": [FACE]}, {"choice": "blur", "alt": ALT}, {}),
    ("photo", {"faces": [FACE]}, {"choice": "publish", "alt": ALT}, {"choice": "faces_shown"}),
    ("photo", {"faces": [FACE]}, {"choice": "publish", "alt": ALT, "zones": [ZONE]}, {"choice": "faces_shown"}),
    ("photo", {"faces": [FACE]}, {"choice": "publish", "alt": ALT, "zones": []}, {}),
    ("photo", {"faces": [FACE], "face": Face.SHOW}, {"choice": "publish", "alt": ALT}, {}),
    ("photo", {"faces": [FACE], "face": Face.SHOW}, {"choice": "publish", "alt": ALT, "zones": [ZONE]}, {}),
    ("photo", {"details": {"faces_failure": "faces_broken"}}, {"choice": "publish", "alt": ALT},
     {"choice": "faces_shown"}),
    ("photo", {"details": {"faces_failure": "faces_broken"}}, {"choice": "publish", "alt": ALT, "zones": []}, {}),
    ("photo", {}, {"choice": "blur", "alt": ALT}, {"choice": "zones_missing"}),
    ("photo", {"faces": [FACE]}, {"choice": "blur", "alt": ALT, "zones": []}, {"choice": "zones_missing"}),
    ("photo", {}, {"choice": "blur", "alt": ALT, "zones": [ZONE]}, {}),
    ("photo", {}, {"choice": "blur", "alt": ALT, "zones": [{"x": 2}]}, {"zones": "zones_invalid"}),
    ("photo", {}, {"choice": "transcript"}, {"choice": "choice_unavailable"}),
    ("photo", {}, {"choice": "withhold"}, {}),
    ("video", {}, {"choice": "publish"}, {"transcript": "transcript_missing"}),
    ("video", {}, {"choice": "publish", "transcript": "On dort dehors."}, {}),
    ("video", {}, {"choice": "publish", "no_speech": True}, {}),
    ("video", {"no_speech": True}, {"choice": "publish"}, {}),
    ("video", {"transcript": "Déjà écrit."}, {"choice": "transcript"}, {}),
    ("video", {"faces": [FACE], "no_speech": True}, {"choice": "publish"}, {"choice": "faces_shown"}),
    ("video", {"faces": [FACE], "no_speech": True}, {"choice": "blur"}, {}),
    ("video", {"faces": [FACE]}, {"choice": "blur"}, {"transcript": "transcript_missing"}),
    ("video", {"faces": [FACE], "transcript": "Des mots."}, {"choice": "transcript"}, {}),
    ("video", {"voice": Voice.TEXT_ONLY, "no_speech": True}, {"choice": "publish"}, {"choice": "voice_text_only"}),
    ("video", {"voice": Voice.TEXT_ONLY, "faces": [FACE], "no_speech": True}, {"choice": "blur"},
     {"choice": "voice_text_only"}),
    ("audio", {"voice": Voice.TEXT_ONLY}, {"choice": "publish", "transcript": "Oui."},
     {"choice": "voice_text_only"}),
    ("audio", {"voice": Voice.TEXT_ONLY}, {"choice": "transcript", "transcript": "Oui."}, {}),
    ("audio", {"voice": Voice.TEXT_ONLY}, {"choice": "transcript"}, {"transcript": "transcript_missing"}),
    ("audio", {"voice": Voice.TEXT_ONLY}, {"choice": "withhold"}, {}),
    ("audio", {}, {"choice": "blur", "transcript": "Oui."}, {"choice": "choice_unavailable"}),
    ("audio", {}, {"choice": "publish"}, {"transcript": "transcript_missing"}),
    ("document", {}, {"choice": "publish"}, {"choice": "choice_unavailable"}),
    ("document", {}, {"choice": "blur"}, {"choice": "choice_unavailable"}),
    ("document", {}, {"choice": "transcript"}, {"transcript": "transcript_missing"}),
    ("document", {"transcript": "Notre cahier."}, {"choice": "transcript"}, {}),
    *((kind, {"state": MediaState.FAILED}, {"choice": "transcript", "transcript": "Oui."},
       {"choice": "media_failed"}) for kind in ("video", "audio", "document")),
    ("video", {"state": MediaState.PROCESSING}, {"choice": "transcript", "transcript": "Oui."},
     {"choice": "media_not_ready"}),
    ("video", {"state": MediaState.UPLOADING}, {"choice": "blur", "no_speech": True},
     {"choice": "media_not_ready"}),
    ("video", {"state": MediaState.FAILED}, {}, {"choice": "choice_missing"}),
    ("audio", {}, {}, {"choice": "choice_missing"}),
]  # fmt: skip


def has(desk: Desk, made: Contribution, kind: str, **fields: Any) -> Media:
    with db.writing() as session:
        return factories.medium(session, made, kind=KINDS[kind], **fields)


def publish(desk: Desk, made: Contribution, media: Media, choice: str | None, **more: Any) -> Any:
    wish = more | ({"choice": choice} if choice else {})
    return desk.decide(desk.now(made), "publish", media={str(media.id): wish} if wish else {})


def said(answer: Any) -> dict[str, str]:
    """Field (without the medium's id) → code."""
    return {error["field"].rpartition(".")[2]: error["code"] for error in answer.json().get("errors", [])}


def row(desk: Desk, media: Media) -> Media:
    [found] = desk.rows(Media, id=media.id)
    return found


def captioned(media: Media, vtt: str, state: CaptionState = CaptionState.ACCEPTED, language: str = "fr") -> None:
    with db.writing() as session:
        session.add(
            Caption(
                media_seq=media.seq or 0, language=language, vtt=vtt, state=state,
                source=CaptionSource.PERSON, by="staff:x", updated_at=NOW,
            )
        )  # fmt: skip


def test_what_a_choice_needs(desk: Desk) -> None:
    for kind, fields, wish, refused in CASES:
        one = desk.have()
        media = has(desk, one, kind, **fields)
        answer = desk.decide(one, "publish", media={str(media.id): wish} if wish else {})
        case = f"{kind} {fields} {wish}: {answer.text}"
        assert (answer.status_code, said(answer)) == (422 if refused else 201, refused), case
        # A face its owner wants to show is for two people (test_second_look.py).
        recognised = bool(wish) and wish.get("choice") == "publish" and fields.get("faces") and wish.get("zones") != []
        taken = State.SECOND_REVIEW if recognised else State.PUBLISHED
        assert desk.now(one).state is (State.PENDING if refused else taken), case
        assert row(desk, media).choice == (None if refused else wish["choice"]), case


def test_everything_that_is_missing_is_said_at_once(desk: Desk) -> None:
    one = desk.have()
    photo, sound = has(desk, one, "photo"), has(desk, one, "audio", position=1)
    answer = desk.decide(one, "publish", media={str(m.id): {"choice": "publish"} for m in (photo, sound)})
    assert {error["field"]: error["code"] for error in answer.json()["errors"]} == {
        f"media.{photo.id}.alt": "alt_missing", f"media.{sound.id}.transcript": "transcript_missing",
    }  # fmt: skip
    assert desk.traces(one) == {"transitions": 0, "audit": 0, "messages": 0}


def test_accepted_captions_are_words_enough_and_make_the_transcript(desk: Desk) -> None:
    one = desk.have()
    media = has(desk, one, "audio")
    vtt = "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nUne grande table.\n"
    captioned(media, vtt, CaptionState.DRAFT)
    assert said(publish(desk, one, media, "publish")) == {"transcript": "transcript_missing"}
    captioned(media, vtt.replace("Une grande table", "A big table"), language="en")
    with db.writing() as session:
        session.merge(desk.rows(Caption, language="fr")[0]).state = CaptionState.ACCEPTED
    assert publish(desk, one, media, "publish").status_code == 201
    assert row(desk, media).transcript == "Une grande table."


def test_a_transcript_given_says_that_somebody_speaks(desk: Desk) -> None:
    one = desk.have()
    media = has(desk, one, "audio", no_speech=True)
    assert publish(desk, one, media, "publish", transcript="Finalement, oui.").status_code == 201
    assert (row(desk, media).transcript, row(desk, media).no_speech) == ("Finalement, oui.", False)


def test_a_transcript_without_end_is_refused(desk: Desk) -> None:
    one = desk.have()
    media = has(desk, one, "audio")
    assert said(publish(desk, one, media, "publish", transcript="é" * 100_001)) == {"transcript": "too_long"}
    assert publish(desk, one, media, "publish", transcript="é" * 100_000).status_code == 201


def jobs(desk: Desk, media: Media) -> int:
    """How many jobs to blur it there are."""
    return len([job for job in desk.rows(Job, task="blur_media") if job.args == [str(media.id)]])


def test_blurring_waits_for_its_files_and_asks_for_them_once(desk: Desk) -> None:
    one = desk.have()
    media = has(desk, one, "photo", faces=[FACE], alt=ALT)
    assert publish(desk, one, media, "blur").status_code == 201
    made = row(desk, media)
    assert (made.choice, made.zones, made.zones_key) == (MediaChoice.BLUR, None, zones.key([FACE]))
    assert jobs(desk, media) == 1
    address = f"/api/v1/contributions/{one.reference}"
    assert desk.world.client.get(address).json()["media"] == []

    other = desk.have()
    ready = has(desk, other, "photo", faces=[FACE], alt=ALT, blurred_key=zones.key([ZONE]), zones_key=zones.key([FACE]))
    assert publish(desk, other, ready, "blur", zones=[ZONE]).status_code == 201
    made = row(desk, ready)
    assert (made.zones, made.zones_key, jobs(desk, ready)) == ([ZONE], zones.key([ZONE]), 0)


def test_the_zones_removed_by_a_person_stay_removed(desk: Desk) -> None:
    one = desk.have()
    media = has(desk, one, "photo", faces=[FACE], alt=ALT)
    publish(desk, one, media, "publish", zones=[])
    assert (row(desk, media).zones, jobs(desk, media)) == ([], 0)
    desk.decide(desk.now(one), "hide")
    assert desk.decide(desk.now(one), "restore").status_code == 201


def test_zones_of_what_is_shown_with_agreement_change_nothing(desk: Desk) -> None:
    one = desk.have()
    media = has(desk, one, "photo", faces=[FACE], alt=ALT, face=Face.SHOW)
    publish(desk, one, media, "publish", zones=[ZONE])
    assert (row(desk, media).zones, row(desk, media).zones_key) == (None, None)


# Media that become ready after their words were decided.


def late(desk: Desk, state: MediaState = MediaState.READY, **fields: Any) -> tuple[Contribution, Media]:
    """Published while its sound was still on the way; now it is here."""
    one = desk.have(**fields)
    media = has(desk, one, "audio", state=MediaState.UPLOADING)
    assert publish(desk, one, media, None).status_code == 201
    with db.writing() as session:
        found = session.merge(row(desk, media))
        found.state = state
        found.derivatives = factories.SOUND_FILES
        states.touch(session, col(Media.seq) == found.seq)
    return desk.now(one), media


@pytest.mark.parametrize("state", [MediaState.UPLOADING, MediaState.RECEIVED, MediaState.PROCESSING])
def test_a_slow_medium_never_holds_the_words_back(desk: Desk, state: MediaState) -> None:
    one = desk.have()
    media = has(desk, one, "video", state=state)
    assert publish(desk, one, media, None).status_code == 201
    assert (desk.now(one).state, row(desk, media).choice) == (State.PUBLISHED, None)
    body = desk.world.client.get(f"/api/v1/contributions/{one.reference}").json()
    assert body["media"] == []
    assert desk.queue().json()["media_waiting"] == 0, "nothing can be decided yet"


@pytest.mark.parametrize("state", [MediaState.READY, MediaState.FAILED])
def test_what_became_ready_too_late_comes_back_to_the_desk(desk: Desk, state: MediaState) -> None:
    one, _ = late(desk, state)
    has(desk, desk.have(), "audio")  # words that wait themselves are in the queue anyway
    body = desk.queue().json()
    assert (body["media_waiting"], len(body["items"]), body["counts"]["published"]) == (1, 1, 1)
    [item] = desk.queue(media="waiting").json()["items"]
    assert (item["id"], item["state"], item["signals"]) == (
        str(one.id), "published", [{"kind": "media_waiting", "open": 1}],
    )  # fmt: skip


def test_deciding_it_then_changes_the_media_alone(desk: Desk) -> None:
    one, media = late(desk, **CONTACT)
    place, since = one.publication_seq, one.published_at
    before = desk.traces(one)
    answer = publish(desk, one, media, "publish", transcript="On veut une table.")
    assert (answer.status_code, answer.json()["state"], answer.json()["action"]) == (201, "published", "publish")
    now = desk.now(one)
    assert (now.publication_seq, now.published_at, now.has_sound) == (place, since, True)
    assert desk.queue().json()["counts"]["published"] == 1
    assert desk.traces(one) == {name: n + 1 for name, n in before.items()}
    step = desk.rows(Transition, contribution_seq=one.seq)[-1]
    assert (step.action, step.from_state, step.to_state) == ("publish_media", "published", "published")
    desk.world.app.forget()
    [public] = desk.world.client.get(f"/api/v1/contributions/{one.reference}").json()["media"]
    assert (public["transcript"], list(public["urls"])) == ("On veut une table.", list(factories.SOUND_FILES))
    assert [v["reference"] for v in desk.world.client.get("/api/v1/contributions?has=audio").json()["items"]] == [
        one.reference
    ]
    with db.reading() as session:
        assert audit.verify(session)[1] is None


def test_it_is_decided_once(desk: Desk) -> None:
    one, media = late(desk)
    assert publish(desk, one, media, None).json()["code"] == "choice_missing"
    assert publish(desk, one, media, "withhold").status_code == 201
    again = publish(desk, one, media, "publish", transcript="Oui.")
    assert (again.status_code, again.json()["code"]) == (409, "not_allowed")
    assert row(desk, media).choice is MediaChoice.WITHHOLD
    assert desk.queue().json()["media_waiting"] == 0


def test_an_alert_stops_it_too(desk: Desk) -> None:
    one, media = late(desk)
    desk.alert(one)
    answer = publish(desk, one, media, "publish", transcript="Oui.")
    assert (answer.status_code, answer.json()["code"]) == (409, "alert_open")
    assert desk.decide(desk.now(one), "hide").status_code == 201


def test_progress_makes_no_look_stale_but_the_end_does(desk: Desk) -> None:
    one = desk.have()
    media = has(desk, one, "audio", state=MediaState.PROCESSING)
    with db.writing() as session:
        states.note_progress(session, str(media.id), "encoding", 40)
    assert (desk.now(one).version, row(desk, media).progress) == (one.version, 40)
    with db.writing() as session:
        states.fail(session, str(media.id), "media_broken")
    assert publish(desk, one, media, "withhold").status_code == 201
    assert desk.decide(one, "hide").json()["code"] == "stale"


def test_what_is_tried_again_is_decided_again(desk: Desk) -> None:
    one = desk.have()
    media = has(desk, one, "audio", state=MediaState.FAILED, failure="media_broken")
    assert publish(desk, one, media, "withhold").status_code == 201
    with db.writing() as session:
        states.retry(session, session.merge(row(desk, media)))
    made = row(desk, media)
    assert (made.state, made.choice, made.failure) == (MediaState.RECEIVED, None, None)


def test_a_blur_that_cannot_be_made_comes_back_to_the_desk(desk: Desk) -> None:
    one = desk.have()
    media = has(desk, one, "photo", faces=[FACE], alt=ALT)
    publish(desk, one, media, "blur")
    blur._note(row(desk, media), zones.key([FACE]), {}, failure="blur_broken")
    made = row(desk, media)
    assert (made.choice, made.details) == (None, {"blur_failure": "blur_broken"})
    assert desk.queue().json()["media_waiting"] == 1
    assert publish(desk, one, media, "blur", zones=[ZONE]).status_code == 201
    assert row(desk, media).details == {}


def test_half_a_letter_in_a_zone_is_no_zone() -> None:
    """It passes as JSON and could not be kept: not even to know a repeat by."""
    for zone in ("\ud800", {"x": "\ud800"}, {"\ud800": 1}):
        with pytest.raises(ValidationError) as refused:
            MediaDecision.model_validate({"zones": [zone]})
        assert [error["type"] for error in refused.value.errors()] == ["zones_invalid"]
