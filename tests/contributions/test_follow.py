"""/suivre, without JavaScript: by code or by link, for half an hour, on one device."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import db as database
from app.contributions import holder
from app.models import AccessLink, Channel, Contribution, Job, MediaChoice, MediaState, ReceiptSession, State
from tests import factories
from tests.conftest import NOW, World
from tests.contributions.residents import code_on, count, errors_on, have, receipt, shown

PAGE = "/suivre/contribution"


def opened(world: World, state: State = State.PENDING, **fields: Any) -> tuple[Contribution, str]:
    """A contribution whose page is open in the world's browser."""
    contribution, code = have(state, **fields)
    assert world.client.post("/suivre", data={"code": code}).headers["location"] == PAGE
    return contribution, code


def decide(
    contribution: Contribution, action: str, to: State, *, reason: str = "personal", statement: str = ""
) -> None:
    from app.contributions import history, publishing

    with database.writing() as db:
        fresh = db.get_one(Contribution, contribution.seq)
        history.move(db, fresh, to=to, action=action, actor="staff:0", now=NOW, reason=reason, statement=statement)
        if to is State.PUBLISHED:
            publishing.publish(db, fresh, now=NOW)


def test_the_way_in_is_private_and_not_found_by_search_engines(world: World) -> None:
    page = world.client.get("/suivre")
    assert (page.status_code, page.headers["cache-control"]) == (200, "private, no-store")
    assert "noindex" in page.text


def test_a_code_opens_the_page_with_a_cookie_of_its_own(world: World) -> None:
    _, code = have(
        body="Il manque un banc.", title="Un banc", contact={"email": "canari@exemple.fr", "phone": "0612345678"}
    )
    answer = world.client.post("/suivre", data={"code": code})
    cookie = answer.headers["set-cookie"].lower()
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert cookie.startswith("suivi=")
    assert {"httponly", "samesite=lax", "max-age=1800", "path=/"} <= {part.strip() for part in cookie.split(";")}
    page = world.client.get(PAGE)
    text = shown(page.text)
    assert page.headers["cache-control"] == "private, no-store"
    assert "noindex" in page.text
    assert "En cours de lecture" in text
    assert "Il manque un banc." in text
    assert "Vos mots sont bien arrivés." in text
    assert "canari" not in page.text
    assert "612345678" not in page.text


def test_the_cookie_is_secure_over_https(world: World) -> None:
    world.app.fastapi.state.settings = world.settings.model_copy(update={"base_url": "https://dialogue.example"})
    _, code = have()
    assert "secure" in world.client.post("/suivre", data={"code": code}).headers["set-cookie"].lower()


@pytest.mark.parametrize("typed", ["", "abeille", "12", "x" * 100_000, "\x00", "‮"])
def test_a_wrong_code_says_so_beside_the_field(world: World, typed: str) -> None:
    have()
    answer = world.client.post("/suivre", data={"code": typed})
    assert answer.status_code == 401
    assert [field for field, _ in errors_on(answer.text)] == ["code"]
    assert "set-cookie" not in answer.headers


