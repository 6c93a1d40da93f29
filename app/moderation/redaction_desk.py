"""What the item's page shows of hidden words: rows to fill in, what programs noticed, who read the original again."""

import re
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from app.errors import N_
from app.models import Original, OriginalOpening, Signal, SignalState
from app.moderation.redaction_schemas import LABEL_LIMIT, PARTS, Place

BLANK_ROWS = 3  # for those without the script, which adds as many as it takes
ROW = re.compile(r"redactions\.(\d{1,4})\.(\w+)")
LABELS = (N_("prénom"), N_("nom"), N_("adresse"), N_("téléphone"), N_("e-mail"), N_("lieu"), N_("métier"), N_("âge"))
# What programs notice: the word that takes its place. Of others it is for the moderator to say.
NOTICED = {
    "phone": "téléphone",
    "email": "e-mail",
    "iban": "compte",
    "nir": "numéro",
    "address": "adresse",
    "name": "prénom",
    "person": "prénom",
}


def context(db: Session, row: Any, posted: Mapping[str, Any]) -> dict[str, Any]:
    """For templates/moderation/_redact.html and _original.html; `row` comes from `queries.item`."""
    kept = db.exec(
        select(Original).where(Original.contribution_seq == row.seq, Original.revision == row.revision)
    ).first()
    openings = kept and db.exec(
        select(OriginalOpening).where(OriginalOpening.original_seq == kept.seq).order_by(col(OriginalOpening.seq))
    )
    texts = {Place.BODY.value: row.body, Place.TITLE.value: row.title or ""}
    rows = _posted(posted, texts)
    rows += [one for one in _noticed(db, row, texts) if not any(_same(one, other) for other in rows)]
    return {
        "original": kept,
        "opened": None,
        "openings": list(openings or ()),
        "redaction_rows": [*rows, *({"place": Place.BODY.value} for _ in range(BLANK_ROWS))],
        "redacting": any(one.get("chosen") for one in rows),
        "redaction_labels": LABELS,
        "label_limit": LABEL_LIMIT,
    }


def _posted(posted: Mapping[str, Any], texts: dict[str, str]) -> list[dict[str, Any]]:
    """As they were posted, numbered as the schema counts them, so that each error stands beside its row."""
    found: dict[int, dict[str, Any]] = {}
    for name, value in posted.items():
        if part := ROW.fullmatch(name):
            found.setdefault(int(part[1]), {})[part[2]] = value
    rows = [row for _, row in sorted(found.items()) if not ("noticed" in row and "hide" not in row)]
    return [_quoted(row | {"chosen": True}, texts) for row in rows if row.keys() & {*PARTS}]


def _noticed(db: Session, row: Any, texts: dict[str, str]) -> list[dict[str, Any]]:
    """Each span that a program noticed in the current words and nobody dismissed, once."""
    noticed = db.exec(
        select(Signal).where(
            Signal.contribution_seq == row.seq, Signal.revision == row.revision,
            Signal.state != SignalState.DISMISSED, col(Signal.place).in_(list(texts)), col(Signal.start).is_not(None),
        ).order_by(col(Signal.place), col(Signal.start))
    )  # fmt: skip
    rows: list[dict[str, Any]] = []
    for one in noticed:
        if one.kind not in NOTICED or one.end is None or one.end > len(texts[one.place]):
            continue
        made = {"place": one.place, "start": one.start, "end": one.end, "label": NOTICED[one.kind], "noticed": True}
        if not any(_same(made, other) for other in rows):
            rows.append(_quoted(made, texts))
    return rows


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(str(one.get(part)) == str(other.get(part)) for part in ("place", "start", "end"))


def _quoted(row: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """With the words that lie between `start` and `end`, if there are any."""
    text = texts.get(str(row.get("place", Place.BODY.value)), "")
    start, end = str(row.get("start", "")), str(row.get("end", ""))
    spanned = start.isdecimal() and end.isdecimal()
    return row | {"quote": text[int(start) : int(end)] if spanned else ""}
