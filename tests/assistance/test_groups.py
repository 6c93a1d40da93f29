"""Who says nearly the same is put together; who only speaks of the same thing is not (500 of each: `make bench`)."""

import random

import pytest
import sqlalchemy as sa

from app import db
from app.assistance import jobs, likeness
from app.models import Contribution, Signal, State
from bench import likeness as bench
from tests import factories
from tests.conftest import NOW, World

TEXT = " ".join(bench.CAMPAIGN)


def test_copies_are_one_group_and_a_conversation_none(world: World) -> None:
    dice = random.Random(4)
    copies, talk = bench.copies(40, dice), bench.different(40, dice)
    with db.writing() as session:
        for body in dice.sample([*copies, *talk], 80):
            factories.contribution(session, body=body)
    sizes = sorted(bench.look_at_all(), reverse=True)
    assert sizes[0] >= 36
    assert max(sizes[1:]) <= 3
    with db.reading() as session:
        told = session.execute(sa.text("SELECT count(*) FROM signal WHERE kind = 'duplicate'")).scalar_one()
    assert told >= 35, "each but the first says whom it is like"


@pytest.mark.parametrize("text", ["Merci !", "Plus de bus le soir.", "😀 " * 50, ""])
def test_too_little_is_like_nothing(text: str) -> None:
    assert likeness.of_words(text, "fr") is None


def test_the_same_text_gives_the_same_fingerprint_in_every_process() -> None:
    one = likeness.of_words(TEXT, "fr")
    assert one
    assert (len(one.value), len(one.pieces), one.value[:4].hex()) == (512, 42, "000c0679")
    assert likeness.alike(likeness.WORDS, one.value, one.value) == 1.0


def test_photos_alike_are_put_together_and_said_to_be(world: World) -> None:
    with db.writing() as session:
        made = [factories.contribution(session, body=f"Mots {n}.") for n in range(4)]
        for one, hexadecimal in zip(
            made, ("f0f0a5a5c3c30ff0", "f0f0a5a5c3c30ff1", "0123456789abcdef", ""), strict=True
        ):
            factories.photo(session, one, details={"likeness": hexadecimal} if hexadecimal else {})
    jobs.assist(world.adapters)
    with db.reading() as session:
        first = made[0].seq
        assert [session.get_one(Contribution, one.seq).cluster for one in made] == [first, first, None, None]
        (signal,) = session.scalars(sa.select(Signal)).all()
    assert (signal.kind, signal.place.partition(":")[0], signal.detector) == ("duplicate", "media", "dhash 1")


def test_what_was_taken_back_groups_nobody(world: World) -> None:
    with db.writing() as session:
        gone = factories.contribution(session, body=TEXT)
    jobs.assist(world.adapters)
    with db.writing() as session:
        factories.set_state(session, session.get_one(Contribution, gone.seq), State.WITHDRAWN)
        new = factories.contribution(session, body=TEXT, now=NOW)
    jobs.assist(world.adapters)
    with db.reading() as session:
        assert session.get_one(Contribution, new.seq).cluster is None