def test_wrong_codes_are_slowed_in_words(world: World) -> None:
    answers = [world.client.post("/suivre", data={"code": "faux"}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert errors_on(answers[-1].text) == [("code", "Trop d’essais. Attendez un peu, puis recommencez.")]
    assert answers[-1].headers["retry-after"]


def test_the_page_closes_by_itself_after_half_an_hour(world: World) -> None:
    opened(world)
    world.clock.move(timedelta(minutes=29))
    assert world.client.get(PAGE).status_code == 200
    world.clock.move(timedelta(minutes=1))
    answer = world.client.get(PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/suivre?notice=ended")
    assert "une demi-heure" in world.client.get(answer.headers["location"]).text
    world.sweep()
    assert count(ReceiptSession) == 0


def test_closing_leaves_nothing_for_the_next_person(world: World) -> None:
    opened(world)
    kept = world.client.cookies["suivi"]
    assert "encore ouverte" in world.client.get("/suivre").text
    answer = world.client.post("/suivre/fermer")
    assert answer.headers["location"] == "/suivre?notice=closed"
    assert "suivi" not in world.client.cookies
    world.client.cookies.set("suivi", kept)
    assert world.client.get(PAGE).status_code == 303
    assert "encore ouverte" not in world.client.get("/suivre").text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PAGE), ("GET", f"{PAGE}/correction"), ("GET", f"{PAGE}/retrait"), ("POST", f"{PAGE}/retrait"),
        ("POST", f"{PAGE}/retour"), ("GET", f"{PAGE}/effacement/everything"), ("POST", f"{PAGE}/effacement/everything"),
        ("POST", f"{PAGE}/code"),
    ],
)  # fmt: skip
def test_without_an_open_page_there_is_only_the_way_in(world: World, method: str, path: str) -> None:
    contribution, _ = have()
    world.client.cookies.set("suivi", "nimporte-quoi")
    answer = world.client.request(method, path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/suivre?notice=ended")
    with database.reading() as db:
        assert db.get_one(Contribution, contribution.seq).version == contribution.version


def test_reasons_are_told_with_their_article_and_what_one_can_do(world: World) -> None:
    contribution, _ = opened(world)
    decide(contribution, "refuse", State.REFUSED, statement="Un nom est écrit à la troisième ligne.")
    page = world.client.get(PAGE).text
    assert re.search(r'<a class="btn[^>]*href="/participer"', page), "« renvoyez votre texte »: and the way there"
    text = re.sub(r"\s+", " ", shown(page))
    assert "Non publié : voir pourquoi" in text
    assert "Article 1 de la charte" in text
    assert "On peut reconnaître une personne" in text
    assert "Un nom est écrit à la troisième ligne." in text
    assert "Aucune machine n’a pris part à la décision." in text
    assert "Ce que vous pouvez faire :" in text
    assert "staff:" not in text


def test_a_published_one_leads_to_its_public_page_and_back_from_hidden_says_why(world: World) -> None:
    contribution, _ = opened(world)
    decide(contribution, "publish", State.PUBLISHED)
    assert f'href="/paroles/{contribution.reference}"' in world.client.get(PAGE).text
    decide(contribution, "hide", State.HIDDEN, reason="offence", statement="Une insulte.")
    page = world.client.get(PAGE).text
    assert f'href="/paroles/{contribution.reference}"' not in page
    assert "Une insulte." in page
    assert "Vos mots sont publiés." in page, "the way so far stays"


def test_while_an_alert_is_open_nobody_reads_a_refusal(world: World) -> None:
    contribution, _ = opened(world)
    decide(contribution, "refuse", State.REFUSED, statement="Trop personnel.")
    with database.writing() as db:
        db.connection().execute(sa.update(Contribution).values(open_alerts=1))
    text = shown(world.client.get(PAGE).text)
    assert "Non publié" not in text
    assert "Trop personnel." not in text
    assert "ne sont pas publiés" not in text
    assert "En cours de lecture" in text


def test_media_are_shown_with_what_happens_to_them(world: World) -> None:
    contribution, _ = opened(world)
    with database.writing() as db:
        factories.photo(db, contribution, choice=MediaChoice.PUBLISH, alt="Un banc")
        factories.photo(db, contribution)
        factories.video(db, contribution, state=MediaState.PROCESSING, step="encoding", progress=40)
        factories.sound(db, contribution, state=MediaState.UPLOADING)
        factories.sound(db, contribution, state=MediaState.RECEIVED)
        factories.video(db, contribution, state=MediaState.FAILED, failure="video_too_long")
        factories.video(db, contribution, state=MediaState.FAILED, failure="nobody_knows")
    text = shown(world.client.get(PAGE).text)
    for words in (
        "Photo 1", "Une personne est d’accord pour publier ce fichier.", "C’est prêt. Une personne va regarder.",
        "Votre vidéo est en préparation. Étape en cours : 40 %.", "L’envoi n’est pas fini.", "C’est bien arrivé.",
        "Cette vidéo est trop longue", "Ce fichier n’a pas pu être préparé.", "Vos mots sont bien là.",
    ):  # fmt: skip
        assert words in text, words


def test_who_spoke_in_the_street_is_told_whose_device_sends_the_rest(world: World) -> None:
    contribution, _ = opened(world)
    with database.writing() as db:
        db.get_one(Contribution, contribution.seq).channel = Channel.STREET
        factories.sound(db, contribution, state=MediaState.UPLOADING)
    text = shown(world.client.get(PAGE).text)
    assert "encore dans l’appareil de la personne qui vous a écouté" in text
    assert "Rouvrez la page" not in text


def test_what_was_decided_is_said_and_whether_the_public_sees_it(world: World) -> None:
    contribution, _ = opened(world)
    decide(contribution, "publish", State.PUBLISHED)
    with database.writing() as db:
        factories.photo(db, contribution, choice=MediaChoice.PUBLISH, alt="Un banc")
        factories.photo(db, contribution, choice=MediaChoice.BLUR, alt="Un banc", zones_key="0123456789abcdef")
        factories.sound(db, contribution, choice=MediaChoice.TRANSCRIPT, transcript="Oui.")
        factories.sound(db, contribution, choice=MediaChoice.WITHHOLD)
        factories.sound(db, contribution)
    text = shown(world.client.get(PAGE).text)
    for words in (
        "C’est publié.", "Nous cachons les visages.", "Les mots sont publiés, pas ce fichier.",
        "Ce fichier n’est pas publié.", "C’est prêt. Une personne va décider.",
    ):  # fmt: skip
        assert words in text, words


def test_the_holder_alone_sees_an_unpublished_photo(world: World) -> None:
    contribution, _ = opened(world)
    with database.writing() as db:
        photo = factories.photo(db, contribution)
    world.adapters.storage.put(f"media/{photo.opaque}/400.jpg", b"octets")
    address = f"/media/{photo.opaque}/400.jpg"
    assert address in world.client.get(PAGE).text
    assert world.client.get(address).status_code == 200
    assert world.browser().get(address).status_code == 404


def test_a_correction_is_prefilled_and_a_refused_one_keeps_the_words(world: World) -> None:
    contribution, _ = opened(world, body="Avant", title="Titre")
    decide(contribution, "return", State.RETURNED, statement="Enlevez le nom.")
    form = world.client.get(f"{PAGE}/correction")
    assert form.status_code == 200
    assert "Avant" in form.text
    assert 'value="Titre"' in form.text
    assert "Enlevez le nom." in form.text
    long = "Après " * 1000
    refused = world.client.post(f"{PAGE}/correction", data={"title": "Titre", "body": long})
    assert refused.status_code == 422
    assert [field for field, _ in errors_on(refused.text)] == ["body"]
    assert long.strip() in refused.text
    empty = world.client.post(f"{PAGE}/correction", data={"title": "Mon titre", "body": ""})
    assert (empty.status_code, 'value="Mon titre"' in empty.text) == (422, True)
    sent = world.client.post(f"{PAGE}/correction", data={"title": "", "body": "Après"})
    assert sent.headers["location"] == f"{PAGE}?notice=revised"
    page = shown(world.client.get(sent.headers["location"]).text)
    assert "Votre nouveau texte est bien arrivé." in page
    assert "Vous avez corrigé votre texte." in page
    assert "Après" in page


def test_words_corrected_too_late_are_kept_until_the_code_is_typed_again(world: World) -> None:
    contribution, code = opened(world, body="Avant")
    world.clock.move(timedelta(minutes=31))
    late = world.client.post(f"{PAGE}/correction", data={"title": "Titre", "body": "Mes mots d’une heure"})
    assert late.status_code == 401
    assert "Mes mots d’une heure" in late.text
    assert 'name="title" value="Titre"' in late.text
    back = world.client.post("/suivre", data={"code": code, "title": "Titre", "body": "Mes mots d’une heure"})
    assert back.status_code == 200
    assert "Mes mots d’une heure" in back.text
    assert 'value="Titre"' in back.text
    assert world.client.post(f"{PAGE}/correction", data={"body": "Mes mots d’une heure"}).status_code == 303
    with database.reading() as db:
        assert db.get_one(Contribution, contribution.seq).revision == 2


def test_what_cannot_be_corrected_any_more_says_so_and_keeps_the_words(world: World) -> None:
    contribution, _ = opened(world)
    decide(contribution, "refuse", State.REFUSED)
    assert world.client.get(f"{PAGE}/correction").headers["location"] == f"{PAGE}?notice=not_now"
    answer = world.client.post(f"{PAGE}/correction", data={"body": "Mes mots"})
    assert answer.status_code == 409
    assert "Mes mots" in answer.text


def test_withdrawing_asks_first_and_can_be_undone(world: World) -> None:
    contribution, _ = opened(world, State.PUBLISHED)
    asked = world.client.get(f"{PAGE}/retrait")
    assert "14 jours" in shown(asked.text)
    with database.reading() as db:
        assert db.get_one(Contribution, contribution.seq).state is State.PUBLISHED
    assert world.client.post(f"{PAGE}/retrait").headers["location"] == f"{PAGE}?notice=withdrawn"
    text = shown(world.client.get(PAGE).text)
    assert "Retiré par vous" in text
    assert "26 avril 2022" in text
    assert world.client.post(f"{PAGE}/retour").headers["location"] == f"{PAGE}?notice=restored"
    assert "Publié" in shown(world.client.get(PAGE).text)
    assert world.client.post(f"{PAGE}/retour").headers["location"] == f"{PAGE}?notice=not_now"


@pytest.mark.parametrize(
    ("scope", "notice", "says"),
    [
        ("identity", "identity_erased", "Vos mots et vos photos restent."),
        ("everything", "erased", "Votre code dira seulement"),
    ],
)
def test_erasing_says_what_happens_before_it_does(world: World, scope: str, notice: str, says: str) -> None:
    opened(world, body="Des mots", author={"name": "Camille"})
    asked = world.client.get(f"{PAGE}/effacement/{scope}")
    assert says in shown(asked.text)
    assert "On ne peut pas revenir en arrière." in shown(asked.text)
    assert world.client.post(f"{PAGE}/effacement/{scope}").headers["location"] == f"{PAGE}?notice={notice}"
    page = world.client.get(f"{PAGE}?notice={notice}")
    assert ("Des mots" in page.text) is (scope == "identity")
    assert 'role="status"' in page.text


def test_another_scope_is_nothing(world: World) -> None:
    opened(world)
    assert world.client.get(f"{PAGE}/effacement/autre").status_code == 404
    assert world.client.post(f"{PAGE}/effacement/autre").status_code == 404


def test_a_new_code_is_shown_once_like_the_first(world: World) -> None:
    _, old = opened(world)
    answer = world.client.post(f"{PAGE}/code")
    page = world.client.get(answer.headers["location"])
    new = code_on(page.text)
    assert "Voici votre nouveau code" in page.text
    assert new != old
    assert new not in answer.headers["location"]
    assert world.client.get(PAGE).status_code == 200, "the page stays open here"
    assert world.client.get("/api/v1/receipt", headers=receipt(old)).status_code == 401
    assert world.client.get("/api/v1/receipt", headers=receipt(new)).status_code == 200


def ask_link(world: World, email: str, prefix: str = "") -> Any:
    return world.client.post(f"{prefix}/suivre/lien", data={"email": email})


def links(world: World) -> list[str]:
    text = world.mails[-1].get_content()
    return [link.removeprefix("http://testserver") for link in re.findall(r"http://\S+", text)]


def test_the_answer_is_the_same_for_a_known_and_an_unknown_address(world: World) -> None:
    have(contact={"email": "camille@exemple.fr"})
    world.run_jobs()
    sent = len(world.mails)
    known, unknown = ask_link(world, "Camille@exemple.fr "), ask_link(world, "personne@exemple.fr")
    assert (known.status_code, known.text) == (200, unknown.text)
    with database.reading() as db:
        kept = repr(db.connection().execute(sa.select(Job.args, Job.key, Job.last_error)).all())
    assert "exemple.fr" not in kept
    world.run_jobs()
    assert len(world.mails) == sent + 1
    assert world.mails[-1]["To"] == "camille@exemple.fr"


def test_a_link_opens_once_and_looking_at_it_changes_nothing(world: World) -> None:
    have(body="Par le lien", contact={"email": "camille@exemple.fr"})
    ask_link(world, "camille@exemple.fr")
    world.run_jobs()
    (link,) = links(world)
    scanner = world.browser()
    for _ in range(3):
        assert scanner.get(link).status_code == 200
        assert scanner.head(link).status_code == 200
    assert "set-cookie" not in scanner.get(link).headers
    answer = world.client.post(link)
    assert answer.headers["location"] == PAGE
    assert "Par le lien" in world.client.get(PAGE).text
    for again in (scanner.get(link), scanner.post(link)):
        assert again.status_code == 410
        assert "Ce lien ne marche plus" in again.text
    token = link.rpartition("/")[2]
    with database.reading() as db:
        everything = repr([row.model_dump() for row in db.exec(sa.select(AccessLink)).scalars()])
        everything += repr(db.connection().execute(sa.select(Job.args)).all())
    assert token not in everything


def test_a_link_lasts_fifteen_minutes(world: World) -> None:
    have(contact={"email": "camille@exemple.fr"})
    ask_link(world, "camille@exemple.fr")
    world.run_jobs()
    (link,) = links(world)
    world.clock.move(timedelta(minutes=15))
    assert world.client.get(link).status_code == 410
    assert world.client.post(link).status_code == 410
    assert "suivi" not in world.client.cookies
    world.sweep()
    assert count(AccessLink) == 0


def test_a_mail_that_comes_too_late_does_not_go(world: World) -> None:
    have(contact={"email": "camille@exemple.fr"})
    world.run_jobs()
    sent = len(world.mails)
    ask_link(world, "camille@exemple.fr")
    world.clock.move(timedelta(minutes=16))
    world.run_jobs()
    assert len(world.mails) == sent


def test_one_mail_holds_the_five_newest(world: World) -> None:
    for n in range(7):
        have(body=f"Texte {n}", contact={"email": "camille@exemple.fr"})
    world.run_jobs()
    ask_link(world, "camille@exemple.fr", prefix="/en")
    world.run_jobs()
    found = links(world)
    assert len(found) == 5
    assert all(link.startswith("/en/suivre/lien/") for link in found)
    assert world.client.post(found[0]).status_code == 303
    assert "Texte 6" in world.client.get(PAGE).text


def test_nobody_floods_a_mailbox(world: World) -> None:
    have(contact={"email": "camille@exemple.fr"})
    world.run_jobs()
    sent = len(world.mails)
    answers = {ask_link(world, "camille@exemple.fr").status_code for _ in range(10)}
    world.run_jobs()
    assert answers == {200}
    assert len(world.mails) == sent + 3


@pytest.mark.parametrize("email", ["", "pas une adresse", "a@b"])
def test_an_address_that_is_none_is_said_beside_the_field(world: World, email: str) -> None:
    answer = ask_link(world, email)
    assert answer.status_code == 422
    assert [field for field, _ in errors_on(answer.text)] == ["email"]


def test_the_page_asks_little_of_the_database_however_long_the_way(world: World) -> None:
    figures = []
    for decisions in (1, 3):
        contribution, _ = have()
        with database.writing() as db:
            for _ in range(decisions):
                factories.photo(db, contribution)
        for _ in range(decisions):
            decide(contribution, "return", State.RETURNED)
        asked: list[str] = []
        sa.event.listen(database.engine(), "before_cursor_execute", lambda *a, into=asked: into.append(a[2]))
        with database.reading() as db:
            holder.page_view(db, holder.held(db, contribution.seq or 0), now=NOW)
        figures.append(len([statement for statement in asked if statement.startswith("SELECT")]))
    assert figures[0] == figures[1] <= 7
