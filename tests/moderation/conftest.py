"""The desk around one world: people of the team and what waits for them."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlmodel import select

from app import db
from app.models import AuditEntry, Contribution, Media, Message, Role, Staff, State, Transition
from tests import factories
from tests.conftest import World


@dataclass
class Desk:
    """Short ways to do what moderators do. `ada` and `bob` moderate."""

    world: World
    people: dict[str, Any] = field(default_factory=dict)

    def someone(self, name: str, *roles: Role, reads: list[str] | None = None) -> Any:
        """A client of a member of the team, by name."""
        with db.writing() as session:
            person = factories.staff(session, *roles, name=name, reads=reads)
            token = factories.token(session, person)
        self.people[name] = self.world.as_staff(token)
        return self.people[name]

    def have(self, make: Callable[[Any], Contribution] | None = None, **fields: Any) -> Contribution:
        """A contribution, made by the factory."""
        with db.writing() as session:
            return make(session) if make else factories.contribution(session, **fields)

    def photo(self, contribution: Contribution, **fields: Any) -> Media:
        with db.writing() as session:
            return factories.photo(session, contribution, **fields)

    def decide(self, contribution: Contribution, action: str, *, by: str = "ada", **more: Any) -> Any:
        said: dict[str, Any] = {"version": contribution.version, "revision": contribution.revision, "action": action}
        if action in ("return", "refuse", "hide"):
            said |= {"reason": "personal", "statement": "Un nom est écrit à la troisième ligne."}
        said |= more
        return self.people[by].post(f"/api/v1/moderation/{contribution.id}/decisions", json=without_none(said))

    def claim(self, contribution: Contribution, *, by: str = "ada") -> Any:
        return self.people[by].post(f"/api/v1/moderation/{contribution.id}/claim")

    def alert(self, contribution: Contribution, *, by: str = "ada", **said: Any) -> Any:
        body = {"kind": "danger", "words": "Elle dort dehors, elle a peur."} | said
        return self.people[by].post(f"/api/v1/moderation/{contribution.id}/alerts", json=body)

    def close(self, alert_id: str, *, by: str = "ada", done: str = "Jointe par téléphone, mise à l’abri.") -> Any:
        return self.people[by].post(f"/api/v1/moderation/alerts/{alert_id}/closure", json={"done": done})

    def queue(self, *, by: str = "ada", **filters: Any) -> Any:
        return self.people[by].get("/api/v1/moderation/queue", params=filters)

    def now(self, contribution: Contribution) -> Contribution:
        """The contribution as it is in the database."""
        with db.reading() as session:
            return session.get_one(Contribution, contribution.seq)

    def rows(self, table: Any, **wanted: Any) -> list[Any]:
        with db.reading() as session:
            return list(session.exec(select(table).filter_by(**wanted).order_by(table.seq)))

    def traces(self, contribution: Contribution) -> dict[str, int]:
        """How many transitions, audit entries and messages decisions left (the submission's own not counted)."""
        return {
            "transitions": len(
                [t for t in self.rows(Transition, contribution_seq=contribution.seq) if t.action != "submit"]
            ),
            "audit": len([e for e in self.rows(AuditEntry, object_id=str(contribution.id)) if e.action != "submit"]),
            "messages": len(
                [m for m in self.rows(Message, contribution_seq=contribution.seq) if m.template == "decided"]
            ),
        }


def without_none(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value is not None}


@pytest.fixture
def desk(world: World) -> Desk:
    made = Desk(world)
    made.someone("ada", Role.MODERATOR)
    made.someone("bob", Role.MODERATOR)
    return made


CONTACT = {"contact": {"email": "lea@exemple.fr"}}

__all__ = ["CONTACT", "Desk", "Staff", "State", "uuid"]
