"""Captions at the desk: written, read over, accepted, seen by the public then and only then."""

import hashlib
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import select

from app import db
from app.media import captions, webvtt
from app.media.webvtt import Cue
from app.models import (
    AuditEntry,
    Caption,
    CaptionSource,
    CaptionState,
    Contribution,
    Media,
    MediaChoice,
    Publication,
    Role,
    State,
)
from tests import factories
from tests.conftest import NOW, World

FORM = {
    "language": "fr",
    "version": "0",
    "action": "save",
    "start[]": ["0:00.000", "0:01.000", ""],
    "end[]": ["0:01.000", "0:02.000", ""],
    "text[]": ["Bonjour.", "Une grande table,\nle dimanche.", ""],
}
VTT = """WEBVTT

00:00:00.000 --> 00:00:01.000
Bonjour.

00:00:01.000 --> 00:00:02.000
Une grande table,
le dimanche.
"""
WORDS = "Bonjour. Une grande table, le dimanche."


# What only a page says does not depend on the database.
page_alone = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Stage:
    """A contribution with one video of two seconds, and a moderator."""

    world: World
    contribution: Contribution
    media: Media
    ada: Any

    @property
    def path(self) -> str:
        return f"/equipe/moderation/medias/{self.media.id}/sous-titres"

    def save(self, **changed: Any) -> Any:
        return self.ada.post(self.path, data=FORM | changed)

    def bring(self, data: bytes, *, version: int = 0) -> Any:
        sent = {"language": "fr", "version": str(version)}
        return self.ada.post(self.path + "/fichier", data=sent, files={"file": ("x.srt", data, "text/plain")})

    def held(self, language: str = "fr") -> Caption | None:
        with db.reading() as session:
            wanted = select(Caption).where(Caption.media_seq == self.media.seq, Caption.language == language)
            return session.exec(wanted).first()

    def now(self) -> tuple[Contribution, Media]:
        with db.reading() as session:
            return session.get_one(Contribution, self.contribution.seq), session.get_one(Media, self.media.seq)

    def complete(self) -> bool:
        with db.reading() as session:
            return captions.complete(session, session.get_one(Media, self.media.seq))

    def journal(self) -> list[AuditEntry]:
        with db.reading() as session:
            wanted = select(AuditEntry).where(AuditEntry.object_id == str(self.media.id))
            return list(session.exec(wanted.order_by(AuditEntry.seq)))  # type: ignore[arg-type]

    def public(self) -> Any:
        return self.world.browser().get(f"/media/{self.media.opaque}/fr.vtt")


@pytest.fixture
def stage(world: World) -> Stage:
    return staged(world)


def staged(world: World, *, state: State = State.PENDING, kind: str = "video", **fields: Any) -> Stage:
    with db.writing() as session:
        made = factories.contribution(session, state=state, **fields)
        choice = MediaChoice.PUBLISH if state is State.PUBLISHED else None
        media = getattr(factories, kind if kind == "video" else "sound")(session, made, choice=choice)
        token = factories.token(session, factories.staff(session, Role.MODERATOR, name="ada", reads=["fr", "ar"]))
    return Stage(world, made, media, world.as_staff(token))


def test_a_draft_is_kept_and_nobody_else_sees_it(stage: Stage) -> None:
    answer = stage.save()
    assert (answer.status_code, answer.headers["location"]) == (303, stage.path + "?langue=fr&notice=saved")
    held = stage.held()
    assert held
    assert (held.vtt, held.state, held.source, held.version) == (VTT, CaptionState.DRAFT, CaptionSource.PERSON, 1)
    contribution, media = stage.now()
    assert (media.transcript, contribution.version) == (None, stage.contribution.version)
    assert not stage.complete()
    assert stage.public().status_code == 404
    page = stage.ada.get(stage.path).text
    assert "Brouillon" in page
    assert "Une grande table,\nle dimanche.</textarea>" in page
    assert 'value="0:01.000"' in page


