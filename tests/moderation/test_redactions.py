"""Words hidden so that the others can be published: what is replaced, where the original goes, who reads it again."""

from typing import Any

import pytest
import sqlalchemy as sa

from app import db
from app.contributions import erasure
from app.models import AuditEntry, Original, OriginalOpening, Revision, State, Transition
from tests.conftest import World
from tests.moderation.conftest import CONTACT, Desk

BODY = "Je suis Zoé Tamarisque 👩‍👩‍👧, j’habite 3 impasse des Lilas. Zoé aime les tables rondes."
NAME = BODY.index("Zoé Tamarisque")
STREET = BODY.index("3 impasse")
HIDDEN = "Je suis [prénom] 👩‍👩‍👧, j’habite [adresse]. […] aime les tables rondes."
SPANS: list[dict[str, Any]] = [
    {"start": NAME, "end": NAME + len("Zoé Tamarisque"), "label": "prénom"},
    {"start": STREET, "end": STREET + len("3 impasse des Lilas"), "label": "adresse"},
    {"start": BODY.rindex("Zoé"), "end": BODY.rindex("Zoé") + 3, "label": ""},
]


def codes(answer: Any) -> dict[str, str]:
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


def everywhere(world: World, word: str) -> list[str]:
    """The tables in which a word stands in clear."""
    found = []
    with db.reading() as session:
        for name in sa.inspect(session.connection()).get_table_names():
            rows = session.connection().execute(sa.text(f'SELECT * FROM "{name}"'))
            found += [name for row in rows if any(word in str(value) for value in row)]
    return sorted(set(found))


def test_hidden_words_are_nowhere_in_clear_and_the_public_is_told(desk: Desk) -> None:
    one = desk.have(body=BODY, title="Chez Zoé Tamarisque", **CONTACT)
    said = [*SPANS, {"place": "title", "start": 5, "end": 19, "label": "nom"}]
    answer = desk.decide(one, "publish", redactions=said, statement="Votre nom et votre adresse.")
    assert (answer.status_code, answer.json()["state"]) == (201, "published")
    assert everywhere(desk.world, "Tamarisque") == everywhere(desk.world, "Lilas") == []
    assert everywhere(desk.world, "tamarisque") == []
    public = desk.world.client.get(f"/api/v1/contributions/{one.reference}").json()
    assert (public["body"], public["title"]) == (HIDDEN, "Chez [nom]")
    assert (public["edited_by_moderation"], public["edited_reason"]) == (True, "personal")
    page = desk.world.client.get(f"/paroles/{one.reference}").text
    assert "Texte modifié par la modération" in page
    assert 'href="/charte#personal"' in page
    assert desk.world.client.get("/api/v1/contributions?q=Tamarisque").json()["items"] == []
    assert len(desk.world.client.get("/api/v1/contributions?q=rondes").json()["items"]) == 1
    [kept] = desk.rows(Original)
    assert (kept.reason, [span["label"] for span in kept.spans]) == ("personal", ["prénom", "adresse", "", "nom"])
    step = desk.rows(Transition, contribution_seq=one.seq)[-1]
    assert (step.action, step.reason, step.statement) == ("publish", "personal", "Votre nom et votre adresse.")
    assert desk.traces(one) == {"transitions": 1, "audit": 1, "messages": 1}


def test_the_original_opens_with_a_motive_that_is_kept(desk: Desk) -> None:
    one = desk.have(body=BODY)
    desk.decide(one, "publish", redactions=SPANS)
    ada, path = desk.people["ada"], f"/equipe/moderation/{one.id}"
    shown = ada.get(path).text
    assert "Tamarisque" not in shown
    assert "Voir les mots d’origine" in shown
    refused = ada.post(f"{path}/original", data={"motive": " "})
    assert (refused.status_code, "Tamarisque" in refused.text) == (422, False)
    opened = ada.post(f"{path}/original", data={"motive": "L’autrice conteste."})
    assert (opened.status_code, BODY.split(",")[0] in opened.text) == (200, True)
    assert opened.headers["cache-control"] == "private, no-store"
    [opening] = desk.rows(OriginalOpening)
    assert opening.motive == "L’autrice conteste."
    assert desk.rows(AuditEntry, object_id=str(one.id))[-1].action == "original_opened"
    again = ada.get(path).text
    assert ("Tamarisque" in again, "L’autrice conteste." in again) == (False, True)
    assert ada.post(f"/equipe/moderation/{desk.have().id}/original", data={"motive": "Voir."}).status_code == 404


