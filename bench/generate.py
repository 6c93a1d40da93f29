"""Databases of published contributions, filled fast: plain SQL, one transaction per chunk, index rows included."""

import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from app import db, migrate
from app.consultation.content import consultation
from app.contributions import vocabulary
from app.contributions.words import bare
from app.models.contribution import facet
from bench import language

FOLDER = Path(".bench")
FORMAT = 5  # of what is generated: older files are made again
SIZES = (1_000, 100_000, 1_000_000)
CHUNK = 20_000
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
FIRST = datetime(2022, 1, 26, 8)  # noqa: DTZ001 - as SQLite keeps it, in UTC
QUESTIONS = {"q1": 45, "q3": 30, "q2": 20, "other": 5}
KINDS = {"individual": 92, "collective": 8}
CHANNELS = {"online": 50, "street": 25, "paper": 12, "phone": 8, "workshop": 4, "email": 1}
LANGUAGES = {"fr": 940, "ar": 30, "en": 20, "uk": 7, "ti": 3}
NO_QUARTIER = 0.15
PHOTO = 0.06
RARE = 0.4
PROFILES = 20_000
DERIVATIVES = json.dumps(
    {
        f"{width}.{kind}": {
            "type": f"image/{kind}".replace("jpg", "jpeg"),
            "width": width,
            "height": width * 3 // 4,
            "size": width * 60,
        }
        for width in (400, 1024, 2048)
        for kind in ("webp", "jpg")
    }
)

CONTRIBUTION = [
    "seq", "id", "reference", "kind", "channel", "question", "language", "state", "version", "revision",
    "author_name", "organisation", "people_count", "audiences", "quartier", "help", "invented", "received_at",
    "state_since", "published_at", "published_revision", "publication_seq", "has_photo",
    "edited_by_moderation", "open_alerts",
]  # fmt: skip
REVISION = ["seq", "contribution_seq", "number", "title", "body", "language", "created_at"]
MEDIA = [
    "id", "opaque", "contribution_seq", "position", "kind", "state", "choice", "face", "voice", "mime", "size",
    "derivatives", "width", "height", "alt", "received_at",
]  # fmt: skip


def database(size: int, folder: Path = FOLDER) -> Path:
    """The database with `size` published contributions; made if it is not there."""
    path = folder / f"{size}-v{FORMAT}" / "dialogue.sqlite"
    if path.exists():
        return path
    began = time.perf_counter()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name("unfinished.sqlite")
    for left in path.parent.glob("unfinished*"):
        left.unlink()
    migrate.to(url=f"sqlite:///{unfinished.resolve()}")
    db.dispose()
    _fill(unfinished, size)
    unfinished.rename(path)
    print(f"made {size:,} contributions in {time.perf_counter() - began:.0f} s, {path.stat().st_size / 1e6:.0f} MB")
    return path


def _fill(path: Path, size: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    # A file that is made again when broken needs no sync.
    for pragma in ("synchronous=OFF", "journal_mode=OFF", "cache_size=-262144", "foreign_keys=OFF"):
        connection.execute(f"PRAGMA {pragma}")
    uses: Counter[frozenset[str]] = Counter()
    rows = _rows(size, random.Random(2022))
    for start in range(0, size, CHUNK):
        chunk = [next(rows) for _ in range(min(CHUNK, size - start))]
        connection.execute("BEGIN")
        _insert(connection, "contribution", CONTRIBUTION, (row.contribution for row in chunk))
        _insert(connection, "revision", REVISION, (row.revision for row in chunk))
        _insert(connection, "media", MEDIA, (row.media for row in chunk if row.media))
        _insert(connection, "published_index", ["rowid", "words", "plain"], (row.index for row in chunk))
        connection.execute("COMMIT")
        uses.update(each for row in chunk for each in row.plain)
    connection.execute("BEGIN")
    _insert(connection, "vocabulary", ["form", "word", "uses"], _forms(uses))
    connection.execute("UPDATE publication SET version = 1, last_seq = ?", (size,))
    connection.execute("INSERT INTO counter (name, value) VALUES ('published', ?)", (size,))
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _insert(connection: sqlite3.Connection, table: str, columns: list[str], rows: Iterator[Any]) -> None:
    marks = ",".join("?" * len(columns))
    connection.executemany(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})", rows)


