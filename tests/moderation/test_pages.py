"""The desk's pages without JavaScript: one item, a decision, what comes back when it is not taken."""

import re
from typing import Any

import pytest

from app.consultation.content import consultation
from app.models import Role, State, Transition
from tests.moderation.conftest import CONTACT, Desk


def form_of(contribution: Any, **said: Any) -> dict[str, Any]:
    return {"version": contribution.version, "revision": contribution.revision} | said


def send(desk: Desk, contribution: Any, *, by: str = "ada", **said: Any) -> Any:
    return desk.people[by].post(f"/equipe/moderation/{contribution.id}/decisions", data=form_of(contribution, **said))


def test_the_queue_shows_what_a_moderator_chooses_by(desk: Desk) -> None:
    one = desk.have(body="Une grande table au marché.", language="ar")
    desk.photo(one)
    desk.claim(one, by="bob")
    text = desk.people["ada"].get("/equipe/moderation").text
    assert one.reference in text
    assert 'lang="ar" dir="rtl"' in text
    assert "1 photo" in text
    assert "bob s’en occupe" in text
    assert re.search(r"À décider \(<span data-count=.waiting.>1</span>\)", text)
    assert "?state=published" in text
    assert "<script>" not in text
    assert "style=" not in text


def test_an_empty_queue_says_so(desk: Desk) -> None:
    assert "Rien n’attend ici." in desk.people["ada"].get("/equipe/moderation").text


def test_the_item_shows_everything_but_how_to_reach_the_author(desk: Desk) -> None:
    one = desk.have(
        body="Une grande table.", title="Dimanche", kind="collective", audiences=[consultation().audiences[0].id],
        quartier=consultation().quartiers[0].id, author={"name": "Léa", "organisation": "Le quai", "people_count": 4},
        **CONTACT,
    )  # fmt: skip
    text = desk.people["ada"].get(f"/equipe/moderation/{one.id}").text
    expected = ("Une grande table.", "Dimanche", "Léa", "Le quai", consultation().audiences[0].label.in_("fr"),
                consultation().quartiers[0].name.in_("fr"), "Publier ses mots",
                "a envoyé ces mots", "Signaler un danger")  # fmt: skip
    assert [words for words in expected if words not in text] == []
    assert "lea@exemple.fr" not in text
    assert 'name="media.' not in text


@pytest.mark.parametrize("state", [state for state in State if state is not State.ERASED])
def test_only_what_is_possible_is_offered(desk: Desk, state: State) -> None:
    one = desk.have(state=state, body="Des mots à moi.")
    answer = desk.people["ada"].get(f"/equipe/moderation/{one.id}")
    offered = re.findall(r'name="action" value="(\w+)"', answer.text)
    expected = {
        State.PENDING: ["publish", "return", "refuse", "merge", "send_to_second"],
        State.SECOND_REVIEW: ["publish", "return", "refuse"],
        State.PUBLISHED: ["hide"], State.HIDDEN: ["refuse", "restore"],
    }.get(state, [])  # fmt: skip
    assert (answer.status_code, sorted(offered)) == (200, sorted(expected))
    assert ("Des mots à moi." in answer.text) is (state is not State.WITHDRAWN)


def test_claiming_and_giving_back(desk: Desk) -> None:
    one = desk.have()
    address = f"/equipe/moderation/{one.id}"
    assert desk.people["ada"].post(address + "/prise").status_code == 303
    assert "Ne plus m’en occuper" in desk.people["ada"].get(address).text
    taken = desk.people["bob"].post(address + "/prise")
    assert (taken.status_code, "ada s’en occupe" in taken.text) == (409, True)
    assert desk.people["bob"].post(address + "/rendre").status_code == 409
    assert desk.people["ada"].post(address + "/rendre").status_code == 303
    assert desk.people["bob"].post(address + "/prise").status_code == 303


def test_after_a_decision_comes_the_next_then_the_queue(desk: Desk) -> None:
    first, second = desk.have(), desk.have()
    answer = send(desk, first, action="publish")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/equipe/moderation/{second.id}?notice=publish")
    assert "C’est publié." in desk.people["ada"].get(answer.headers["location"]).text
    answer = send(desk, second, action="publish")
    assert answer.headers["location"] == "/equipe/moderation?notice=publish"


def test_the_next_is_nobody_elses(desk: Desk) -> None:
    first, theirs, mine = desk.have(), desk.have(), desk.have()
    desk.claim(theirs, by="bob")
    assert str(mine.id) in send(desk, first, action="publish").headers["location"]


