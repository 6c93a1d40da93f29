"""Caption files: WebVTT and SRT are read strictly, WebVTT is written, and the words alone make the transcript.

Nothing is mended in silence (docs/decisions/captions.md): what cannot be read is refused with its line. Styles,
positions, tags and comments are dropped on purpose; the words never are. Times are milliseconds.
"""

import html
import re
from dataclasses import dataclass

from app.contributions.text import clean
from app.errors import N_, FieldError, Unprocessable, refuse_field

MOST_CUES = 5_000
MOST_BYTES = 500_000
LONGEST = 1_000  # characters of one cue
PAST_END = 1_000  # a last word may ring on after the recording's declared end
PAUSE = 2_000  # a silence that begins a new paragraph
PARAGRAPH = 500  # characters after which a finished sentence ends the paragraph
TIME = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,2}):([0-5]?[0-9])(?:[.,]([0-9]{1,3}))?")
TIMING = re.compile(rf"\s*({TIME.pattern})\s*-->\s*({TIME.pattern})(?:\s.*)?")
BLOCK = re.compile(r"(NOTE|STYLE|REGION)(?:[ \t]|$)")
VTT_TAG = re.compile(r"<[^<>]*>")
SRT_TAG = re.compile(r"</?(?:b|i|u|s|font)\b[^<>]*>|\{\\[^{}]*\}", re.IGNORECASE)
SENTENCE_END = re.compile(r"[.!?…؟۔።][»”\"’)\s]*$")
DIALOGUE = re.compile(r"^[-–—]\s*")
HEAVY = N_("Ce fichier de sous-titres est trop lourd. Il peut peser 500 Ko au plus.")
MANY = N_("Il y a trop de sous-titres : %(most)s au plus.")
UNKNOWN = N_("Ce fichier n’est pas un fichier de sous-titres. Choisissez un fichier .vtt ou .srt.")
NONE = N_("Ce fichier ne contient aucun sous-titre.")
UNREADABLE = N_("Ligne %(line)s : des lettres ne se lisent pas. Enregistrez le fichier en UTF-8, puis recommencez.")
TIMELESS = N_("Ligne %(line)s : il manque les temps au-dessus de ces mots, par exemple 00:00:01.000 --> 00:00:04.000.")
MISTIMED = N_("Ligne %(line)s : ces temps ne se lisent pas. Écrivez par exemple 00:00:01.000 --> 00:00:04.000.")
# What is wrong with a cue, by code: in a file, which has lines; in the editor, which has numbered captions.
IN_FILE = {
    "captions_end": N_("Ligne %(line)s : la fin doit venir après le début."),
    "captions_order": N_("Ligne %(line)s : ce sous-titre commence avant celui d’au-dessus."),
    "captions_past_end": N_("Ligne %(line)s : ce sous-titre finit après la fin de l’enregistrement (%(end)s)."),
    "captions_long": N_("Ligne %(line)s : ce sous-titre est trop long, %(most)s caractères au plus. Coupez-le."),
}
IN_EDITOR = {
    "captions_end": N_("Sous-titre %(line)s : la fin doit venir après le début."),
    "captions_order": N_("Sous-titre %(line)s : il commence avant celui d’au-dessus."),
    "captions_past_end": N_("Sous-titre %(line)s : il finit après la fin de l’enregistrement (%(end)s)."),
    "captions_long": N_("Sous-titre %(line)s : il est trop long, %(most)s caractères au plus. Coupez-le."),
}


@dataclass(frozen=True)
class Cue:
    """Words from `start` to `end`, in milliseconds; `text` is plain, its lines separated by a new line."""

    start: int
    end: int
    text: str


def parse(data: bytes, *, duration: float | None = None) -> list[Cue]:
    """The cues of a WebVTT or SRT file. `duration`: of the recording, in seconds, where it is known.

    Unprocessable names the field `file` and the line: captions_{heavy, letters, kind, none, many, timeless,
    timing, end, order, past_end, long}.
    """
    if len(data) > MOST_BYTES:
        raise refuse_field("file", "captions_heavy", HEAVY)
    text = _decode(data).replace("\r\n", "\n").replace("\r", "\n")
    webvtt = re.match(r"WEBVTT(?:[ \t\n]|$)", text) is not None
    if not webvtt and "-->" not in text:
        raise refuse_field("file", "captions_kind", UNKNOWN)
    numbered = _cues(text.split("\n"), webvtt=webvtt)
    if not numbered:
        raise refuse_field("file", "captions_none", NONE)
    if errors := faults(numbered, duration=duration):
        raise Unprocessable([errors[0]])
    return [cue for _, cue in numbered]


def stored(vtt: str) -> list[Cue]:
    """The cues of captions we wrote ourselves."""
    return [cue for _, cue in _cues(vtt.split("\n"), webvtt=True)]


def faults(numbered: list[tuple[int, Cue]], *, duration: float | None, editor: bool = False) -> list[FieldError]:
    """What is wrong, in order, with cues named by line (or, in the editor, by number: the field is `cue-<number>`)."""
    if len(numbered) > MOST_CUES:
        return refuse_field("" if editor else "file", "captions_many", MANY, most=MOST_CUES).errors
    found, last = [], 0
    end = None if duration is None else round(duration * 1000)
    for line, cue in numbered:
        if code := _fault(cue, after=last, end=end):
            words = (IN_EDITOR if editor else IN_FILE)[code]
            values = {"line": line, "end": clock(end or 0), "most": LONGEST}
            found.append(FieldError(f"cue-{line}" if editor else "file", code, words, tuple(values.items())))
        last = max(last, cue.start)
    return found