@dataclass(frozen=True, slots=True)
class Row:
    contribution: tuple[Any, ...]
    revision: tuple[Any, ...]
    media: tuple[Any, ...] | None
    index: tuple[Any, ...]
    plain: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """Who says it and how: the columns of the filters, and their words in the index."""

    columns: tuple[Any, ...]  # kind … audiences, quartier
    question: str
    language: str
    photo: bool
    facets: str


def _rows(size: int, dice: random.Random) -> Iterator[Row]:
    texts, rare = language.texts(dice), language.rare(dice)
    profiles = [_profile(dice) for _ in range(PROFILES)]
    step = timedelta(days=120) / size
    pick, chance = dice.choice, dice.random
    for seq in range(1, size + 1):
        said = [pick(texts)] if chance() > RARE else [pick(texts), pick(rare)]
        yield _row(seq, said, pick(profiles), (FIRST + step * seq).isoformat(" ", "microseconds"))


def _profile(dice: random.Random) -> Profile:
    kind, channel, tongue, question = (_draw(part, dice) for part in (KINDS, CHANNELS, LANGUAGES, QUESTIONS))
    quartier = None if dice.random() < NO_QUARTIER else _draw(_quartiers(), dice)
    audiences = dice.sample(_audiences(), dice.choices((0, 1, 2, 3), (25, 50, 20, 5))[0])
    photo, collective = dice.random() < PHOTO, kind == "collective"
    facets = [
        facet("q", question), facet("k", kind), facet("c", channel), facet("l", tongue),
        *([facet("z", quartier)] if quartier else []), *([facet("h", "photo")] if photo else []),
        *(facet("a", audience) for audience in audiences),
    ]  # fmt: skip
    columns = (
        kind, channel, None if collective else dice.choice(("Nadia", "Paul", None, None)),
        "Collectif inventé" if collective else None, 12 if collective else None, json.dumps(audiences), quartier,
    )  # fmt: skip
    return Profile(columns, question, tongue, photo, " ".join(f"_{each}" for each in facets))


def _row(seq: int, said: list[language.Said], by: Profile, at: str) -> Row:
    kind, channel, name, organisation, people, audiences, quartier = by.columns
    photo = by.photo
    media = (
        f"{seq:032x}", f"m{seq:x}", seq, 0, "photo", "ready", "publish", "hide", "play", "image/jpeg", 250_000,
        DERIVATIVES, 2048, 1536, "Une photo inventée.", at,
    ) if photo else None  # fmt: skip
    return Row(
        (
            seq, f"{seq:032x}", reference(seq), kind, channel, by.question, by.language, "published", 2, 1, name,
            organisation, people, audiences, quartier, 0, 1, at, at, at, 1, seq, int(photo), 0, 0,
        ),
        (seq, seq, 1, None, " ".join(part.text for part in said), by.language, at),
        media,
        (
            seq,
            f" {' '.join(part.words for part in said)} {by.facets} ",
            " ".join(sorted(frozenset().union(*(part.plain for part in said)))),
        ),
        tuple(part.plain for part in said),
    )  # fmt: skip


@cache
def _quartiers() -> dict[str, int]:
    """The first of the file come most often."""
    return {place.id: 1000 // (n + 2) for n, place in enumerate(consultation().quartiers)}


@cache
def _audiences() -> list[str]:
    return [audience.id for audience in consultation().audiences]


def _draw(part: dict[str, int], dice: random.Random) -> str:
    return dice.choices(tuple(part), tuple(part.values()))[0]


def reference(seq: int) -> str:
    """Each once, without order: a step that shares no factor with the number of references."""
    number, letters = seq * 314_159_269 % 30**6, ""
    for _ in range(6):
        number, letter = divmod(number, 30)
        letters += ALPHABET[letter]
    return f"NS-{letters}"


def _forms(texts: Counter[frozenset[str]]) -> Iterator[tuple[str, str, int]]:
    uses: Counter[str] = Counter()
    for words, number in texts.items():
        uses.update(dict.fromkeys(words, number))
    for word, number in uses.items():
        form = bare(word)
        yield (form, word, number)
        yield from ((shorter, word, 0) for shorter in vocabulary.shorter(form))
