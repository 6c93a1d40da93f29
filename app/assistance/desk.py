"""What the desk's pages show of what programs noticed: a sentence for each signal, the words marked, what is alike."""

import re
from difflib import SequenceMatcher
from itertools import groupby, pairwise
from typing import Any

from sqlmodel import Session

from app import i18n
from app.assistance import queries
from app.assistance.found import DANGERS
from app.assistance.queries import SAMPLE, Group
from app.errors import N_
from app.models import Signal, SignalState
from app.moderation import queries as moderation_queries

WHY = {
    "phone": N_("On dirait un numéro de téléphone."),
    "email": N_("On dirait une adresse e-mail."),
    "iban": N_("On dirait un numéro de compte en banque."),
    "nir": N_("On dirait un numéro de sécurité sociale."),
    "address": N_("On dirait l’adresse de quelqu’un."),
    "name": N_("On dirait le nom de quelqu’un."),
    "link": N_("Un lien mène vers un autre site."),
    "danger": N_("Ces mots peuvent dire qu’une vie est en danger."),
    "violence": N_("Ces mots peuvent parler de violences subies."),
    "child": N_("Ces mots peuvent parler d’un enfant en danger."),
    "threat": N_("Ces mots peuvent être une menace."),
    "language": N_("Le texte semble écrit dans une autre langue : %(language)s."),
    "duplicate": N_("Ces mots ressemblent beaucoup à ceux de %(reference)s."),
    "picture": N_("Cette photo ressemble beaucoup à une photo de %(reference)s."),
}
SLURS = {
    "origin": N_("Ce mot peut rejeter des personnes pour leur origine."),
    "religion": N_("Ce mot peut rejeter des personnes pour leur religion."),
    "love": N_("Ce mot peut rejeter des personnes pour leur vie amoureuse ou leur genre."),
    "body": N_("Ce mot peut rejeter des personnes malades ou handicapées."),
    "poverty": N_("Ce mot peut rejeter des personnes pauvres."),
    "insult": N_("Ce mot peut être une insulte."),
}
ANOTHER = N_("une autre contribution")
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


def context(db: Session, row: Any, *, shown: bool) -> dict[str, Any]:
    """For templates/moderation/_signals.html and _similar.html; `row` comes from `moderation.queries.item`.

    `marked` has the title and the body in pieces: (text, anchor or "").
    """
    signals = sorted(queries.signals(db, row.seq, row.revision), key=_rank) if shown else []
    texts = {"title": row.title or "", "body": row.body or ""}
    known = queries.references(db, [one.detail["of"] for one in signals if "of" in one.detail])
    names = moderation_queries.names(db, {one.settled_by for one in signals})
    alike, others, group = queries.similar(db, row.seq, row.cluster) if shown else ([], 0, None)
    return {
        "noticed": [_shown(one, texts, known) | {"by": names[one.settled_by]} for one in signals],
        "unread": shown and row.assisted_revision < row.revision and row.state in queries.WAITING,
        "marked": {place: _pieces(place, text, signals) for place, text in texts.items()},
        "alike": alike,
        "alike_others": others,
        "group": group,
    }


def _rank(one: Signal) -> int:
    """Danger first, what is about the whole last; else the order of the text."""
    return 0 if one.kind in DANGERS else 1 if one.start is not None else 2


def _shown(one: Signal, texts: dict[str, str], known: dict[str, str]) -> dict[str, Any]:
    words = _words(one, texts)
    of = one.detail.get("of", "")
    return {
        "id": one.id, "kind": one.kind, "why": _why(one, known), "words": words, "place": one.place,
        "anchor": _anchor(one.place, one.start or 0) if words and one.state is not SignalState.DISMISSED else "",
        "danger": one.kind in DANGERS, "state": one.state.value, "at": one.settled_at,
        "detector": one.detector, "of": of if of in known else "",
    }  # fmt: skip


def _words(one: Signal, texts: dict[str, str]) -> str:
    """The marked words as they stand in the text; "" when it is about the whole."""
    if one.start is None or one.end is None:
        return ""
    return texts.get(one.place, "")[one.start : one.end]


def _why(one: Signal, known: dict[str, str]) -> str:
    if one.kind == "slur":
        return i18n.gettext(SLURS.get(one.detail.get("sort", ""), SLURS["insult"]))
    sentence = WHY["picture" if one.kind == "duplicate" and one.place != "body" else one.kind]
    reference = known.get(one.detail.get("of", "")) or i18n.gettext(ANOTHER)
    return i18n.gettext(sentence) % {"language": one.detail.get("language", ""), "reference": reference}


def _pieces(place: str, text: str, signals: list[Signal]) -> list[tuple[str, str]]:
    """The text cut where marks begin and end; a mark has the anchor of the first signal that begins in it."""
    spans = [
        (one.start, one.end)
        for one in signals
        if one.place == place and one.start is not None and one.end is not None and one.end <= len(text)
        and one.state is not SignalState.DISMISSED
    ]  # fmt: skip
    begins = {start for start, _ in spans}
    cuts = sorted({0, len(text), *(place for span in spans for place in span)})
    return [
        (text[start:end], _anchor(place, start) if start in begins else "+" if _inside(start, spans) else "")
        for start, end in pairwise(cuts)
    ]


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _anchor(place: str, start: int) -> str:
    return f"mark-{place}-{start}"


def sample(group: Group) -> list[dict[str, Any]]:
    """Some of those that wait, those that differ most from the first, with what differs marked."""
    first = _words_of(group.first.body)
    others = [one for one in group.members if one.seq != group.first.seq]
    chosen = sorted(others, key=lambda one: -len(first ^ _words_of(one.body)))[:SAMPLE]
    return [{"row": one, "pieces": _differing(group.first.body, one.body)} for one in chosen]


def _words_of(text: str) -> frozenset[str]:
    return frozenset(TOKEN.findall(text.casefold()))


def _differing(one: str, other: str) -> list[tuple[str, str]]:
    """`other` in pieces, those that are not in `one` marked with "+"."""
    before, after = TOKEN.findall(one), TOKEN.findall(other)
    matcher = SequenceMatcher(None, [word.casefold() for word in before], [word.casefold() for word in after], False)
    pieces = [
        ("".join(after[start:end]), "" if tag == "equal" else "+")
        for tag, _, _, start, end in matcher.get_opcodes()
        if end > start
    ]
    # The space between two marked words is marked with them.
    joined = [
        (text, "+" if 0 < n < len(pieces) - 1 and text.isspace() else mark) for n, (text, mark) in enumerate(pieces)
    ]
    return [("".join(text for text, _ in these), mark) for mark, these in groupby(joined, key=lambda piece: piece[1])]
