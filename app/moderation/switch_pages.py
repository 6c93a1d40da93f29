"""/equipe/reglages: what organisers switch while the service runs; and what the public is told of it on every page."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel

from app import switches, web
from app.accounts.access import require
from app.db import reading, writing
from app.errors import NotFound
from app.forms import Form, PostedForm, bind
from app.models import Role, Staff
from app.moderation.queries import names
from app.switches import Switch
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter(prefix="/equipe/reglages", include_in_schema=False)
Hand = Annotated[Staff, Depends(require(Role.ORGANISER, Role.ADMINISTRATOR))]


class SwitchIn(BaseModel):
    to: Literal["on", "off"]


@router.get("", name="switches")
def show_switches(request: Request, hand: Hand, adapters: AdaptersDep) -> Response:
    return _page(request, adapters.slow_above)


@router.post("/{switch}", name="switch_turn")
@in_turn
def turn(request: Request, switch: str, posted: PostedForm, hand: Hand, adapters: AdaptersDep) -> Response:
    """Turning on what is on changes nothing, and says how it stands."""
    if switch not in set(Switch):
        raise NotFound
    form = bind(SwitchIn, posted)
    if form.data is None:  # three forms of one field: the error leads to the switch that was meant
        form.errors = [replace(error, field=f"s-{switch}") for error in form.errors]
        return _page(request, adapters.slow_above, form)
    with writing() as db:
        switches.turn(db, Switch(switch), on=form.data.to == "on", by=hand.actor, now=adapters.clock())
    switches.forget()
    return see_other(request, "switches", notice="saved")


def _page(request: Request, above: int, form: Form[Any] | None = None) -> Response:
    with reading() as db:
        standing = switches.standing(db)
        actors = names(db, {setting.by for setting in standing.values()})
    return page(
        request, "moderation/switches.html", status=422 if form else 200, form=form, standing=standing, names=actors,
        above=above,
    )  # fmt: skip


def _context(_request: Request) -> dict[str, Any]:
    """What base.html's banner says."""
    return {"switched": [switch.value for switch in (Switch.PAUSE, Switch.SLOW) if switches.is_on(switch)]}


web.provide(_context)
