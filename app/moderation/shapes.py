"""The JSON of the desk, as docs/api.md says it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from app.media import queries as media_queries
from app.models import Alert, Appeal, Contribution, MediaState, State
from app.moderation.media_choices import ENDED
from app.moderation.queries import MEDIA_WAITING, Held
from app.moderation.queue_order import due_at
from app.moderation.queue_queries import Counts, Page

Named = dict[tuple[int, str], list[dict[str, Any]]]


def named(alerts: Mapping[int, list[Alert]], appeals: Mapping[int, Appeal]) -> Named:
    """By contribution and kind of signal: what is needed to close or to answer what is open."""
    found: Named = {
        (seq, "alert"): [{"id": str(one.id), "kind": one.kind, "at": one.opened_at.isoformat()} for one in opened]
        for seq, opened in alerts.items()
    }
    for seq, one in appeals.items():
        found[seq, "appeal"] = [{"id": str(one.id), "version": one.version, "at": one.made_at.isoformat()}]
    return found


def queue_page(page: Page, counts: Counts, named: Named) -> dict[str, Any]:
    return {
        "items": [queue_item(row, page.media[row.seq], page.noticed[row.seq], named) for row in page.rows],
        "next": page.next,
        "counts": counts.states,
        "waiting": counts.waiting,
        "flags": counts.flags,
        "media_waiting": counts.media_waiting,
    }


def queue_item(row: Any, media: list[Held], noticed: list[tuple[str, int]], named: Named) -> dict[str, Any]:
    """`row` is a row of `queries.queue` or `queries.item`; `noticed` says of `danger` no more than the row does."""
    told = [*signals(row, media), *((kind, n) for kind, n in noticed if kind != "danger")]
    return {
        "id": str(row.id),
        "reference": row.reference,
        "state": row.state.value,
        "version": row.version,
        "revision": {
            "number": row.revision,
            "title": row.title,
            "body": row.body,
            "language": row.words_language,
        },
        "channel": row.channel.value,
        "kind": row.kind.value,
        "question": row.question,
        "received_at": row.received_at.isoformat(),
        "due_at": due_at(row.received_at).isoformat(),
        "claim": {"by": row.by, "until": row.claimed_until.isoformat()} if row.by else None,
        "signals": [_signal(kind, n, named.get((row.seq, kind))) for kind, n in told if n],
        "media": [medium(one) for one in media],
    }


def _signal(kind: str, n: int, which: list[dict[str, Any]] | None) -> dict[str, Any]:
    return {"kind": kind, "open": n} | ({"which": which} if which else {})


def signals(row: Any, media: list[Held]) -> list[tuple[str, int]]:
    """(kind, how many), zero when there is none."""
    late = row.state is State.PUBLISHED
    waiting = sum(late and one.media.choice is None and one.media.state in ENDED for one in media)
    urgent = [("alert", row.open_alerts), ("danger", row.dangers), ("notice", row.open_notices)]
    return [*urgent, ("appeal", row.open_appeals), (MEDIA_WAITING, waiting)]


def kinds(media: list[Held]) -> list[tuple[str, int]]:
    """[(kind, how many)], then how many failed and how many are not ready yet; none of which there is none."""
    said = [one.media.kind.value for one in media]
    said += ["failed" for one in media if one.media.state is MediaState.FAILED]
    said += ["arriving" for one in media if one.media.state not in ENDED]
    return list(Counter(said).items())


def medium(one: Held) -> dict[str, Any]:
    return media_queries.desk_shape(one.media, one.captions)


def decided(contribution: Contribution, *, action: str, by: str) -> dict[str, Any]:
    return {
        "id": str(contribution.id),
        "reference": contribution.reference,
        "state": contribution.state.value,
        "version": contribution.version,
        "revision": contribution.revision,
        "action": action,
        "by": by,
        "at": contribution.state_since.isoformat(),
    }


def alert(one: Alert) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "kind": one.kind,
        "state": "closed" if one.closed_at else "open",
        "opened_at": one.opened_at.isoformat(),
        "closed_at": one.closed_at.isoformat() if one.closed_at else None,
    }
