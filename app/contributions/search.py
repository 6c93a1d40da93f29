"""The index of what is published: words and filters together, newest first.

One query answers any combination of words and filters: a walk over sorted lists of publication sequences,
from the newest down, that stops when the page is full. Only what is published is ever in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from app.contributions import vocabulary
from app.contributions.words import asked, index_words, plain_words, terms
from app.models import Contribution, Revision
from app.models.contribution import facets

RANKED = 1000  # relevance orders the newest matches only (docs/decisions/search-index.md)
NEAR = 2000  # publications PostgreSQL looks through before it asks its index
FINENESS = 1_000_000  # scores are whole numbers, so that a page can begin exactly behind one
CONTENT = "(SELECT id, c0 AS words FROM published_index_content)"
PREFIX_FROM = 4  # letters from which the last word may be the beginning of one


@dataclass(frozen=True)
class Wanted:
    """One search: for each word the index words it may stand under, and the filters' words."""

    words: tuple[tuple[str, ...], ...] = ()
    facets: tuple[str, ...] = ()
    counted: tuple[
        tuple[str, ...], ...
    ] = ()  # for each word what relevance counts: a whole index word, or how it begins

    def __bool__(self) -> bool:
        return bool(self.words or self.facets)


def index(db: Session, contribution: Contribution, revision: Revision, *, heard: str = "") -> None:
    """Adds a published contribution. The title counts twice; the reference is found too, and what is `heard` in it."""
    said = " ".join(filter(None, (revision.title, revision.body, heard, revision.title)))
    by = " ".join(filter(None, (contribution.organisation, contribution.author_name, contribution.reference)))
    words = index_words(f"{said} {by}", revision.language)
    plain = vocabulary.worth_keeping(plain_words(f"{said} {contribution.organisation or ''}"))
    add(db, [(contribution.publication_seq or 0, words, facet_words(facets(contribution)), " ".join(plain))])
    vocabulary.learn(db, plain)


def add(db: Session, rows: Iterable[tuple[int, list[str], list[str], str]]) -> None:
    """Rows of the index: publication sequence, words, filter words, the plain words the vocabulary learns."""
    if db.get_bind().dialect.name == "sqlite":
        statement = "INSERT INTO published_index(rowid, words, plain) VALUES (:seq, :words, :plain)"
    else:
        statement = (
            "INSERT INTO published_index(publication_seq, vector, words, plain)"
            " VALUES (:seq, array_to_tsvector(:lexemes), :words, :plain)"
        )
    values = [
        {"seq": seq, "words": f" {' '.join([*words, *filters])} ", "plain": plain}
        | ({} if "rowid" in statement else {"lexemes": sorted({*words, *filters})})
        for seq, words, filters, plain in rows
    ]
    db.connection().execute(sa.text(statement), values)


def facet_words(given: Iterable[str]) -> list[str]:
    """Filter words, marked so that no word of a text is ever one."""
    return [f"_{facet}" for facet in given]


def unindex(db: Session, publication_seq: int) -> None:
    """Takes a contribution out, at once; the vocabulary forgets what it alone said. Repeating it changes nothing."""
    at = f"FROM published_index WHERE {_key(db)} = :seq"
    connection, values = db.connection(), {"seq": publication_seq}
    plain = connection.execute(sa.text(f"SELECT plain {at}"), values).scalar()
    if plain is not None:
        connection.execute(sa.text(f"DELETE {at}"), values)
        vocabulary.forget(db, str(plain).split())


def want(db: Session, query: str, given_facets: Iterable[str]) -> Wanted | None:
    """What to look for; None when the query holds no word one can search."""
    words = asked(query)
    if query and not words:
        return None
    found = [terms(word) for word in words]
    counted = [tuple(f" {term} " for term in alternatives[:2]) for alternatives in found]
    if words and len(words[-1]) >= PREFIX_FROM:
        begun = [term for word in vocabulary.beginning(db, words[-1]) for term in terms(word)[:1]]
        if begun and found[-1][0] not in begun:  # nobody says just that: it is the beginning of what they say
            counted[-1] = (f" {found[-1][0]}",)
        found[-1] = [*found[-1], *begun]
    unique = tuple(tuple(dict.fromkeys(alternatives)) for alternatives in found)
    return Wanted(unique, tuple(facet_words(given_facets)), tuple(counted))


def find(db: Session, wanted: Wanted, *, limit: int, before: int | None = None, floor: int = 0) -> list[int]:
    """Publication sequences, newest first, below `before` and from `floor` on."""
    key, condition, match = _condition(db, wanted)
    values = {"match": match, "before": before, "floor": floor, "limit": limit}
    # The words travel as a parameter; the rest is ours.
    matches = f"SELECT {key} FROM published_index WHERE {condition}{_between(key, before, floor)}"  # noqa: S608
    if key != "rowid":
        return _near_first(db, matches, key, values)
    rows = db.connection().execute(sa.text(f"{matches} ORDER BY {key} DESC LIMIT :limit"), values)
    return [int(row[0]) for row in rows]