def _fault(cue: Cue, *, after: int, end: int | None) -> str:
    if cue.end <= cue.start:
        return "captions_end"
    if cue.start < after:
        return "captions_order"
    if end is not None and cue.end > end + PAST_END:
        return "captions_past_end"
    return "captions_long" if len(cue.text) > LONGEST else ""


def _decode(data: bytes) -> str:
    """By its mark, else UTF-16 where every other byte is nothing, else UTF-8, else what Windows writes in France."""
    coding = "utf-8-sig"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        coding = "utf-16"
    elif b"\0" in data[:100]:
        coding = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    for each in (coding, "cp1252") if coding == "utf-8-sig" else (coding,):
        try:
            text = data.decode(each)
            break
        except UnicodeDecodeError as wrong:
            line = data[: wrong.start].count(b"\n") + 1
    else:
        raise refuse_field("file", "captions_letters", UNREADABLE, line=line)
    if "\0" in text:
        raise refuse_field("file", "captions_kind", UNKNOWN)
    return text


class _Reader:
    """Where one is in a file: the cue that is open, and a line that may be the next one's name."""

    def __init__(self, *, webvtt: bool) -> None:
        self.webvtt = webvtt
        self.skipping = webvtt  # the header, a comment or a style, until the next blank line
        self.name: tuple[int, str] | None = None
        self.open: tuple[int, int, int, list[str]] | None = None  # line, start, end, words
        self.cues: list[tuple[int, Cue]] = []

    def read(self, number: int, line: str) -> None:
        if "-->" in line:
            self._begin(number, line)
        elif not line.strip():
            self._blank(line)
        elif self.skipping:
            return
        elif self.open:
            self.open[3].append(line)
        elif self.webvtt and self.name is None and BLOCK.match(line):
            self.skipping = True
        elif self.name is None:
            self.name = (number, line)
        else:
            raise refuse_field("file", "captions_timeless", TIMELESS, line=self.name[0])

    def _begin(self, number: int, line: str) -> None:
        found = TIMING.fullmatch(line)
        start, end = (time_of(found[1]), time_of(found[6])) if found else (None, None)
        if start is None or end is None:
            raise refuse_field("file", "captions_timing", MISTIMED, line=number)
        if self.open and self.open[3] and self.open[3][-1].strip().isdigit():
            self.open[3].pop()  # no blank line above: that was this one's number
        self.close()
        self.skipping, self.name, self.open = False, None, (number, start, end, [])

    def _blank(self, line: str) -> None:
        if self.open and line and not self.open[3]:
            return  # spaces where words should be: some programs write that
        self.close()
        if self.name and not self.name[1].strip().isdigit():
            raise refuse_field("file", "captions_timeless", TIMELESS, line=self.name[0])
        self.skipping, self.name = False, None

    def close(self) -> None:
        """The open cue is whole; one without words says nothing and is left out."""
        if self.open:
            line, start, end, words = self.open
            if text := plain("\n".join(words), webvtt=self.webvtt):
                self.cues.append((line, Cue(start, end, text)))
        self.open = None


def _cues(lines: list[str], *, webvtt: bool) -> list[tuple[int, Cue]]:
    """Each with the number of its line of times."""
    reader = _Reader(webvtt=webvtt)
    for number, line in enumerate(lines, start=1):
        reader.read(number, line)
        if len(reader.cues) > MOST_CUES:
            raise refuse_field("file", "captions_many", MANY, most=MOST_CUES)
    reader.read(len(lines) + 1, "")
    return reader.cues


def plain(text: str, *, webvtt: bool | None = None) -> str:
    """The words alone. `webvtt`: which tags to drop, None for words typed by a person, which have none."""
    if webvtt is not None:
        text = (VTT_TAG if webvtt else SRT_TAG).sub("", text)
        text = html.unescape(text) if webvtt else text
    lines = (line.strip() for line in str(clean(text)).split("\n"))
    return "\n".join(line for line in lines if line)


def time_of(text: str) -> int | None:
    """`1:02.5`, `01:02,500` or `0:01:02.500` in milliseconds; None for what is no time."""
    found = TIME.fullmatch(text.strip())
    if not found or (found[1] and int(found[2]) > 59):
        return None
    hours, minutes, seconds, rest = found.groups(default="0")
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(rest.ljust(3, "0"))


def clock(milliseconds: int, *, whole: bool = False) -> str:
    """As people read it, `1:02.500`; `whole`: as files want it, `00:01:02.500`."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if whole:
        return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"
    return f"{hours}:{minutes:02}:{seconds:02}.{rest:03}" if hours else f"{minutes}:{seconds:02}.{rest:03}"


def serialise(cues: list[Cue]) -> str:
    """WebVTT that `stored` reads back the same."""
    blocks = [
        f"{clock(cue.start, whole=True)} --> {clock(cue.end, whole=True)}\n{html.escape(cue.text, quote=False)}\n"
        for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def transcript_of(cues: list[Cue]) -> str:
    """The words to read: a paragraph ends at a silence, where another person speaks, or when it has grown long."""
    paragraphs: list[str] = []
    last_end: int | None = None
    for cue in cues:
        for number, line in enumerate(cue.text.split("\n")):
            silence = number == 0 and (last_end is None or cue.start - last_end >= PAUSE)
            full = paragraphs and len(paragraphs[-1]) >= PARAGRAPH and SENTENCE_END.search(paragraphs[-1])
            if silence or full or DIALOGUE.match(line):
                paragraphs.append(line)
            else:
                paragraphs[-1] += " " + line
        last_end = max(last_end or 0, cue.end)
    return "\n\n".join(paragraphs)
