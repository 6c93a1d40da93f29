"""`dialogue demo`: invented words, a season's meetings, the Assises, drawn pictures and four accounts.

Everything it adds that is no fact is marked as invented on the page. Running it again adds nothing.
"""

import hashlib
import io
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from PIL import Image, ImageDraw
from sqlmodel import Session, col, select

from app import db
from app.accounts import passwords, queries
from app.accounts import rules as account_rules
from app.adapters import Adapters, vault
from app.adapters.clock import real_now
from app.assises import demo as demo_assises
from app.assises import edit_walk
from app.consultation import demo_assises as assises
from app.consultation.content import consultation
from app.consultation.demo_content import DEMO, DemoContent, DemoContribution, load_demo
from app.consultation.demo_events import DemoEvent
from app.consultation.reading import ContentError
from app.contributions import history, publishing, rules
from app.contributions.schemas import ContributionIn
from app.events import demo as demo_events
from app.events import report
from app.media import attached
from app.media import jobs as media_jobs
from app.media import rules as media_rules
from app.models import Channel, Contribution, Face, Keep, Media, MediaChoice, Role, Staff, State
from app.outreach import demo as demo_outings
from app.settings import Settings

PASSWORD = "un banc au soleil 2022"  # noqa: S105 - of an instance only this machine can reach
DOMAIN = "@demo.example"
ACCOUNTS = {
    "mediation": [Role.MEDIATOR],
    "moderation": [Role.MODERATOR],
    "organisation": [Role.ORGANISER, Role.MODERATOR],
    "administration": [Role.ADMINISTRATOR],
}
VERBS = {"returned": "return", "refused": "refuse", "hidden": "hide"}


class Team(NamedTuple):
    mediator: Staff
    organiser: Staff


def load(settings: Settings, adapters: Adapters) -> Iterator[str]:
    """Loads what is missing; yields lines that say what there is. SystemExit where the content is another city's."""
    try:
        content, programme = load_demo(DEMO, consultation()), assises.load_assises(assises.DEMO, consultation())
    except ContentError:
        sys.exit("The demonstration is made for Nantes' content, and does not fit the file in DIALOGUE_CONSULTATION.")
    yield from _accounts(settings, adapters)
    with db.reading() as session:
        if session.get(Keep, "demo") is not None:
            yield "The demonstration content is there already."
            return
    # All or nothing: whoever stops it half-way can begin again. (PostgreSQL has no such shared transaction.)
    with db.sharing() if db.is_sqlite() else nullcontext():
        team = _fill(content, programme, adapters)
    yield f"{len(content.contributions)} invented contributions, marked as such on the page."
    yield f"{len(content.events)} meetings, those invented marked as such on the page."
    if team:
        yield f"{len(content.outings)} outings of the mediators, all of them invented."
    yield f"The Assises: {len(programme.sessions)} invented sessions, a walk of {len(programme.stops)} stops."


def _fill(content: DemoContent, programme: assises.DemoAssises, adapters: Adapters) -> Team | None:
    with db.reading() as session:
        moderator = queries.by_email(session, "moderation" + DOMAIN)
        actor = moderator.actor if moderator else "system"
    for meeting in content.events:
        _announce(meeting, adapters, actor)
    _gather(programme, adapters, actor)
    team = _team()
    if team:
        with db.writing() as session:
            for outing in content.outings:
                demo_outings.plan(session, outing, mediator=team.mediator, by=team.organiser)
    for example in content.contributions:
        _say(example, adapters, actor, team)
    with db.writing() as session:
        if team:
            for outing in content.outings:
                demo_outings.finish(session, outing, by=team.organiser)
        session.add(Keep(name="demo", value=adapters.clock().isoformat()))
    return team


def _team() -> Team | None:
    """Who goes to the street, and who plans it; None where no accounts are made."""
    with db.reading() as session:
        mediator, organiser = (queries.by_email(session, name + DOMAIN) for name in ("mediation", "organisation"))
    return Team(mediator, organiser) if mediator and organiser else None


def _accounts(settings: Settings, adapters: Adapters) -> Iterator[str]:
    """Known passwords only where nobody else can reach the service."""
    if not settings.base_is_loopback or not settings.embedded:
        yield "No accounts made: this instance can be reached. Use: dialogue user add EMAIL --role moderator"
        return
    hashed = passwords.hash_password(PASSWORD)
    for name, roles in ACCOUNTS.items():
        with db.writing() as session:
            if queries.by_email(session, name + DOMAIN) is None:
                staff = account_rules.add_person(
                    session,
                    email=name + DOMAIN,
                    name=name.capitalize(),
                    roles=roles,
                    password_hash=hashed,
                    by=account_rules.COMMAND_LINE,
                    now=adapters.clock(),
                )
                _enrol(staff)
                session.add(staff)
        yield f"Account: {name}{DOMAIN}   password: {PASSWORD}   roles: {', '.join(roles)}"
    yield f"Second factor: `.venv/bin/dialogue user code moderation{DOMAIN}` prints the six digits of the moment."


def _enrol(staff: Staff) -> None:
    """With a secret the command line can work out again."""
    import pyotp

    staff.totp_sealed = vault.seal("totp", pyotp.random_base32().encode())
    staff.totp_confirmed_at = real_now()


def _announce(example: DemoEvent, adapters: Adapters, actor: str) -> None:
    with db.writing() as session:
        made = demo_events.add(session, example, by=actor)
        photo = None
        if example.photo:
            stored = media_rules.store(_picture(example.photo), name="dessin.jpg", adapters=adapters)
            photo = report.add_photo(
                session, made, stored, alt=example.photo, face=Face.SHOW, by=actor, now=example.ends_at
            )
    if photo:
        media_jobs.process_media(str(photo), adapters=adapters)


