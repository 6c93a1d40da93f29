"""What I have done this week."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.access import AnyStaff
from app.consultation.content import consultation
from app.db import reading
from app.transparency import own
from app.transparency.waits import lasting
from app.web import AdaptersDep, page

router = APIRouter(include_in_schema=False)


@router.get("/equipe/moi", name="own_figures")
def own_figures(request: Request, staff: AnyStaff, adapters: AdaptersDep) -> Response:
    with reading() as db:
        mine = own.figures(db, staff, now=adapters.clock(), zone=consultation().zone)
    return page(request, "transparency/own.html", mine=mine, lasting=lasting)
