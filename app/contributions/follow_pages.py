"""/suivre: a contribution seen by its holder, opened by code or by a link; half an hour, on one device."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlmodel import Session

from app import i18n, limits
from app.contributions import erasure, holder, receipts, rules
from app.contributions.follow_session import appeal_page, way_in, way_in_again
from app.contributions.follow_session import seq as session_seq
from app.contributions.schemas import ContactIn, RevisionIn
from app.db import reading, writing
from app.errors import AppError, Conflict, FieldError, NotFound, TooMany, Unauthorized
from app.forms import MESSAGES, Form, PostedForm, add_errors, bind
from app.models import Contribution
from app.notify import access
from app.turns import in_turn
from app.web import AdaptersDep, client_address, page, see_other

router = APIRouter(include_in_schema=False)
ERASED = {"everything": "erased", "identity": "identity_erased"}  # scope: the notice afterwards


class AddressIn(ContactIn):
    """Whom to send a link to."""


@router.get("/suivre", name="follow")
def show_way_in(request: Request, adapters: AdaptersDep) -> Response:
    return way_in(request, Form(), opened=session_seq(request, adapters) is not None)


@router.post("/suivre", name="follow_open")
@in_turn
def open_by_code(request: Request, posted: PostedForm, adapters: AdaptersDep) -> Response:
    """Words or digits. Words corrected before the page ran out (`body`) come along and are shown again."""
    typed, now = str(posted.get("code", "")), adapters.clock()
    form = _words_typed(posted)
    try:
        with writing() as db:
            seq = receipts.opened_by(db, typed, who=client_address(request))
            token = receipts.open_follow(db, seq, now=now)
            kept = _about(db, seq, now=now) if form.value("body") or form.value("words") else None
    except (Unauthorized, TooMany) as refusal:
        form.errors.append(FieldError("code", refusal.code, refusal.message))
        after = {"Retry-After": str(refusal.extra["retry_after"])} if "retry_after" in refusal.extra else {}
        return way_in(request, form, status=refusal.status, headers=after)
    answer = see_other(request, "followed") if kept is None else _typed_before(request, form, kept)
    return _with_cookie(request, answer, token)


def _typed_before(request: Request, form: Form[Any], about: dict[str, Any]) -> Response:
    """The page on which these words were typed, again."""
    return (appeal_page if form.value("words") else _correction)(request, form, about)


@router.post("/suivre/lien", name="follow_ask")
@in_turn
def ask_for_link(request: Request, posted: PostedForm, adapters: AdaptersDep) -> Response:
    """A link by e-mail. The answer is the same for a known and an unknown address."""
    form = bind(AddressIn, posted)
    if form.data is None or not form.data.email:
        form.errors = form.errors or [FieldError("email", "missing", MESSAGES["missing"])]
        return way_in(request, form, status=422)
    limits.allow("access", client_address(request), most=20, window=3600)
    with writing() as db:
        access.ask(db, form.data.email, language=i18n.current().code, now=adapters.clock())
    return page(request, "contributions/follow_sent.html")


@router.get("/suivre/lien/{token}", name="follow_link")
def show_link(request: Request, token: str, adapters: AdaptersDep) -> Response:
    """Changes nothing: mail scanners open every link."""
    with reading() as db:
        good = access.is_open(db, token, now=adapters.clock())
    return _link_page(request, token, good)


@router.post("/suivre/lien/{token}", name="follow_link_open")
@in_turn
def open_by_link(request: Request, token: str, adapters: AdaptersDep) -> Response:
    now = adapters.clock()
    with writing() as db:
        seq = access.use(db, token, now=now)
        opened = receipts.open_follow(db, seq, now=now) if seq is not None else ""
    if not opened:
        return _link_page(request, token, good=False)
    return _with_cookie(request, see_other(request, "followed"), opened)


def _link_page(request: Request, token: str, good: bool) -> Response:
    return page(request, "contributions/follow_link.html", status=200 if good else 410, token=token, good=good)


@router.get("/suivre/contribution", name="followed")
def show(request: Request, adapters: AdaptersDep) -> Response:
    seq, now = session_seq(request, adapters), adapters.clock()
    if seq is None:
        return see_other(request, "follow", notice="ended")
    with reading() as db:
        return page(request, "contributions/follow.html", own=_about(db, seq, now=now))


@router.get("/suivre/contribution/correction", name="correct")
def show_correction(request: Request, adapters: AdaptersDep) -> Response:
    seq, now = session_seq(request, adapters), adapters.clock()
    if seq is None:
        return see_other(request, "follow", notice="ended")
    with reading() as db:
        about = _about(db, seq, now=now)
    if "revise" not in about["can"]:
        return see_other(request, "followed", notice="not_now")
    words = about["revision"]
    values = {"title": words["title"] or "", "body": words["body"], "language": words["language"]}
    return _correction(request, Form(values=values), about)


@router.post("/suivre/contribution/correction", name="correct_send")
@in_turn
def send_correction(request: Request, posted: PostedForm, adapters: AdaptersDep) -> Response:
    """Whatever is refused, the words stay: also when the page has run out meanwhile."""
    seq, now, form = session_seq(request, adapters), adapters.clock(), bind(RevisionIn, posted)
    if seq is None:
        return way_in_again(request, form)
    try:
        if form.data is not None:
            with writing() as db:
                rules.revise(db, holder.held(db, seq), form.data, now=now)
            return see_other(request, "followed", notice="revised")
    except AppError as refusal:
        add_errors(form, refusal)
    with reading() as db:
        about = _about(db, seq, now=now)
    return _correction(request, form, about, status=409 if "revise" not in about["can"] else 422)


def _words_typed(posted: Any) -> Form[BaseModel]:
    return Form(values={name: str(posted.get(name, "")) for name in ("title", "body", "language", "words")})


def _correction(request: Request, form: Form[Any], about: dict[str, Any], *, status: int = 200) -> Response:
    return page(request, "contributions/follow_correct.html", status=status, form=form, own=about)


@router.get("/suivre/contribution/retrait", name="withdrawal")
def ask_withdrawal(request: Request, adapters: AdaptersDep) -> Response:
    return _ask(request, adapters, "withdraw")


@router.post("/suivre/contribution/retrait", name="withdraw")
@in_turn
def withdraw(request: Request, adapters: AdaptersDep) -> Response:
    return _act(request, adapters, rules.withdraw, "withdrawn")


@router.post("/suivre/contribution/retour", name="undo_withdrawal")
@in_turn
def undo_withdrawal(request: Request, adapters: AdaptersDep) -> Response:
    return _act(request, adapters, rules.undo_withdrawal, "restored")


@router.get("/suivre/contribution/effacement/{scope}", name="erasure")
def ask_erasure(request: Request, scope: str, adapters: AdaptersDep) -> Response:
    return _ask(request, adapters, "erase", scope=_scope(scope))


@router.post("/suivre/contribution/effacement/{scope}", name="erase")
@in_turn
def erase(request: Request, scope: str, adapters: AdaptersDep) -> Response:
    asked = _scope(scope)

    def do(db: Session, contribution: Contribution, *, now: datetime) -> None:
        erasure.erase(db, contribution, scope=asked, actor="author", now=now)

    return _act(request, adapters, do, ERASED[asked])


@router.post("/suivre/contribution/code", name="replace_code")
@in_turn
def replace_code(request: Request, adapters: AdaptersDep) -> Response:
    """A new code, shown once like the first; everything the old one opened elsewhere is closed."""
    seq, now = session_seq(request, adapters), adapters.clock()
    if seq is None:
        return see_other(request, "follow", notice="ended")
    with writing() as db:
        code = rules.replace_code(db, holder.held(db, seq), now=now)
        once, token = receipts.show_once(db, seq, code, now=now), receipts.open_follow(db, seq, now=now)
    return _with_cookie(request, see_other(request, "received", once=once), token)


@router.post("/suivre/fermer", name="follow_close")
@in_turn
def close(request: Request) -> Response:
    """On a shared phone: nobody after sees it."""
    with writing() as db:
        receipts.close_follow(db, request.cookies.get(receipts.COOKIE, ""))
    answer = see_other(request, "follow", notice="closed")
    answer.delete_cookie(receipts.COOKIE, path="/", secure=_https(request), httponly=True, samesite="lax")
    return answer


def _scope(asked: str) -> str:
    if asked not in ERASED:
        raise NotFound
    return asked


def _ask(request: Request, adapters: Any, act: str, *, scope: str = "") -> Response:
    """The page that says what will happen, before it does."""
    seq, now = session_seq(request, adapters), adapters.clock()
    if seq is None:
        return see_other(request, "follow", notice="ended")
    with reading() as db:
        about = _about(db, seq, now=now)
    if act not in about["can"]:
        return see_other(request, "followed", notice="not_now")
    return page(request, "contributions/follow_confirm.html", act=act, scope=scope, own=about)


def _act(request: Request, adapters: Any, rule: Callable[..., None], done: str) -> Response:
    seq, now = session_seq(request, adapters), adapters.clock()
    if seq is None:
        return see_other(request, "follow", notice="ended")
    try:
        with writing() as db:
            rule(db, holder.held(db, seq), now=now)
    except Conflict:
        return see_other(request, "followed", notice="not_now")
    return see_other(request, "followed", notice=done)


def _about(db: Session, seq: int, *, now: datetime) -> dict[str, Any]:
    return holder.page_view(db, holder.held(db, seq), now=now)


def _with_cookie(request: Request, answer: Response, token: str) -> Response:
    # Lax: the link in a mail leads to a page that asks before it opens, and must then find the session.
    life = int(receipts.OPEN_FOR.total_seconds())
    answer.set_cookie(
        receipts.COOKIE, token, max_age=life, path="/", secure=_https(request), httponly=True, samesite="lax"
    )
    return answer


def _https(request: Request) -> bool:
    return bool(request.app.state.settings.https)
