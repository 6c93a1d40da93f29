"""What anybody may read about how the team decides."""

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.consultation.content import consultation
from app.contributions.list_filters import channel_names
from app.db import reading
from app.i18n import format_date, gettext
from app.i18n import gettext as _
from app.outreach import told_queries, told_words
from app.transparency import counting, figures
from app.transparency.waits import lasting
from app.web import page, translated

router = APIRouter(include_in_schema=False)


@router.get("/transparence/moderation", name="moderation_figures")
def moderation_figures(request: Request) -> Response:
    with reading() as db:
        found = figures.figures(counting.current(db, consultation().zone))
        street = told_queries.figures(db)
    return page(
        request,
        "transparency/moderation.html",
        public=True,
        figures=found,
        weeks=[(_week(row.name), row) for row in reversed(found.weeks)],
        channels=[(dict(channel_names()).get(row.name, row.name), row) for row in found.channels],
        reasons=[(_reason(row.name), row) for row in found.reasons],
        shown=[what for what, count in found.total.counts.items() if count != 0],
        street=told_words.counted(street),
        lasting=lasting,
        small=figures.SMALL,
    )


def _week(name: str) -> str:
    year, week = name.split("-W")
    return gettext("Semaine du %(day)s") % {"day": format_date(date.fromisocalendar(int(year), int(week), 1))}


def _reason(name: str) -> str:
    reason = consultation().reason(name)
    return translated(reason.label) if reason else _("Une ancienne raison")
