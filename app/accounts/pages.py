"""The way in and out of the team's pages: password, second factor, links to choose a password."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app import i18n, qr, web
from app.accounts import menu, presence, queries, rules, second_factor, shown_once
from app.accounts.access import (
    AnyStaff,
    Begun,
    drop_cookie,
    find,
    go_on,
    own_path,
    second_step,
    set_cookie,
)  # fmt: skip
from app.accounts.passwords import check_new, hash_password, matches
from app.accounts.schemas import CodeIn, EnrolmentIn, LoginIn, NewPasswordIn, normal_email
from app.accounts.sessions import Login, end_session, open_session, owes_second_factor, session_mac
from app.adapters.clock import real_now
from app.consultation.content import consultation
from app.db import reading, writing
from app.errors import N_, AppError, FieldError, Gone
from app.forms import Form, PostedForm, add_errors, bind
from app.limits import allow, forget
from app.models import Staff
from app.outreach import outing_queries
from app.outreach import words as street
from app.turns import in_turn
from app.web import AdaptersDep, client_address, page, see_other

router = APIRouter()

MOST, WINDOW = 10, 300  # tries in seconds, by person and by address
WRONG = FieldError("", "wrong_login", N_("L’adresse ou le mot de passe ne va pas. Vérifiez les deux."))


@router.get("/equipe", name="team")
def team_page(request: Request, staff: AnyStaff, adapters: AdaptersDep) -> Response:
    with reading() as db:
        waiting = queries.waiting(db)
        codes_left = queries.recovery_codes_left(db, staff)
        on = presence.present(db, at=real_now(), now=adapters.clock())
        outings = outing_queries.at_hand(db, staff, now=adapters.clock())
    return page(
        request, "accounts/team.html", works=menu.works(staff, waiting), codes_left=codes_left, on=list(on.values()),
        outings=[(each, i18n.gettext(street.STATES[street.state(each, adapters.clock())])) for each in outings],
    )  # fmt: skip


@router.get("/equipe/connexion", name="team_login")
def login_page(request: Request, next: str = "") -> Response:
    login = find(request)
    if login and login.complete:
        return go_on(next)
    return page(request, "accounts/login.html", form=Form(values={"next": own_path(next)}))


# Not in turn: the password is compared before the transaction, and takes 80 ms.
@router.post("/equipe/connexion", name="team_log_in")
def log_in(request: Request, posted: PostedForm) -> Response:
    form = bind(LoginIn, posted)
    staff = _identify(form.data, client_address(request)) if form.data else None
    if form.data is None or staff is None:
        form.errors = form.errors or [WRONG]
        return page(request, "accounts/login.html", form=form, status=422)
    former = find(request)
    with writing() as db:
        if former and former.session:
            end_session(db, former.session)
        token = open_session(db, staff, second_factor=False, now=real_now())
    response = _onward(staff, form.data.next)
    set_cookie(request, response, token)
    return response


def _identify(given: LoginIn, address: str) -> Staff | None:
    """The person with this password. Same work and same limits whether the address is known or not."""
    person = normal_email(given.email)
    allow("login-address", address, most=MOST, window=WINDOW)
    allow("login-person", person, most=MOST, window=WINDOW)
    with reading() as db:
        staff = queries.by_email(db, person)
    if not matches(staff.password_hash if staff and staff.active else None, given.password):
        return None
    # A whole team logs in from one address in the morning: only failures in a row count.
    forget("login-address", address)
    forget("login-person", person)
    return staff


def _onward(staff: Staff, wanted: str) -> RedirectResponse:
    if owes_second_factor(staff):
        return RedirectResponse(web.url(second_step(staff), next=own_path(wanted)), 303)
    return go_on(wanted)


@router.post("/equipe/deconnexion", name="team_logout")
@in_turn
def log_out(request: Request) -> Response:
    login = find(request)
    if login and login.session:
        with writing() as db:
            end_session(db, login.session)
    response = see_other(request, "team_login", notice="out")
    drop_cookie(request, response)
    shown_once.forget(request, response)
    return response


@router.get("/equipe/double-controle", name="team_second")
def second_page(request: Request, login: Begun, next: str = "") -> Response:
    if login.complete:
        return go_on(next)
    if login.staff.totp_confirmed_at is None:
        return see_other(request, "team_enrol", next=own_path(next))
    return page(request, "accounts/second.html", form=Form(values={"next": own_path(next)}))


@router.post("/equipe/double-controle", name="team_give_code")
@in_turn
def give_code(request: Request, login: Begun, posted: PostedForm) -> Response:
    form = bind(CodeIn, posted)
    _count_code(request, login)
    try:
        token = _spend(login, form.data.code) if form.data else ""
    except AppError as error:
        add_errors(form, error)
    if form.data is None or form.errors:
        return page(request, "accounts/second.html", form=form, status=422)
    forget("second-factor", str(login.staff.id))
    response = go_on(form.data.next)
    set_cookie(request, response, token)
    return response


def _spend(login: Login, code: str) -> str:
    now = real_now()
    with writing() as db:
        second_factor.spend(db, login.staff, code=code, at=now)
        return open_session(db, login.staff, second_factor=True, now=now, former=login.session)


def _count_code(request: Request, login: Login) -> None:
    allow("second-factor", str(login.staff.id), most=MOST, window=WINDOW)
    allow("second-factor-address", client_address(request), most=5 * MOST, window=WINDOW)


@router.get("/equipe/double-controle/mise-en-place", name="team_enrol")
def enrol_page(request: Request, login: Begun, next: str = "") -> Response:
    if login.staff.totp_confirmed_at is not None:
        return see_other(request, "team_second", next=own_path(next))
    proposal = second_factor.propose(_session_mac(login))
    return _enrol_page(request, login, Form(values={"next": own_path(next), "proposal": proposal}))


@router.post("/equipe/double-controle/mise-en-place", name="team_set_second")
@in_turn
def set_second(request: Request, login: Begun, posted: PostedForm, adapters: AdaptersDep) -> Response:
    form = bind(EnrolmentIn, posted)
    _count_code(request, login)
    try:
        codes, token = _enrol(login, form.data, adapters) if form.data else ([], "")
    except ValueError:  # the page is from another session: a fresh one
        return see_other(request, "team_enrol", next=own_path(form.value("next")))
    except AppError as error:
        add_errors(form, error)
    if form.data is None or form.errors:
        return _enrol_page(request, login, form, status=422)
    response = see_other(request, "team_codes", next=own_path(form.data.next))
    set_cookie(request, response, token)
    shown_once.hand_over(request, response, "codes", codes, session_mac=session_mac(token), at=real_now())
    return response


def _enrol(login: Login, given: EnrolmentIn, adapters: AdaptersDep) -> tuple[list[str], str]:
    secret, at = second_factor.proposed(given.proposal, _session_mac(login)), real_now()
    with writing() as db:
        codes = second_factor.enrol(db, login.staff, secret=secret, code=given.code, at=at, now=adapters.clock())
        return codes, open_session(db, login.staff, second_factor=True, now=at, former=login.session)


def _enrol_page(request: Request, login: Login, form: Form[EnrolmentIn], *, status: int = 200) -> Response:
    """Shows the proposed secret as a QR code, as words, and as a link for who reads this on the same phone."""
    try:
        secret = second_factor.proposed(form.value("proposal"), _session_mac(login))
    except ValueError:
        return see_other(request, "team_enrol")
    issuer = consultation().title.in_("fr")
    address = second_factor.address(secret, email=login.staff.email, issuer=issuer)
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    drawing = qr.inline(address, scale=5)
    return page(
        request, "accounts/enrol.html", status=status, form=form, address=address, groups=groups, drawing=drawing
    )


def _session_mac(login: Login) -> str:
    return login.session.token_mac if login.session else ""


@router.get("/equipe/mot-de-passe/{link}", name="team_password")
def password_page(request: Request, link: str) -> Response:
    try:
        with reading() as db:
            person = rules.invited(db, link, at=real_now())
    except Gone as error:
        return page(request, "accounts/link_over.html", status=410, error=error)
    return page(request, "accounts/password.html", form=Form(), person=person, link=link)


# Not in turn, as above.
@router.post("/equipe/mot-de-passe/{link}", name="team_choose_password")
def choose_password(request: Request, link: str, posted: PostedForm, adapters: AdaptersDep) -> Response:
    form = bind(NewPasswordIn, posted)
    try:
        with reading() as db:
            person = rules.invited(db, link, at=real_now())
        if form.data:
            _choose(person, form.data.password, adapters)
    except Gone as error:
        return page(request, "accounts/link_over.html", status=410, error=error)
    except AppError as error:
        add_errors(form, error)
    if form.data is None or form.errors:
        return page(request, "accounts/password.html", status=422, form=form, person=person, link=link)
    return see_other(request, "team_login", notice="password")


def _choose(person: Staff, password: str, adapters: AdaptersDep) -> None:
    check_new(password, email=person.email)
    new_hash = hash_password(password)
    with writing() as db:
        rules.set_password(db, person, new_hash=new_hash, now=adapters.clock())