def test_a_reason_without_own_words_says_the_charters_in_the_authors_language(desk: Desk) -> None:
    reason = consultation().reason("personal")
    assert reason is not None
    for language in ("fr", "ar"):
        one = desk.have(language=language)
        assert send(desk, one, action="refuse", reason="personal").status_code == 303
        assert desk.rows(Transition, contribution_seq=one.seq)[-1].statement == reason.statement.in_(language)
    own = desk.have()
    send(desk, own, action="return", reason="personal", statement="À la ligne 2.")
    assert desk.rows(Transition, contribution_seq=own.seq)[-1].statement == "À la ligne 2."


def test_a_refused_decision_comes_back_whole(desk: Desk) -> None:
    one = desk.have()
    photo = desk.photo(one)
    choice, alt = f"media.{photo.id}.choice", f"media.{photo.id}.alt"
    answer = send(desk, one, action="publish", statement="Gardez ceci.", **{choice: "publish"})
    assert answer.status_code == 422
    assert "Dites en une phrase ce que l’on voit sur cette photo." in answer.text
    assert f'href="#{alt.replace(".", "-")}"' in answer.text
    assert "Gardez ceci." in answer.text
    assert re.search(rf'name="{re.escape(choice)}" value="publish" checked', answer.text)
    assert re.search(r'name="action" value="publish" checked', answer.text)
    assert send(desk, one).status_code == 422
    answer = send(desk, one, action="publish", **{choice: "publish", alt: "Une table."})
    assert answer.status_code == 303


def test_a_conflict_says_who_did_what_and_shows_the_item_as_it_is(desk: Desk) -> None:
    one = desk.have()
    desk.decide(one, "publish", by="bob")
    answer = send(desk, one, action="refuse", reason="personal", statement="Mes mots.")
    assert answer.status_code == 409
    assert "bob a publié" in re.sub(r"\s+", " ", answer.text)
    assert 'name="version" value="2"' in answer.text
    assert 'value="hide"' in answer.text
    assert "Mes mots." in answer.text
    claimed = desk.have()
    desk.claim(claimed, by="bob")
    answer = send(desk, claimed, action="publish")
    assert (answer.status_code, "bob s’en occupe" in answer.text) == (409, True)


def test_an_unread_language_is_said_in_plain_words(desk: Desk) -> None:
    """Before anybody decides too; and the language by its name, not its code."""
    one, unread = desk.have(body="ሰላም", language="ti"), "Personne dans l’équipe ne lit cette langue."
    before = desk.people["ada"].get(f"/equipe/moderation/{one.id}").text
    assert before.count(unread) == 1
    assert all("ትግርኛ" in text for text in (before, desk.people["ada"].get("/equipe/moderation").text))
    answer = send(desk, one, action="publish")
    assert (answer.status_code, unread in answer.text) == (422, True)
    assert unread not in desk.people["ada"].get(f"/equipe/moderation/{desk.have().id}").text


def test_earlier_texts_and_decisions_stay_readable(desk: Desk) -> None:
    from app import db
    from app.contributions import rules
    from app.contributions.schemas import RevisionIn

    one = desk.have(body="Premier jet.")
    desk.decide(one, "return", statement="Enlevez le nom.")
    with db.writing() as session:
        rules.revise(session, session.merge(desk.now(one)), RevisionIn(body="Sans le nom."), now=desk.world.clock())
    text = desk.people["ada"].get(f"/equipe/moderation/{one.id}").text
    assert [
        words
        for words in ("Premier jet.", "Sans le nom.", "Enlevez le nom.", "a demandé de corriger")
        if words not in text
    ] == []


def test_naughty_words_do_no_harm(desk: Desk) -> None:
    naughty = "<script>alert(1)</script> {{ 7*7 }} ' \" \u202e ﷽ 👩‍👩‍👧"
    one = desk.have(body=naughty, title=naughty[:60], author={"name": naughty[:40]})
    desk.alert(one, words=naughty)
    answer = desk.people["ada"].get(f"/equipe/moderation/{one.id}")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert desk.decide(one, "refuse", statement=naughty + "\x00").status_code == 409  # the alert


@pytest.mark.parametrize("language", ["", "/simple", "/en", "/ar"])
def test_pages_exist_in_every_complete_language(desk: Desk, language: str) -> None:
    one = desk.have()
    desk.someone("dora", Role.ADMINISTRATOR)
    for path in ("/equipe/moderation", f"/equipe/moderation/{one.id}", "/equipe/alertes"):
        assert desk.people["dora"].get(language + path).status_code == 200