BAD: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"start": 0, "end": len(BODY) + 1}, {"redactions.0.end": "redaction_beyond"}),
    ({"start": len(BODY) + 5, "end": len(BODY) + 6}, {"redactions.0.start": "redaction_beyond"}),
    ({"start": -1, "end": 4}, {"redactions.0.start": "redaction_beyond"}),
    ({"start": 4, "end": 4}, {"redactions.0.end": "redaction_empty"}),
    ({"start": 5, "end": 4}, {"redactions.0.end": "redaction_reversed"}),
    ({"start": 0}, {"redactions.0": "redaction_missing"}),
    ({"start": "un", "end": 3}, {"redactions.0.start": "int_parsing"}),
    ({"start": 0, "end": 3, "label": "a]b"}, {"redactions.0.label": "bad_label"}),
    ({"start": 0, "end": 3, "label": "a" * 21}, {"redactions.0.label": "too_long"}),
    ({"start": 0, "end": 3, "place": "author"}, {"redactions.0.place": "enum"}),
    ({"start": 0, "end": 3, "place": "title"}, {"redactions.0.end": "redaction_beyond"}),
    ({"words": "Zoé"}, {"redactions.0.words": "redaction_ambiguous"}),
    ({"words": "Zo"}, {"redactions.0.words": "redaction_ambiguous"}),  # no whole word: parts of words
    ({"words": "zoé"}, {"redactions.0.words": "redaction_not_found"}),
]


def test_what_cannot_be_hidden_is_refused_and_named(desk: Desk) -> None:
    one = desk.have(body=BODY)
    for said, expected in BAD:
        answer = desk.decide(one, "publish", redactions=[said])
        assert (answer.status_code, codes(answer)) == (422, expected), said
        assert answer.json()["errors"][0]["message"].strip()
    overlapping = [SPANS[0], {"start": NAME + 2, "end": NAME + 30}]
    assert codes(desk.decide(one, "publish", redactions=overlapping)) == {"redactions.1.start": "redaction_overlap"}
    assert codes(desk.decide(one, "refuse", redactions=SPANS)) == {"redactions": "redactions_not_here"}
    assert codes(desk.decide(one, "publish", redactions=SPANS * 40)) == {"redactions": "too_long"}
    assert codes(desk.decide(one, "publish", redactions=[SPANS[0]], reason="opinion")) == {"reason": "unknown_reason"}
    with db.reading() as session:
        assert session.get_one(Revision, desk.rows(Revision)[0].seq).body == BODY
    assert (desk.now(one).state, desk.now(one).version, desk.rows(Original)) == (State.PENDING, 1, [])


def test_words_typed_without_a_script_are_found_in_the_text(desk: Desk) -> None:
    one = desk.have(body=BODY)
    path, ada = f"/equipe/moderation/{one.id}", desk.people["ada"]
    said = {
        "version": 1,
        "revision": 1,
        "action": "publish",
        "redactions.0.words": "Zoé",
        "redactions.0.label": "prénom",
    }
    said["redactions.2.words"] = "3  impasse des\nLilas"  # the second row was left blank; spaces are not looked at
    answer = ada.post(f"{path}/decisions", data=said)
    assert (answer.status_code, "écrits 2 fois" in answer.text) == (422, True)
    assert 'value="Zoé"' in answer.text
    assert 'href="#redactions-0-words"' in answer.text
    assert 'id="redactions-0-words"' in answer.text
    answer = ada.post(f"{path}/decisions", data=said | {"redactions.0.everywhere": "true"})
    assert answer.status_code == 303
    assert desk.rows(Revision)[0].body == BODY.replace("Zoé", "[prénom]").replace("3 impasse des Lilas", "[…]")


def test_hiding_again_keeps_the_first_words_and_a_correction_starts_anew(desk: Desk) -> None:
    one = desk.have(body=BODY, **CONTACT)
    desk.decide(one, "send_to_second", redactions=[SPANS[0]])
    [kept] = desk.rows(Original)
    after = desk.rows(Revision)[0].body
    street = after.index("3 impasse")
    said = [{"start": street, "end": street + 19, "label": "adresse"}]
    assert desk.decide(desk.now(one), "publish", by="bob", redactions=said).status_code == 201
    [again] = desk.rows(Original)
    assert (again.body_sealed, len(again.spans)) == (kept.body_sealed, 2)
    other = desk.have(body=BODY)
    desk.decide(other, "send_to_second", redactions=[SPANS[0]])
    from app.contributions import rules
    from app.contributions.schemas import RevisionIn

    with db.writing() as session:
        rules.revise(session, session.merge(desk.now(other)), RevisionIn(body="Sans nom."), now=desk.world.clock())
    assert (desk.now(other).edited_by_moderation, desk.now(other).edited_reason) == (False, None)
    assert desk.decide(desk.now(other), "publish").status_code == 201
    public = desk.world.client.get(f"/api/v1/contributions/{other.reference}").json()
    assert (public["body"], public["edited_by_moderation"]) == ("Sans nom.", False)


