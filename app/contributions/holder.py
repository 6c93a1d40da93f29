"""What the holder of a receipt sees and may do. Contact details are never shown back."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app import i18n
from app.addresses import rooted
from app.consultation.content import consultation
from app.contributions import appeals, edited, media_words, rules
from app.errors import N_, Unauthorized
from app.media import queries as media_queries
from app.models import Appeal, Channel, Contribution, Kind, Revision, Signal, SignalState, State, Transition

DECIDED = ("return", "refuse", "hide", "publish", "restore", "merge", "reverse")
UNPUBLISHED = frozenset({State.RETURNED, State.REFUSED, State.HIDDEN})


def held(db: Session, seq: int) -> Contribution:
    """The contribution itself, for rules."""
    contribution = db.get(Contribution, seq)
    if contribution is None:
        raise Unauthorized
    return contribution


def current_revision(db: Session, contribution: Contribution) -> Revision:
    return db.exec(
        select(Revision).where(Revision.contribution_seq == contribution.seq, Revision.number == contribution.revision)
    ).one()


def view(db: Session, contribution: Contribution, *, now: datetime) -> dict[str, Any]:
    """The answer of `GET /api/v1/receipt`.

    While an alert is open nobody reads "Non publié" in it: a person answers.
    """
    revision = current_revision(db, contribution)
    public = contribution.state is State.PUBLISHED
    appeal = appeals.about(db, contribution, now=now)
    seen: dict[str, Any] = {
        "reference": contribution.reference,
        "state": contribution.state.value,
        "revision": {
            "number": revision.number,
            "title": revision.title,
            "body": revision.body,
            "language": revision.language,
        },
        "statement": _statement(db, contribution, appeal.decision),
        "appeal": _appeal(appeal.last),
        "appeal_until": appeal.until.isoformat() if appeal.until else None,
        "edited": edited.told(db, contribution) if contribution.edited_by_moderation else None,
        "merged_into": edited.merged_into(db, contribution),
        "can": can(contribution, now=now) + (["appeal"] if appeal.until else []),
        "media": media_queries.held_media(db, contribution),
        "received_at": contribution.received_at.isoformat(),
        "url": rooted(f"/paroles/{contribution.reference}") if public else None,
    }
    if not _careful(contribution):
        return seen
    possible = [act for act in seen["can"] if act != "revise"]
    return seen | {"state": State.PENDING.value, "statement": None, "appeal": None, "can": possible}


def _careful(contribution: Contribution) -> bool:
    return contribution.open_alerts > 0 and contribution.state in UNPUBLISHED


def can(contribution: Contribution, *, now: datetime) -> list[str]:
    """What is possible now, in the words of the API."""
    allowed = []
    if contribution.state in rules.CORRECTABLE:
        allowed.append("revise")
    if contribution.state in rules.WITHDRAWABLE:
        allowed.append("withdraw")
    if rules.can_undo(contribution, now=now):
        allowed.append("undo_withdrawal")
    if contribution.state is not State.ERASED:
        allowed += ["erase", "replace_code"]
    return allowed


def _statement(db: Session, contribution: Contribution, decision: Transition | None) -> dict[str, Any] | None:
    """The reasons of the decision that stands, while nothing is published."""
    if decision is None or contribution.state not in UNPUBLISHED:
        return None
    reason = consultation().reason(decision.reason or "")
    language = i18n.current().code
    return {
        "action": decision.action,
        "reason": decision.reason,
        "article": reason.article if reason else None,
        "label": reason.label.in_(language) if reason else None,
        "text": decision.statement,
        "now": reason.now.in_(language) if reason else None,
        "by_machine": _pointed_out(db, decision),
        "at": decision.at.isoformat(),
    }


def _pointed_out(db: Session, decision: Transition) -> bool:
    """Whether a program had pointed something out before a person decided: it never decides by itself."""
    noticed = select(Signal.seq).where(
        Signal.contribution_seq == decision.contribution_seq,
        Signal.revision == decision.revision,
        Signal.state != SignalState.DISMISSED,
        Signal.created_at <= decision.at,
    )
    return db.exec(noticed.limit(1)).first() is not None


def _appeal(appeal: Appeal | None) -> dict[str, Any] | None:
    """The appeal made last, and what came of it."""
    if appeal is None:
        return None
    return {
        "state": appeal.state.value,
        "made_at": appeal.made_at.isoformat(),
        "decided_at": appeal.decided_at.isoformat() if appeal.decided_at else None,
        "statement": appeal.statement,
    }


STEPS = {
    "submit": N_("Vos mots sont bien arrivés."),
    "revise": N_("Vous avez corrigé votre texte."),
    "publish": N_("Vos mots sont publiés."),
    "restore": N_("Vos mots sont de nouveau publiés."),
    "publish_media": N_("Une personne a regardé ce qui est arrivé après vos mots."),
    "return": N_("Une personne vous demande de corriger."),
    "refuse": N_("Une personne a lu : vos mots ne sont pas publiés."),
    "hide": N_("Une personne a retiré vos mots de la publication."),
    "send_to_second": N_("Une deuxième personne va lire."),
    "reverse": N_("Une autre personne a relu et a changé la décision."),
    "hold_media": N_("Quelqu’un dit être sur un de vos fichiers : il est caché. Une personne va regarder."),
    "release_media": N_("Une personne a regardé : le fichier caché est de nouveau publié."),
    "send_media": N_("Une deuxième personne va regarder ce qui est arrivé après vos mots."),
    "merge": N_("Vos mots rejoignent une autre parole, qui dit la même chose."),
    "unmerge": N_("La parole que la vôtre avait rejointe n’existe plus. Une personne relit la vôtre."),
    "withdraw": N_("Vous avez retiré vos mots."),
    "undo_withdrawal": N_("Vous avez remis vos mots."),
    "erase_identity": N_("Vous avez effacé qui vous êtes."),
    "erase": N_("Tout est effacé."),
}


def page_view(db: Session, contribution: Contribution, *, now: datetime) -> dict[str, Any]:
    """What the follow page shows: `view`, the way so far, and until when a withdrawal can be undone."""
    seen, careful = view(db, contribution, now=now), _careful(contribution)
    return seen | {
        "way": [
            {"when": i18n.format_moment(step.at), "text": i18n.gettext(STEPS[step.action])}
            for step in history_of(db, contribution)
            if step.action in STEPS and not (careful and step.action in DECIDED)
        ],
        **_appeal_dates(seen),
        "undo_until": rules.undo_until(contribution) if rules.can_undo(contribution, now=now) else None,
        "collective": contribution.kind is Kind.COLLECTIVE,
        "media": _media(db, contribution, seen["media"]),
    }


def _media(db: Session, contribution: Contribution, media: list[dict[str, Any]]) -> list[dict[str, Any]]:
    in_the_street = contribution.channel in (Channel.STREET, Channel.PAPER)
    told = media_words.told(media, shown=_shown(db, contribution), in_the_street=in_the_street)
    return [one | {"thumb": _smallest(one)} for one in told]


def _appeal_dates(seen: dict[str, Any]) -> dict[str, datetime | None]:
    """The days a page names."""
    appeal = seen["appeal"] or {}
    days = {
        "appeal_made": appeal.get("made_at"),
        "appeal_decided": appeal.get("decided_at"),
        "appeal_before": seen["appeal_until"],
    }
    return {name: datetime.fromisoformat(day) if day else None for name, day in days.items()}


def _shown(db: Session, contribution: Contribution) -> set[str] | None:
    """Ids of its media that the public sees; None while its words are not public either."""
    if contribution.state is not State.PUBLISHED:
        return None
    public = media_queries.public_media(db, [contribution.seq or 0])
    return {one["id"] for one in public.get(contribution.seq or 0, [])}


def _smallest(medium: dict[str, Any]) -> str:
    """The address of its smallest JPEG, which every browser shows; "" when there is none."""
    plain = [name for name in medium["urls"] if name.endswith(".jpg")]
    return str(medium["urls"][min(plain, key=medium["sizes"].__getitem__)]) if plain else ""


def history_of(db: Session, contribution: Contribution) -> list[Transition]:
    """What happened, oldest first, for the follow page."""
    return list(
        db.exec(select(Transition).where(Transition.contribution_seq == contribution.seq).order_by(col(Transition.seq)))
    )
