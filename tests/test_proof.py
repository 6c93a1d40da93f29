"""A proof of work beyond the limits: who is asked, what opens the way, and that nobody is refused for good."""

import pytest

from app import db, limits, proof, switches
from app.errors import ProofRequired
from tests.conftest import NOW, World


def asked(who: str = "a hall", **given: object) -> str:
    """The token of the challenge that `who` gets."""
    with pytest.raises(ProofRequired) as refusal:
        proof.ask_if_many(who, **given)  # type: ignore[arg-type]
    return str(refusal.value.extra["challenge"]["token"])


def solve(token: str) -> str:
    return str(next(n for n in range(10**5) if proof._zero_bits(f"{token}:{n}") >= proof.DIFFICULTY))


def test_a_token_and_its_colon_are_one_block(world: World) -> None:
    """Whoever solves it works that block out once (static/js/proof.js)."""
    assert len(f"{proof.challenge()['token']}:") == 64


def test_waiting_opens_the_way_for_pages_alone_and_only_so_often(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "MOST", 0)
    monkeypatch.setattr(proof, "WAITED", 2)
    early = asked(page=True)
    again = asked(token=early, page=True)
    monkeypatch.setattr(proof, "SLOW_MODE", 0)
    asked(token=again)  # a program: it can compute
    proof.ask_if_many("a hall", token=again, page=True)
    asked(token=again, page=True)  # a challenge serves once
    second = asked(page=True)  # that try counted as a wait too: nobody gets through faster by asking twice
    asked(token=second, page=True)
    proof.ask_if_many("another hall", token=second, page=True)


def test_a_solution_passes_at_once_and_is_never_counted_as_a_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "MOST", 0)
    monkeypatch.setattr(proof, "DIFFICULTY", 6)
    monkeypatch.setattr(proof, "WAITED", 0)
    for page in (True, False):
        token = asked(page=page)
        proof.ask_if_many("a hall", token=token, answer=solve(token), page=page)
    signed, _, signature = token.rpartition(".")
    for forged in (f"{signed}0.{signature}", f"9{token[1:]}", "", "..", f"{signed}.é"):
        asked(token=forged, answer="1", page=True)
    old = token.replace(token[:10], "1600000000")
    asked(token=old, answer=solve(old))


def test_a_switch_works_where_limits_are_off_and_nothing_else_asks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits._State, "on", False)
    monkeypatch.setattr(proof, "MOST", 0)
    monkeypatch.setattr(proof, "DIFFICULTY", 4)
    proof.ask_if_many("a hall")
    with db.writing() as session:
        switches.turn(session, switches.Switch.PROOF, on=True, by="system", now=NOW)
    switches.forget()
    with pytest.raises(ProofRequired) as asked:
        proof.ask_if_many("a hall")
    token = asked.value.extra["challenge"]["token"]
    solved = next(n for n in range(10**4) if proof._zero_bits(f"{token}:{n}") >= 4)
    proof.ask_if_many("a hall", token=token, answer=str(solved))


def test_a_hall_passes_behind_one_address(world: World) -> None:
    for _ in range(proof.MOST):
        proof.ask_if_many("10.0.0.1")
    with pytest.raises(ProofRequired):
        proof.ask_if_many("10.0.0.1")
    proof.ask_if_many("10.0.0.2")