def test_what_was_public_can_be_hidden_then_shown_without_these_words(desk: Desk) -> None:
    one = desk.have(body=BODY, state=State.PUBLISHED)
    desk.decide(one, "hide")
    assert desk.decide(desk.now(one), "restore", redactions=SPANS, reason="protection").status_code == 201
    desk.world.app.forget()
    public = desk.world.client.get(f"/api/v1/contributions/{one.reference}").json()
    assert (public["body"], public["edited_reason"]) == (HIDDEN, "protection")
    assert desk.world.client.get("/api/v1/contributions?q=Tamarisque").json()["items"] == []


@pytest.mark.parametrize("scope", ["everything", "identity"])
def test_erasure_takes_the_original_and_its_openings(desk: Desk, scope: str) -> None:
    one = desk.have(body=BODY)
    desk.decide(one, "publish", redactions=SPANS)
    desk.people["ada"].post(f"/equipe/moderation/{one.id}/original", data={"motive": "Voir."})
    with db.writing() as session:
        erasure.erase(session, session.merge(desk.now(one)), scope=scope, actor="author", now=desk.world.clock())
    assert (desk.rows(Original), desk.rows(OriginalOpening)) == ([], [])


def test_the_author_is_told_what_and_why(desk: Desk) -> None:
    from tests import factories

    with db.writing() as session:
        sent = factories.submitted(session, body=BODY)
        one, code = sent.contribution, sent.code.words
    desk.decide(one, "publish", redactions=SPANS, statement="Votre nom et votre adresse.")
    told = desk.world.client.get("/api/v1/receipt", headers={"Authorization": f"Receipt {code}"}).json()
    assert told["edited"] == {
        "reason": "personal", "article": 1, "label": "On peut reconnaître une personne",
        "hidden": ["prénom", "adresse", "…"], "text": "Votre nom et votre adresse.",
    }  # fmt: skip
    assert "withdraw" in told["can"]
    visitor = desk.world.browser()
    visitor.post("/suivre", data={"code": code})
    page = visitor.get("/suivre/contribution").text
    assert "Nous avons caché quelques mots" in page
    assert "Votre nom et votre adresse." in page
    assert "Retirer mes mots" in page


def test_what_a_program_noticed_is_hidden_once_ticked(desk: Desk) -> None:
    from app.models import Signal, SignalState

    one = desk.have(body="Appelez le 06 12 34 56 78, demandez Zoé.")
    start = len("Appelez le ")
    about = {"contribution_seq": one.seq or 0, "revision": 1, "place": "body", "detector": "essai 1"}
    with db.writing() as session:
        for kind, state in (("phone", SignalState.OPEN), ("email", SignalState.DISMISSED), ("link", SignalState.OPEN)):
            span = {"start": start, "end": start + 14, "created_at": desk.world.clock()}
            span |= {"settled_at": desk.world.clock(), "settled_by": "system"} if state is not SignalState.OPEN else {}
            session.add(Signal(kind=kind, state=state, **about, **span))
    ada, path = desk.people["ada"], f"/equipe/moderation/{one.id}"
    text = ada.get(path).text
    assert text.count("Remarqué par un programme") == 1
    assert f'name="redactions.0.start" value="{start}"' in text
    said: dict[str, Any] = {"version": 1, "revision": 1, "action": "publish", "redactions.0.place": "body"}
    said |= {"redactions.0.start": start, "redactions.0.end": start + 14, "redactions.0.noticed": "true"}
    said |= {"redactions.0.label": "téléphone", "redactions.1.words": "Zoé"}
    unticked = ada.post(f"{path}/decisions", data=said | {"redactions.1.words": "Zoë"})
    assert (unticked.status_code, unticked.text.count("Remarqué par un programme")) == (422, 1)
    assert 'name="redactions.0.words"' in unticked.text  # numbered as the schema counted them
    assert ada.post(f"{path}/decisions", data=said | {"redactions.0.hide": "true"}).status_code == 303
    assert desk.rows(Revision)[0].body == "Appelez le [téléphone], demandez […]."