def test_accepting_makes_the_transcript_and_asks_the_moderator_to_look_again(stage: Stage) -> None:
    assert stage.save(action="accept").headers["location"].endswith("notice=accepted")
    held, (contribution, media) = stage.held(), stage.now()
    assert held
    assert (held.state, media.transcript, media.no_speech) == (CaptionState.ACCEPTED, WORDS, False)
    assert contribution.version == stage.contribution.version + 1
    assert stage.complete()


def test_the_public_gets_accepted_captions_of_what_is_published(world: World) -> None:
    stage = staged(world, state=State.PUBLISHED)
    stage.save()
    assert stage.public().status_code == 404
    assert stage.ada.get(f"/media/{stage.media.opaque}/fr.vtt").text == VTT
    before = version()
    stage.save(version="1", action="accept")
    assert version() > before
    answer = stage.public()
    assert (answer.status_code, answer.text) == (200, VTT)
    assert answer.headers["content-type"].startswith("text/vtt")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    shown = world.browser().get(f"/api/v1/contributions/{stage.contribution.reference}").json()["media"][0]
    assert shown["captions"] == [{"language": "fr", "url": f"/media/{stage.media.opaque}/fr.vtt"}]
    assert shown["transcript"] == WORDS


def version() -> int:
    with db.reading() as session:
        return session.exec(select(Publication.version)).one()


def test_accepted_captions_stay_accepted_while_they_are_mended(stage: Stage) -> None:
    stage.save(action="accept")
    stage.save(version="1", **{"text[]": ["Bonsoir.", "Deux tables.", ""]})
    held, (contribution, media) = stage.held(), stage.now()
    assert held
    assert (held.state, held.version, media.transcript) == (CaptionState.ACCEPTED, 2, "Bonsoir. Deux tables.")
    assert contribution.version == stage.contribution.version + 2


@pytest.mark.parametrize("version", ["0", "2", "x", ""])
def test_who_saves_an_old_version_keeps_what_they_typed_and_changes_nothing(stage: Stage, version: str) -> None:
    stage.save()
    answer = stage.save(version=version, **{"text[]": ["Autre chose.", "", ""]})
    assert answer.status_code == 409
    assert "Autre chose.</textarea>" in answer.text
    assert "entre-temps" in answer.text
    held = stage.held()
    assert held
    assert (held.vtt, held.version) == (VTT, 1)


def test_two_first_drafts_at_once_are_one_and_a_conflict(stage: Stage) -> None:
    """Both have looked before either wrote: the table's own rule decides."""
    with db.reading() as session:
        first, second = captions.work(session, str(stage.media.id)), captions.work(session, str(stage.media.id))
    with db.writing() as session:
        person = factories.staff(session)
    how: dict[str, Any] = {"language": "fr", "version": 0, "by": person, "now": NOW, "accept": False}
    with db.writing() as session:
        captions.save(session, first, cues=[Cue(0, 1000, "Un")], **how)
    with pytest.raises(captions.Conflict) as refused, db.writing() as session:
        captions.save(session, second, cues=[Cue(0, 1000, "Deux")], **how)
    assert refused.value.code == "stale"
    held = stage.held()
    assert held
    assert webvtt.stored(held.vtt) == [Cue(0, 1000, "Un")]


@page_alone
def test_a_refused_form_says_each_fault_beside_its_caption(stage: Stage) -> None:
    typed = {
        "start[]": ["0:00.500", "demain", "0:00.100", ""],
        "end[]": ["0:00.200", "0:01.000", "0:09.000", "0:01.000"],
        "text[]": ["Un", "Deux", "Trois", ""],
    }
    answer = stage.save(**typed)
    assert answer.status_code == 422
    assert "Sous-titre 2 : ces temps ne se lisent pas." in answer.text
    assert 'href="#cue-2"' in answer.text
    assert 'value="demain"' in answer.text
    typed["start[]"][1] = "0:00.600"
    answer = stage.save(**typed)
    assert "Sous-titre 1 : la fin doit venir après le début." in answer.text
    assert "Sous-titre 3 : il commence avant celui d’au-dessus." in answer.text
    assert stage.held() is None


