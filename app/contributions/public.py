"""A contribution as the public sees it: the shape of api.md, for cards, pages, feed and JSON."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from app.addresses import rooted
from app.consultation.content import consultation
from app.i18n import direction_of, local

MEDIA_KEYS = (
    "id", "kind", "type", "width", "height", "duration", "urls", "alt", "transcript", "captions", "blurred",
)  # fmt: skip
PAGES_ONLY = frozenset({"invented", "event_seq"})


def shape(row: Mapping[str, Any], media: list[dict[str, Any]]) -> dict[str, Any]:
    """`row`: the columns of `queries.COLUMNS`. Dates stay dates; `invented` and `event_seq` are for pages alone."""
    place = consultation().quartier(row["quartier"] or "")
    return {
        "id": str(row["id"]),
        "reference": row["reference"],
        "url": rooted(f"/paroles/{row['reference']}"),
        "question": row["question"],
        "kind": row["kind"].value,
        "channel": row["channel"].value,
        "title": row["title"],
        "body": row["body"],
        "language": row["language"],
        "direction": direction_of(row["language"]),
        "author": {
            "name": row["author_name"],
            "organisation": row["organisation"],
            "people_count": row["people_count"],
        },
        "audiences": row["audiences"],
        "quartier": place.id if place and not place.private else None,
        "received_on": local(row["received_at"]).date(),
        "published_at": row["published_at"],
        "edited_by_moderation": row["edited_by_moderation"],
        "edited_reason": row["edited_reason"],
        "media": media,
        "themes": [],
        "replies": [],
        "cited_in": [],
        "licence": consultation().licence.id,
        "invented": row["invented"],
        "event_seq": row["event_seq"],
    }


def as_json(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The shape with plain JSON values, and nothing beside api.md's fields."""
    plain = {key: _plain(value) for key, value in shown.items() if key not in PAGES_ONLY}
    plain["media"] = [{key: each.get(key) for key in MEDIA_KEYS} for each in shown["media"]]
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value