def _gather(programme: assises.DemoAssises, adapters: Adapters, actor: str) -> None:
    """The Assises, with a drawing beside the stops that have one."""
    drawn = []
    with db.writing() as session:
        demo_assises.add(session, programme, by=actor)
        for stop, example in zip(edit_walk.stops(session), programme.stops, strict=True):
            if example.photo:
                stored = media_rules.store(_picture(example.photo), name="dessin.jpg", adapters=adapters)
                home, at = edit_walk.home(stop), programme.releases[-1].at
                drawn.append(attached.add(session, home, stored, alt=example.photo, face=Face.SHOW, now=at))
    for photo in drawn:
        media_jobs.process_media(str(photo), adapters=adapters)


def _say(example: DemoContribution, adapters: Adapters, actor: str, team: Team | None) -> None:
    media_id = None
    with db.writing() as session:
        wished = []
        if example.photo:
            stored = media_rules.store(_picture(example.alt or example.body), name="dessin.jpg", adapters=adapters)
            token = media_rules.keep(session, stored, now=example.received)["upload"]
            wished = [{"upload": token, "face": "hide", "people_recognisable": False, "alt": example.alt}]
        said = ContributionIn.model_validate(_fields(example) | {"media": wished})
        made = rules.submit(session, said, channel=Channel(example.channel), now=example.received).contribution
        made.invented = True
        session.add(made)
        session.flush()
        if example.outing and team:
            there, first = example.outing, example.chosen
            demo_outings.say(session, made, outing=there, chosen=first, mediator=team.mediator)
        media_id = session.execute(sa.select(Media.id).where(col(Media.contribution_seq) == made.seq)).scalar()  # type: ignore[call-overload]
    if media_id:
        media_jobs.process_media(str(media_id), adapters=adapters)
    with db.writing() as session:
        _decide(
            session,
            session.get_one(Contribution, made.seq),
            example,
            actor,
            example.received + timedelta(hours=20),
        )


def _fields(example: DemoContribution) -> dict[str, object]:
    given = example.model_dump(exclude_none=True)
    author = {
        key: given[key]
        for key in ("name", "organisation", "organisation_kind", "people_count", "method")
        if key in given
    }
    kept = {
        key: given[key]
        for key in ("kind", "question", "language", "title", "body", "quartier", "age_band", "event")
        if key in given
    }
    return kept | {
        "author": author,
        "audiences": list(example.audiences),
        "consents": {"publication": True, "age": True},
    }


def _decide(session: Session, made: Contribution, example: DemoContribution, actor: str, at: datetime) -> None:
    """As a moderator would have, the day after."""
    if example.state == "second_review":
        history.move(session, made, to=State.SECOND_REVIEW, action="send_to_second", actor=actor, now=at)
    if example.state in ("published", "hidden"):
        shown = sa.update(Media).where(col(Media.contribution_seq) == made.seq).values(choice=MediaChoice.PUBLISH)
        session.connection().execute(shown)
        history.move(session, made, to=State.PUBLISHED, action="publish", actor=actor, now=at)
        publishing.publish(session, made, now=at)
    if example.state in VERBS:
        history.move(
            session,
            made,
            to=State(example.state),
            action=VERBS[example.state],
            actor=actor,
            now=at,
            reason=example.reason,
            statement=example.statement,
            **{},
        )
        made.reason = example.reason
        session.add(made)
    if example.state == "hidden":
        publishing.unpublish(session, made)


def _picture(words: str) -> io.BytesIO:
    """A drawing from the words alone: sky, ground, a table, a thread. No photo of anybody."""
    seed = hashlib.sha256(words.encode()).digest()
    size = (1600, 1200)
    image = Image.new("RGB", size, (251, 247, 239))
    draw = ImageDraw.Draw(image)
    palette = [(10, 90, 74), (217, 72, 43), (244, 185, 66), (228, 239, 233), (68, 84, 92), (216, 204, 182)]
    horizon = 620 + seed[0]
    draw.rectangle((0, horizon, *size), fill=palette[3 + seed[1] % 3])
    draw.ellipse((900 + seed[2], 120, 1180 + seed[2], 400), fill=palette[2])
    for n in range(7):
        left, height = 60 + n * 220 + seed[3 + n] // 4, 220 + seed[10 + n]
        draw.rectangle((left, horizon - height, left + 150, horizon), fill=palette[(seed[17 + n]) % 2 * 4])
        for row in range(height // 70):
            draw.rectangle(
                (left + 30, horizon - height + 25 + row * 70, left + 65, horizon - height + 60 + row * 70),
                fill=palette[2],
            )
    draw.line(
        [(0, 980), (400, 900 + seed[25] // 2), (900, 1020), (1600, 880 + seed[26] // 2)],
        fill=palette[1],
        width=18,
        joint="curve",
    )
    for n in range(4):
        x = 200 + n * 380 + seed[27 + n]
        draw.ellipse((x, 915, x + 70, 985), fill=palette[5], outline=palette[1], width=12)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    out.seek(0)
    return out


def is_demo(email: str) -> bool:
    """Whether an address is one of the demonstration's."""
    return email.endswith(DOMAIN) and email.removesuffix(DOMAIN) in ACCOUNTS


def code_now(session: Session, email: str) -> str:
    """The second factor's six digits of this moment, of a demonstration account only."""
    import pyotp

    staff = session.exec(select(Staff).where(Staff.email == email)).one()
    secret = vault.unseal("totp", staff.totp_sealed or b"").decode()
    return str(pyotp.TOTP(secret).now())