@page_alone
def test_what_ends_after_the_recording_is_refused(stage: Stage) -> None:
    answer = stage.save(**{"end[]": ["0:01.000", "0:03.001", ""]})
    assert "Sous-titre 2 : il finit après la fin de l’enregistrement (0:02.000)." in answer.text


@page_alone
def test_nothing_at_all_is_not_captions(stage: Stage) -> None:
    answer = stage.save(**{"text[]": ["", " ", "\u200b"]})
    assert answer.status_code == 422
    assert "Il n’y a aucun sous-titre à enregistrer." in answer.text


@page_alone
def test_more_rows_without_javascript(stage: Stage) -> None:
    answer = stage.save(action="more")
    assert answer.status_code == 200
    assert answer.text.count('name="text[]"') == 3 + 10 + 1  # one stands in the template
    assert "Une grande table,\nle dimanche.</textarea>" in answer.text
    assert stage.held() is None


def test_as_many_captions_as_an_hour_has_fit_the_form(stage: Stage) -> None:
    with db.writing() as session:
        session.get_one(Media, stage.media.seq).duration = 3600.0
    times = [webvtt.clock(n * 1200) for n in range(2001)]
    answer = stage.save(**{"start[]": times[:-1], "end[]": times[1:], "text[]": ["mot"] * 2000})
    assert answer.status_code == 303
    held = stage.held()
    assert held
    assert len(webvtt.stored(held.vtt)) == 2000


def test_an_imported_file_is_a_draft_to_read_over(stage: Stage) -> None:
    srt = "1\n00:00:00,000 --> 00:00:01,000\n<i>Été</i>\n"
    assert stage.bring(srt.encode("cp1252")).headers["location"].endswith("notice=imported")
    held = stage.held()
    assert held
    assert (held.state, held.source) == (CaptionState.DRAFT, CaptionSource.IMPORT)
    assert webvtt.stored(held.vtt) == [Cue(0, 1000, "Été")]
    assert "Fichier importé, à relire" in stage.ada.get(stage.path).text
    assert stage.bring(srt.encode(), version=0).status_code == 409


def test_importing_over_accepted_captions_takes_them_back_until_read_over(stage: Stage) -> None:
    stage.save(action="accept")
    stage.bring(b"1\n00:00:00,000 --> 00:00:01,000\nAutre\n", version=1)
    assert (stage.now()[1].transcript, stage.complete()) == (None, False)
    stage.save(version="2", action="accept")
    assert stage.complete()


