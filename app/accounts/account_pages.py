"""My account: password, recovery codes, API tokens, sessions."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts import queries, rules, second_factor, shown_once
from app.accounts.access import AnyStaff, PresentSession, drop_cookie, own_path, set_cookie
from app.accounts.passwords import check_new, hash_password, matches
from app.accounts.schemas import ChangePasswordIn, SessionEndIn, TokenEndIn, TokenIn
from app.accounts.sessions import open_session
from app.adapters.clock import real_now
from app.db import reading, writing
from app.errors import N_, AppError, NotFound, refuse_field
from app.forms import PostedForm, add_errors, bind
from app.limits import allow, forget
from app.models import Staff, StaffSession
from app.turns import in_turn
from app.web import AdaptersDep, page, see_other

router = APIRouter()


@router.get("/equipe/compte", name="team_account")
def account_page(request: Request, staff: AnyStaff, session: PresentSession) -> Response:
    return _account(request, staff, session)


def _account(request: Request, staff: Staff, session: StaffSession, *, status: int = 200, **forms: Any) -> Response:
    """`forms`: password_form or token_form, when one was refused. A fresh token is shown here, once."""
    now = real_now()
    with reading() as db:
        lists: dict[str, Any] = {
            "tokens": queries.tokens(db, staff),
            "sessions": queries.sessions(db, staff, now=now),
            "codes_left": queries.recovery_codes_left(db, staff),
        }
    context: dict[str, Any] = {"password_form": None, "token_form": None, "session": session} | lists | forms
    fresh = shown_once.take(request, "token", session_mac=session.token_mac, at=now)
    response = page(request, "accounts/account.html", status=status, fresh=fresh, **context)
    shown_once.forget(request, response)
    return response


# Not in turn: hashing comes before the transaction.
@router.post("/equipe/compte/mot-de-passe", name="team_change_password")
def change_password(
    request: Request, staff: AnyStaff, session: PresentSession, posted: PostedForm, adapters: AdaptersDep
) -> Response:
    form = bind(ChangePasswordIn, posted)
    try:
        token = _change(staff, session, form.data, adapters) if form.data else ""
    except AppError as error:
        add_errors(form, error)
    if form.data is None or form.errors:
        return _account(request, staff, session, status=422, password_form=form)
    response = see_other(request, "team_account", notice="saved")
    set_cookie(request, response, token)
    return response


def _change(staff: Staff, session: StaffSession, given: ChangePasswordIn, adapters: AdaptersDep) -> str:
    """Every other session ends; this one goes on under a new token."""
    allow("password", str(staff.id), most=10, window=300)
    if not matches(staff.password_hash, given.current):
        raise refuse_field("current", "wrong_password", N_("Ce n’est pas votre mot de passe actuel."))
    forget("password", str(staff.id))
    check_new(given.password, email=staff.email)
    new_hash = hash_password(given.password)
    with writing() as db:
        rules.set_password(db, staff, new_hash=new_hash, now=adapters.clock())
        return open_session(db, staff, second_factor=session.second_factor, now=real_now())


@router.get("/equipe/compte/codes", name="team_codes")
def codes_page(request: Request, staff: AnyStaff, session: PresentSession, next: str = "") -> Response:
    if staff.totp_confirmed_at is None:
        raise NotFound
    codes = shown_once.take(request, "codes", session_mac=session.token_mac, at=real_now())
    response = page(request, "accounts/codes.html", codes=codes, next=own_path(next))
    shown_once.forget(request, response)
    return response


@router.post("/equipe/compte/codes", name="team_renew_codes")
@in_turn
def renew_codes(request: Request, staff: AnyStaff, session: PresentSession, adapters: AdaptersDep) -> Response:
    if staff.totp_confirmed_at is None:
        raise NotFound
    with writing() as db:
        codes = second_factor.renew_recovery_codes(db, staff, now=adapters.clock())
    response = see_other(request, "team_codes")
    shown_once.hand_over(request, response, "codes", codes, session_mac=session.token_mac, at=real_now())
    return response


@router.post("/equipe/compte/jetons", name="team_make_token")
@in_turn
def make_token(
    request: Request, staff: AnyStaff, session: PresentSession, posted: PostedForm, adapters: AdaptersDep
) -> Response:
    form = bind(TokenIn, posted)
    if form.data is None:
        return _account(request, staff, session, status=422, token_form=form)
    with writing() as db:
        token = rules.make_token(db, staff, name=form.data.name, by=staff.actor, now=adapters.clock())
    response = see_other(request, "team_account")
    shown_once.hand_over(request, response, "token", [token], session_mac=session.token_mac, at=real_now())
    return response


@router.post("/equipe/compte/jetons/fin", name="team_revoke_token")
@in_turn
def revoke_token(
    request: Request, staff: AnyStaff, _session: PresentSession, posted: PostedForm, adapters: AdaptersDep
) -> Response:
    form = bind(TokenEndIn, posted)
    if form.data is None:
        raise NotFound
    with writing() as db:
        rules.revoke_token(db, staff, mac=form.data.token, by=staff.actor, now=adapters.clock())
    return see_other(request, "team_account", notice="saved")


@router.post("/equipe/compte/sessions/fin", name="team_end_sessions")
@in_turn
def end_mine(
    request: Request, staff: AnyStaff, session: PresentSession, posted: PostedForm, adapters: AdaptersDep
) -> Response:
    form = bind(SessionEndIn, posted)
    if form.data is None:
        raise NotFound
    with writing() as db:
        if form.data.session:
            rules.close_session(db, staff, mac=form.data.session, now=adapters.clock())
        else:
            rules.close_sessions(db, staff, by=staff, now=adapters.clock(), but=None if form.data.here_too else session)
    if not form.data.here_too:
        return see_other(request, "team_account", notice="saved")
    response = see_other(request, "team_login")
    drop_cookie(request, response)
    return response
