"""Two people: when one is not enough, and who may be the second (domain.md: a recognisable face, a minor, an alert)."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, Conflict, FieldError
from app.models import (
    Alert,
    Caption,
    CaptionState,
    Contribution,
    Face,
    Media,
    MediaChoice,
    Original,
    Signal,
    SignalState,
    Staff,
    State,
    Transition,
)
from app.moderation.media_choices import PROPOSED, SEEN, Chosen

# Kinds of signals that say somebody can be recognised, once a person confirmed them.
SOMEBODY = frozenset({"face", "person", "minor"})
SAME_PERSON = N_("Vous avez demandé une deuxième lecture. Une autre personne doit décider.")
EDITOR = N_("Vous avez modifié ces mots en dernier. Une autre personne doit décider.")
MEDIATOR = N_("Vous avez apporté ces mots. Une autre personne doit décider.")
HID = N_("Vous avez retiré ces mots de la publication. Une autre personne doit décider de les remettre.")
SHOWN_BY_ONE = N_(
    "On reconnaît quelqu’un, et la première personne n’avait pas choisi de le montrer. Floutez, ou ne le publiez pas."
)


def needed(db: Session, contribution: Contribution, made: list[Chosen]) -> bool:
    """Whether a second person must publish this. Never by the kind of a medium alone."""
    return contribution.sensitive or any(shows_somebody(one) for one in made) or _told(db, contribution)


def shows_somebody(one: Chosen) -> bool:
    """Whether a face, or people its author says can be recognised, will be seen."""
    media, zones = one.media, one.columns.get("zones", one.media.zones)
    if media.kind not in SEEN:
        return False
    if one.choice is MediaChoice.PUBLISH:
        return bool(media.people_recognisable) or (bool(media.faces) and zones != [])
    # Blurred, but for the face of whoever wants to be seen.
    left_out = zones is not None and len(zones) < len(media.faces)
    return one.choice is MediaChoice.BLUR and media.face is Face.SHOW and left_out


def _told(db: Session, contribution: Contribution) -> bool:
    """A person confirmed a signal on these words or on a medium, or an alert was closed."""
    of_now = sa.or_(col(Signal.revision) == contribution.revision, col(Signal.place).startswith("media:"))
    signal = sa.select(sa.literal(1)).where(
        col(Signal.contribution_seq) == contribution.seq, col(Signal.kind).in_(SOMEBODY),
        col(Signal.state) == SignalState.CONFIRMED, of_now,
    )  # fmt: skip
    alert = sa.select(sa.literal(1)).where(
        col(Alert.contribution_seq) == contribution.seq, col(Alert.closed_at).is_not(None)
    )
    return db.connection().execute(sa.union_all(signal, alert)).first() is not None


def newly_shown(made: list[Chosen]) -> list[Chosen]:
    """The media that will show somebody and did not, as decided or proposed before."""
    return [one for one in made if shows_somebody(one) and not shows_somebody(as_before(one.media))]


def as_before(media: Media) -> Chosen:
    """The medium as it was decided, or as a first person proposed it."""
    first = first_choice(media)
    return Chosen(media, MediaChoice(first["choice"]) if first and not media.choice else media.choice, {})


def first_choice(media: Media) -> dict[str, str] | None:
    """{choice, by}: what a first person would show of public words' late medium, until a second one decides."""
    return media.details.get(PROPOSED)


def refuse_newly(made: list[Chosen]) -> list[FieldError]:
    """The second person may be more careful than the first, not less."""
    return [FieldError(f"media.{one.media.id}.choice", "second_needed", SHOWN_BY_ONE) for one in newly_shown(made)]


def refuse_own_proposal(contribution: Contribution, made: list[Chosen], *, by: Staff) -> None:
    """Conflict `same_person` when who would show somebody in a late medium is who proposed it."""
    for one in made:
        first = first_choice(one.media)
        if first and first["by"] == by.actor and shows_somebody(one):
            raise Conflict(SAME_PERSON, code="same_person", state=contribution.state.value)


def refuse_same_person(db: Session, contribution: Contribution, *, by: Staff) -> None:
    """Conflict `same_person` when this person may not be the second."""
    if why := barred(db, contribution, actor=by.actor):
        raise Conflict(why, code="same_person", state=contribution.state.value)


def barred(db: Session, contribution: Contribution, *, actor: str) -> str:
    """Why this person may not decide here, a sentence; "" when they may. `contribution` may be a row of it."""
    if contribution.state is State.SECOND_REVIEW:
        if _last_actor(db, contribution, to=State.SECOND_REVIEW) == actor:
            return SAME_PERSON
        if _first_actor(db, contribution) == actor:
            return MEDIATOR
        return EDITOR if _last_editor(db, contribution) == actor else ""
    if contribution.state is State.HIDDEN and (contribution.sensitive or _told(db, contribution)):
        return HID if _last_actor(db, contribution, to=State.HIDDEN) == actor else ""
    return ""


def _last_actor(db: Session, contribution: Contribution, *, to: State) -> str | None:
    """Which member of the team brought it there; an author who undoes a withdrawal only brings it back."""
    return db.exec(
        select(Transition.actor)
        .where(Transition.contribution_seq == contribution.seq, Transition.to_state == to.value)
        .where(Transition.actor != "author")
        .order_by(col(Transition.seq).desc())
    ).first()


def _first_actor(db: Session, contribution: Contribution) -> str | None:
    """Whoever entered it: its author, or the mediator who wrote it down."""
    return db.exec(
        select(Transition.actor).where(Transition.contribution_seq == contribution.seq).order_by(col(Transition.seq))
    ).first()


def _last_editor(db: Session, contribution: Contribution) -> str | None:
    """Who last hid words of the current revision, or accepted captions."""
    hid = sa.select(Original.made_by.label("actor"), Original.made_at.label("at")).where(  # type: ignore[attr-defined]
        col(Original.contribution_seq) == contribution.seq, col(Original.revision) == contribution.revision
    )
    accepted = (
        sa.select(col(Caption.by), col(Caption.updated_at))
        .join(Media, col(Media.seq) == col(Caption.media_seq))
        .where(col(Media.contribution_seq) == contribution.seq, col(Caption.state) == CaptionState.ACCEPTED)
    )
    edits = sa.union_all(hid, accepted).subquery()
    return db.connection().execute(sa.select(edits.c.actor).order_by(edits.c.at.desc()).limit(1)).scalar()