def _near_first(db: Session, matches: str, key: str, values: dict[str, Any]) -> list[int]:
    """For PostgreSQL: a common word fills its page among the newest, a rare one is looked up in the index.

    Left to choose, it takes a rare word for one it will soon meet, and reads the whole table for it; `+ 0` forbids it.
    """
    top = ":before" if values["before"] is not None else f"(SELECT max({key}) FROM published_index)"  # noqa: S608
    for rest in (f"AND {key} >= {top} - {NEAR} ORDER BY {key}", f"ORDER BY {key} + 0"):
        found = db.connection().execute(sa.text(f"{matches} {rest} DESC LIMIT :limit"), values).scalars().all()
        if len(found) == values["limit"]:
            break
    return list(found)


def rank(
    db: Session,
    wanted: Wanted,
    *,
    limit: int,
    top: int | None = None,
    behind: tuple[int, int] | None = None,
    floor: int = 0,
) -> list[tuple[int, int]]:
    """The best of the newest matches, not above `top`: (publication sequence, score), the smallest score first.

    `behind` is the last of the page before. A score depends on its own text alone, so nothing is skipped or
    shown twice when something else comes or goes between two pages.
    """
    key, condition, match = _condition(db, wanted)
    before = None if top is None else top + 1
    score, lengths, values = _score(wanted)
    newest = f"FROM published_index WHERE {condition}{_between(key, before, floor)} ORDER BY {key} DESC LIMIT {RANKED}"
    if key == "rowid":  # FTS5 keeps its columns in a plain table: asking it there, in its order, takes half the time
        upwards = f"SELECT seq FROM (SELECT rowid AS seq {newest}) AS n ORDER BY seq LIMIT {RANKED}"  # noqa: S608
        source = f"({upwards}) AS u CROSS JOIN {CONTENT} AS c ON c.id = u.seq"
    else:
        source = f"(SELECT {key} AS seq, words {newest}) AS n"
    behind_it = "WHERE score > :score OR (score = :score AND seq < :seq)" if behind else ""
    statement = (  # names of our own; the words travel as parameters. Materialized: each length is counted once
        f"WITH measured AS MATERIALIZED (SELECT seq, length(words) AS whole{lengths} FROM {source}),"  # noqa: S608
        f" scored AS (SELECT seq, CAST({FINENESS} * ({score}) AS integer) AS score FROM measured)"
        f" SELECT seq, score FROM scored {behind_it} ORDER BY score, seq DESC LIMIT :limit"
    )
    if behind:
        values |= dict(zip(("seq", "score"), behind, strict=True))
    values |= {"match": match, "before": before, "floor": floor, "limit": limit}
    return [(int(row[0]), int(row[1])) for row in db.connection().execute(sa.text(statement), values)]


def _condition(db: Session, wanted: Wanted) -> tuple[str, str, str]:
    """(key column, condition, match expression). Index words hold no quote, so quoting is whole."""
    if db.get_bind().dialect.name == "sqlite":
        groups = [" OR ".join(f'"{term}"' for term in alternatives) for alternatives in _groups(wanted)]
        return "rowid", "published_index MATCH :match", " AND ".join(f"({group})" for group in groups)
    groups = [" | ".join(f"'{term}'" for term in alternatives) for alternatives in _groups(wanted)]
    return "publication_seq", "vector @@ CAST(:match AS tsquery)", " & ".join(f"({group})" for group in groups)


def _groups(wanted: Wanted) -> list[tuple[str, ...]]:
    return [*wanted.words, *((facet,) for facet in wanted.facets)]


def _between(key: str, before: int | None, floor: int) -> str:
    return (f" AND {key} < :before" if before is not None else "") + (f" AND {key} >= :floor" if floor else "")


def _score(wanted: Wanted) -> tuple[str, str, dict[str, Any]]:
    """How often each word stands in the text against the text's length, levelled off; the smallest sum is the best.

    The idea of BM25, as the same sum on both databases: FTS5's bm25() would count the whole index for each search.
    Answers (sum, columns it needs, values). A word said twice in a row is counted once: saying it more is no merit.
    """
    parts, lengths, values = [], "", {}
    for n, patterns in enumerate(wanted.counted):
        lefts = []
        for m, pattern in enumerate(patterns):  # the other writings are looked for where the first is not
            values[f"t{n}_{m}"] = pattern
            lefts.append(f"nullif(length(replace(words, :t{n}_{m}, ' ')), length(words))")
        lengths += f", coalesce({', '.join(lefts)}, length(words)) AS left{n}"
        times = f"(whole - left{n}) / {len(patterns[0]) - 1}.0"
        parts.append(f"1.0 / (1.0 + {times} / (0.3 + whole / 300.0))")
    return " + ".join(parts) or "0", lengths, values


def _key(db: Session) -> str:
    return "rowid" if db.get_bind().dialect.name == "sqlite" else "publication_seq"