@page_alone
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"1\n00:00:00,000 --> 00:00:09,000\nTrop tard\n", "Ligne 2 : ce sous-titre finit après la fin"),
        (b"\x89PNG\r\n\x1a\n\0\0", "Ce fichier n’est pas un fichier de sous-titres."),
        (b"x" * 500_001, "Ce fichier de sous-titres est trop lourd."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(stage: Stage, data: bytes, words: str) -> None:
    answer = stage.bring(data)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'href="#file"' in answer.text


@page_alone
def test_no_file_says_so(stage: Stage) -> None:
    answer = stage.ada.post(stage.path + "/fichier", data={"language": "fr", "version": "0"})
    assert answer.status_code == 422
    assert "Choisissez un fichier .vtt ou .srt." in answer.text


def test_deleting_takes_the_transcript_too(stage: Stage) -> None:
    stage.save(action="accept")
    sent = {"language": "fr", "version": "1"}
    assert stage.ada.post(stage.path + "/suppression", data=sent).headers["location"].endswith("notice=deleted")
    assert (stage.held(), stage.now()[1].transcript, stage.complete()) == (None, None, False)
    assert stage.ada.post(stage.path + "/suppression", data=sent).status_code == 409


def test_deleting_a_draft_leaves_a_transcript_written_by_hand(stage: Stage) -> None:
    with db.writing() as session:
        session.get_one(Media, stage.media.seq).transcript = "Écrit à la main."
    stage.save()
    stage.ada.post(stage.path + "/suppression", data={"language": "fr", "version": "1"})
    assert stage.now()[1].transcript == "Écrit à la main."


def test_the_transcript_is_in_the_language_that_is_spoken(world: World) -> None:
    stage = staged(world, body="نريد مائدة كبيرة.", language="ar")
    stage.save(action="accept")
    assert stage.now()[1].transcript == WORDS
    stage.save(language="ar", action="accept", **{"text[]": ["مرحبا.", "", ""]})
    assert stage.now()[1].transcript == "مرحبا."
    assert 'dir="rtl"' in stage.ada.get(stage.path).text


@page_alone
def test_nobody_accepts_what_they_do_not_read(stage: Stage) -> None:
    answer = stage.save(language="ti", action="accept")
    assert answer.status_code == 422
    assert "Vous ne lisez pas cette langue." in answer.text
    assert stage.save(language="ti").status_code == 303


@page_alone
@pytest.mark.parametrize("language", ["", "x", "<b>", "fr/../..", "é" * 40, "a" * 36])
def test_what_is_no_language_is_not_found(stage: Stage, language: str) -> None:
    assert stage.save(language=language).status_code == 404
    assert stage.ada.get(stage.path, params={"langue": language}).status_code == (404 if language else 200)


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.ERASED])
def test_what_its_author_took_back_has_no_captions_to_write(world: World, state: State) -> None:
    stage = staged(world, state=state)
    assert (stage.ada.get(stage.path).status_code, stage.save().status_code) == (404, 404)


@page_alone
def test_a_photo_and_a_name_that_is_none_are_not_found(stage: Stage) -> None:
    with db.writing() as session:
        photo = factories.photo(session, session.get_one(Contribution, stage.contribution.seq))
    for name in (photo.id, "rien"):
        assert stage.ada.get(f"/equipe/moderation/medias/{name}/sous-titres").status_code == 404


def test_the_journal_holds_hashes_and_no_words(stage: Stage) -> None:
    stage.save()
    stage.save(version="1", action="accept")
    stage.save(version="2")
    stage.ada.post(stage.path + "/suppression", data={"language": "fr", "version": "3"})
    entries = stage.journal()
    assert [entry.action for entry in entries] == [
        "captions_saved", "captions_accepted", "captions_saved", "captions_deleted"
    ]  # fmt: skip
    digest = hashlib.sha256(VTT.encode()).hexdigest()
    assert all(entry.hashes == {"vtt": digest, "language": "fr"} and entry.kind == "media" for entry in entries)


@page_alone
def test_the_page_plays_what_the_team_may_hear(world: World) -> None:
    stage = staged(world, kind="sound")
    page = stage.ada.get(stage.path).text
    assert f'<source src="/media/{stage.media.opaque}/sound.opus" type="audio/ogg; codecs=opus">' in page
    assert f'<source src="/media/{stage.media.opaque}/sound.m4a" type="audio/mp4">' in page


@page_alone
def test_words_can_be_written_before_the_recording_is_ready(stage: Stage) -> None:
    with db.writing() as session:
        media = session.get_one(Media, stage.media.seq)
        media.derivatives, media.duration = {}, None
    assert "n’est pas encore prêt" in stage.ada.get(stage.path).text
    assert stage.save(**{"end[]": ["0:01.000", "1:00:00.000", ""]}).status_code == 303


def test_nothing_said_is_complete_too(stage: Stage) -> None:
    with db.writing() as session:
        session.get_one(Media, stage.media.seq).no_speech = True
    assert stage.complete()
    stage.save(action="accept")
    assert stage.now()[1].no_speech is False
