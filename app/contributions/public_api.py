"""JSON: reading what is published. Sending and following are in api.py."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.responses import JSONResponse

from app import i18n
from app.contributions import filters, gone, queries
from app.contributions.answers import ContributionList, PublicContribution
from app.contributions.public import as_json
from app.db import reading
from app.errors import Gone, Unprocessable
from app.models import Channel, Kind
from app.openapi import answers, interface

router = interface("contributions")
PUBLIC = {"Cache-Control": "public, no-cache"}
Text = Annotated[str, Query(max_length=400)]
KNOWN_FILTERS = " ".join(f"unknown_{name}" for name in filters.NAMES if name != "q")


def _one_of(values: Iterable[str]) -> Any:
    """For the document alone: filters.read says which value is wrong, and "" is none."""
    return Query(max_length=400, json_schema_extra={"enum": ["", *values]})


@router.get(
    "/contributions",
    name="api:contributions",
    responses=answers(ContributionList, e422=f"{KNOWN_FILTERS} too_long bad_cursor"),
)
def find(
    request: Request, q: Text = "", question: Text = "", kind: Annotated[str, _one_of(Kind)] = "",
    channel: Annotated[str, _one_of(Channel)] = "", audience: Text = "", quartier: Text = "", theme: Text = "",
    language: Text = "", has: Annotated[str, _one_of(filters.HAS)] = "", collective: Text = "", since: Text = "",
    sort: Literal["recent", "relevance"] = "recent", limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Text = "",
) -> JSONResponse:  # fmt: skip
    """Published contributions, newest first. With `sort=relevance`, the best of the newest 1,000 that match."""
    asked, errors = filters.read(request.query_params)
    if errors:
        raise Unprocessable(errors)
    with reading() as db:
        found = queries.find(db, asked, limit=limit, after=after, by_relevance=sort == "relevance", literally=True)
    body = {"items": [as_json(shown) for shown in found.items], "next": found.next}
    return JSONResponse(body, headers=PUBLIC)


@router.get(
    "/contributions/{reference}",
    name="api:contribution",
    responses=answers(PublicContribution, e404="not_found", e410="gone"),
)
def show(reference: str) -> JSONResponse:
    """One published contribution; 410 with the reason's label when it was public and is not any more."""
    with reading() as db:
        found = queries.one(db, reference)
    if isinstance(found, queries.Gone):
        raise gone_answer(found)
    return JSONResponse(as_json(found), headers=PUBLIC)


def gone_answer(found: queries.Gone) -> Gone:
    extra: dict[str, Any] = {"reason": gone.label(found), "date": i18n.local(found.since).date().isoformat()}
    return Gone(gone.SENTENCES[found.state], **extra)
