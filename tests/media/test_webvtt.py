"""Caption files as people have them: read strictly, refused with the line, written so that they read back the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Unprocessable
from app.media import webvtt
from app.media.webvtt import Cue

ONE = Cue(1000, 3500, "Bonjour à tous.")
TWO = Cue(4000, 6250, "On mange ensemble,\nle dimanche.")
VTT = """WEBVTT - un titre
Kind: captions

NOTE
une remarque, sur
deux lignes

STYLE
::cue { color: red }

intro
00:01.000 --> 00:03.500 align:start position:10%
<v Inconnu>Bonjour <i.fort>à tous</i>.

00:00:04.000 --> 00:00:06.250
On mange <00:00:05.000>ensemble,
le dimanche.
"""
SRT = """1
00:00:01,000 --> 00:00:03,500
{\\an8}<font color="red">Bonjour</font> <i>à tous</i>.

2
00:00:04,0 --> 00:00:06,25 X1:10 X2:20
On mange ensemble,
le dimanche.
"""


@pytest.mark.parametrize("text", [VTT, SRT, VTT.replace("\n", "\r\n"), SRT.replace("\n", "\r")])
def test_styles_places_and_tags_go_and_words_stay(text: str) -> None:
    assert webvtt.parse(text.encode()) == [
        Cue(1000, 3500, "Bonjour à tous."),
        TWO if "WEBVTT" in text else Cue(4000, 6250, TWO.text),
    ]


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_any_encoding_programs_write(coding: str) -> None:
    assert webvtt.parse(SRT.encode(coding))[0] == ONE


def test_marks_of_html_are_words_again() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nDu pain &amp; des jeux &lt;3\n"
    assert webvtt.parse(text.encode())[0].text == "Du pain & des jeux <3"


def test_words_in_srt_may_hold_signs() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n1 < 2 et <nous> & vous\n"
    assert webvtt.parse(text.encode())[0].text == "1 < 2 et <nous> & vous"


def test_small_faults_of_programs_are_understood() -> None:
    """No blank line between two captions, one without words, a number alone at the end, hours left out."""
    text = "1\n00:01,000 --> 00:02,000\nUn\n2\n00:00:03 --> 00:00:04\nDeux\n\n3\n00:05,000 --> 00:06,000\n\n4\n"
    assert webvtt.parse(text.encode()) == [Cue(1000, 2000, "Un"), Cue(3000, 4000, "Deux")]


FINE = "WEBVTT\n\n00:01.000 --> 00:02.000\nUn\n\n"
REFUSED = {
    # what is wrong: (the file, code, line)
    "times that are none": (FINE + "00:99.000 --> 00:03.000\nDeux\n", "captions_timing", 6),
    "an arrow with one end": (FINE + "00:03.000 -->\nDeux\n", "captions_timing", 6),
    "words without times": (FINE + "Deux\net trois\n", "captions_timeless", 6),
    "one word without times": (FINE + "Deux\n", "captions_timeless", 6),
    "a broken arrow": ("1\n00:00:01,000 -> 00:00:02,000\nUn\n\n2\n00:00:03,000 --> 00:00:04,000\nx\n",
                       "captions_timeless", 1),
    "an end before its start": (FINE + "00:04.000 --> 00:03.000\nDeux\n", "captions_end", 6),
    "an end at its start": (FINE + "00:04.000 --> 00:04.000\nDeux\n", "captions_end", 6),
    "out of order": (FINE + "00:00.500 --> 00:03.000\nDeux\n", "captions_order", 6),
    "past the end": (FINE + "00:09.000 --> 00:11.001\nDeux\n", "captions_past_end", 6),
    "minutes that are hours": ("WEBVTT\n\n00:61:00.000 --> 00:62:00.000\nUn\n", "captions_timing", 3),
    "too long a caption": (FINE + "00:03.000 --> 00:04.000\n" + "x" * 1001, "captions_long", 6),
    "nothing": ("", "captions_kind", None),
    "no caption": ("WEBVTT\n\nNOTE rien\n", "captions_none", None),
    "a letter": ("Madame, Monsieur,\n\nje vous écris.", "captions_kind", None),
    "too many": ("WEBVTT\n\n" + "00:01.000 --> 00:02.000\nx\n\n" * 5001, "captions_many", None),
    "too heavy": (FINE + "NOTE\n" + "x" * 500_000, "captions_heavy", None),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_kept_is_refused_with_its_line(name: str) -> None:
    text, code, line = REFUSED[name]
    with pytest.raises(Unprocessable) as refused:
        webvtt.parse(text.encode(), duration=10.0)
    [error] = refused.value.errors
    assert (error.field, error.code, dict(error.values).get("line")) == ("file", code, line)
    assert (line is None) or error.message.startswith("Ligne %(line)s : ")


def test_letters_that_are_none_are_refused_with_their_line() -> None:
    with pytest.raises(Unprocessable) as refused:
        webvtt.parse(b"1\n00:00:01,000 --> 00:00:02,000\nd\x81\xe9j\xe0\n")
    assert [(e.code, dict(e.values)) for e in refused.value.errors] == [("captions_letters", {"line": 3})]


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR --> ", b"\0" * 400, b"\xff\xfe\0", bytes(range(256))])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(Unprocessable):
        webvtt.parse(data)


def test_a_last_word_may_ring_on_for_a_second() -> None:
    text = "WEBVTT\n\n00:09.000 --> 00:11.000\nFin\n"
    assert webvtt.parse(text.encode(), duration=10.0) == [Cue(9000, 11000, "Fin")]


def test_two_people_may_speak_at_once() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:05.000\nUn\n\n00:01.000 --> 00:04.000\nDeux\n"
    assert len(webvtt.parse(text.encode())) == 2


def test_the_editor_names_captions_by_number_and_says_all_at_once() -> None:
    numbered = [(1, Cue(5000, 4000, "Un")), (3, Cue(1000, 90_000, "Deux"))]
    found = webvtt.faults(numbered, duration=60.0, editor=True)
    assert [(e.field, e.code) for e in found] == [("cue-1", "captions_end"), ("cue-3", "captions_order")]
    assert found[0].message.startswith("Sous-titre %(line)s")


WORDS = st.text(min_size=1, max_size=60).map(lambda text: webvtt.plain(text)).filter(bool)
CUES = st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 4000), WORDS), min_size=1, max_size=8)


@settings(max_examples=100, deadline=None)
@given(CUES)
def test_what_is_written_reads_back_the_same(spans: list[tuple[int, int, str]]) -> None:
    """Whatever the words are: tags, arrows, marks, any script."""
    at, cues = 0, []
    for gap, length, text in spans:
        at += gap
        cues.append(Cue(at, at + length, text))
    vtt = webvtt.serialise(cues)
    assert webvtt.stored(vtt) == cues
    assert webvtt.parse(vtt.encode()) == cues


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet="WEBVT\n0123:.,-> <i>&x", max_size=200).map(str.encode))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        cues = webvtt.parse(data)
    except Unprocessable:
        return
    assert cues


def test_the_transcript_has_paragraphs() -> None:
    cues = [
        Cue(0, 2000, "Bonjour."),
        Cue(2100, 4000, "Je viens de\nBellevue."),
        Cue(7000, 8000, "Une autre idée :"),
        Cue(8000, 9000, "– Et vous ?\n– Moi aussi."),
    ]
    assert webvtt.transcript_of(cues) == (
        "Bonjour. Je viens de Bellevue.\n\nUne autre idée :\n\n– Et vous ?\n\n– Moi aussi."
    )


def test_a_long_speech_is_cut_where_a_sentence_ends() -> None:
    cues = [Cue(n * 1000, n * 1000 + 900, "x" * 95 + ("." if n % 3 == 0 else "")) for n in range(12)]
    parts = webvtt.transcript_of(cues).split("\n\n")
    assert len(parts) == 2
    assert parts[0].endswith(".")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1:02.5", 62_500), ("01:02,500", 62_500), ("1:00:00", 3_600_000), ("0:7", 7000), ("5", None), ("1:61", None),
     ("1:60:00", None), ("75:00", 4_500_000), ("²:01", None), ("", None)],
)  # fmt: skip
def test_times_as_people_type_them(text: str, expected: int | None) -> None:
    assert webvtt.time_of(text) == expected


def test_times_as_people_read_them() -> None:
    assert [webvtt.clock(ms) for ms in (0, 62_500, 3_723_004)] == ["0:00.000", "1:02.500", "1:02:03.004"]
    assert webvtt.clock(62_500, whole=True) == "00:01:02.500"
