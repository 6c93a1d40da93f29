"""The OpenAPI document says exactly what the API does: its routes, its answers, its refusals."""

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError
from sqlmodel import select

from app import db, openapi
from app.assises import draft
from app.assises.frozen import freeze
from app.models import (
    Access,
    Appeal,
    AppealState,
    Channel,
    EventKind,
    EventState,
    Face,
    Kind,
    MediaChoice,
    MediaKind,
    MediaState,
    Method,
    Mode,
    OutingState,
    Part,
    Release,
    Role,
    SessionKind,
    State,
    Voice,
)
from app.moderation.appeal_schemas import Outcome
from app.moderation.queue_schemas import Flag, MediaFilter
from app.moderation.redaction_schemas import Place
from app.moderation.schemas import Action, Danger
from app.settings import HERE
from tests import factories
from tests.conftest import NOW, World
from tests.contract import MODELS, Api, operations
from tests.contributions.residents import receipt
from tests.quality.access import TABLE

ENUMS: tuple[type[StrEnum], ...] = (
    Access, Action, AppealState, Channel, Danger, EventKind, EventState, Face, Flag, Kind, MediaChoice, MediaFilter,
    MediaKind, MediaState, Method, Mode, Outcome, OutingState, Part, Place, SessionKind, State, Voice,
)  # fmt: skip
NOBODY = "00000000-0000-0000-0000-000000000000"
KEY = "0190f7c2-0000-7000-8000-000000000001"
UPLOADS = "/api/v1/uploads"


@pytest.fixture(scope="module")
def document(whole_app: Any) -> dict[str, Any]:
    return openapi.document(whole_app.fastapi)


def values_of(node: Any, key: str) -> Iterator[Any]:
    """Every value under `key`, at any depth."""
    if isinstance(node, dict):
        if key in node:
            yield node[key]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from values_of(each, key)


# What the document lists


def test_every_refusal_is_explained_in_the_documentation(document: dict[str, Any]) -> None:
    explained = set(re.findall(r"`(\w+)`", (HERE.parent / "docs/api.md").read_text()))
    refusals = (answer["description"] for *_, each in operations(document) for answer in each["responses"].values())
    assert {code for said in refusals for code in re.findall(r"`(\w+)`", said)} - explained == set()


def test_every_route_of_the_api_is_in_it_and_nothing_else(whole_app: Any, document: dict[str, Any]) -> None:
    listed = {(method, path) for method, path, _ in operations(document)}
    served = {
        (method, route.path_format)
        for route in iter_route_contexts(whole_app.fastapi.routes)
        for method in (route.methods or ())
        if str(route.path_format).startswith("/api/")
    }
    assert listed == served == {(method, path) for method, path in TABLE if path.startswith("/api/")}


def test_it_is_served_as_it_is(world: World, document: dict[str, Any]) -> None:
    answer = world.client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.json()) == (200, document)


def test_every_reference_leads_somewhere_and_nothing_is_left_over(document: dict[str, Any]) -> None:
    used = set(values_of(document, "$ref"))
    assert used == {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}


def test_it_is_whole(document: dict[str, Any]) -> None:
    """What OpenAPI 3.1 asks of a document, as far as no schema of its own is needed to see it."""
    assert re.fullmatch(r"3\.1\.\d", document["openapi"])
    assert set(document) == {"openapi", "info", "servers", "paths", "components"}
    assert document["servers"] == [{"url": "/"}]
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    for _, path, operation in operations(document):
        parameters = [(each["in"], each["name"]) for each in operation.get("parameters", [])]
        assert len(set(parameters)) == len(parameters)
        assert {name for place, name in parameters if place == "path"} == set(re.findall(r"{(\w+)}", path))
        assert {name for each in operation["security"] for name in each} <= set(
            document["components"]["securitySchemes"]
        )
        assert all(each["description"] for each in operation["responses"].values())
        assert operation["description"], path


def test_every_answer_has_a_schema(document: dict[str, Any]) -> None:
    """Good answers are JSON of a model (204: nothing), refusals are problems."""
    for method, path, operation in operations(document):
        good = [status for status in operation["responses"] if status < "300"]
        assert good, path
        for status, answer in operation["responses"].items():
            content = answer.get("content", {})
            if status == "204" or (status in good and path.startswith(UPLOADS)):  # tus speaks in headers
                assert content == {}
            elif status in good and path != "/api/v1/openapi.json":
                assert content["application/json"]["schema"]["$ref"].split("/")[-1] in MODELS, (method, path)
            elif status not in good:
                assert content == {openapi.PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert "HTTPValidationError" not in json.dumps(document)


def test_the_enums_are_the_codes(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert {name for name, schema in schemas.items() if "enum" in schema} == {enum.__name__ for enum in ENUMS}
    for enum in ENUMS:
        assert schemas[enum.__name__]["enum"] == [member.value for member in enum]
    filters = {each["name"]: each["schema"] for each in document["paths"]["/api/v1/contributions"]["get"]["parameters"]}
    assert filters["kind"]["enum"] == ["", *Kind]
    assert filters["channel"]["enum"] == ["", *Channel]


def test_the_keys_a_repeat_may_carry_are_named(document: dict[str, Any]) -> None:
    headers = {
        operation["operationId"]: {each["name"] for each in operation.get("parameters", []) if each["in"] == "header"}
        for _, _, operation in operations(document)
    }
    assert {name: given for name, given in headers.items() if given} == {
        "contributions_create": {"Idempotency-Key", "Proof-Of-Work"},
        "contributions_appeal": {"Idempotency-Key"},
        "contributions_replace_code": {"Idempotency-Key"},
        "uploads_create": {"Tus-Resumable", "Upload-Length", "Upload-Metadata"},
        "uploads_offset": {"Tus-Resumable"},
        "uploads_append": {"Tus-Resumable", "Upload-Offset"},
        "uploads_terminate": {"Tus-Resumable"},
        "moderation_decide": {"Idempotency-Key"},
        "moderation_decide_all": {"Idempotency-Key"},
        "moderation_open_alert": {"Idempotency-Key"},
        "moderation_close_alert": {"Idempotency-Key"},
        "moderation_decide_appeal": {"Idempotency-Key"},
        "collect_collect": {"Collect-Clock"},
        "collect_allot": {"Idempotency-Key"},
        "collect_pair": {"Idempotency-Key"},
        "events_sign_up": {"Idempotency-Key", "Proof-Of-Work"},
        "notices_report": {"Idempotency-Key", "Proof-Of-Work"},
    }


def test_the_bodies_say_what_is_taken(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["ContributionIn"]["required"] == ["question", "consents"]
    assert schemas["ConsentsIn"]["required"] == ["publication", "age"]
    whole, alone = schemas["MediaIn"]["anyOf"]
    assert (whole["required"], alone["type"]) == (["upload"], "string")


# What the running service answers


@pytest.fixture
def api(world: World, document: dict[str, Any]) -> Api:
    return Api(world, document)


def test_who_may_is_as_it_says(api: Api) -> None:
    """Without a credential: 401 where the document names one, never elsewhere."""
    for method, path, operation in operations(api.document):
        answer = api.world.browser().request(method, re.sub(r"{\w+}", NOBODY, path), json={})
        assert (answer.status_code == 401) == bool(operation["security"]), (method, path, answer.status_code)
        if answer.status_code == 401:
            api.check(method, path.removeprefix("/api/v1"), answer)


def test_another_site_is_refused_in_the_same_words(api: Api) -> None:
    for method, path, _ in operations(api.document):
        if method not in ("GET", "HEAD", "OPTIONS"):
            place = re.sub(r"{\w+}", NOBODY, path.removeprefix("/api/v1"))
            api.call(method, place, headers={"Sec-Fetch-Site": "cross-site"}, expect=403)


@pytest.mark.parametrize("language", ["fr", "ar", "nowhere"])
def test_the_consultation(api: Api, language: str) -> None:
    api.call("GET", f"/consultation?language={language}")


def test_saying_something_and_following_it(api: Api) -> None:
    sent = api.call("POST", "/contributions", json=factories.said(language="ar"), expect=201)
    held = receipt(sent["receipt_code"])
    api.call("GET", "/receipt", headers=held)
    words = {"title": "Un banc", "body": "Un banc devant chez moi."}
    api.call("PUT", "/receipt/revision", headers=held, json=words, expect=201)
    api.call("PUT", "/receipt/revision", headers=held, json={"body": ""}, expect=422)
    api.call("POST", "/receipt/withdrawal", headers=held)
    api.call("PUT", "/receipt/revision", headers=held, json=words, expect=409)
    api.call("DELETE", "/receipt/withdrawal", headers=held)
    api.call("DELETE", "/receipt/withdrawal", headers=held, expect=409)
    held = receipt(api.call("POST", "/receipt/code", headers=held, expect=201)["receipt_code"])
    api.call("POST", "/receipt/erasure", headers=held, json={"scope": "a bit"}, expect=422)
    api.call("POST", "/receipt/erasure", headers=held, json={"scope": "identity"})
    api.call("POST", "/receipt/erasure", headers=held, json={"scope": "everything"})
    api.call("PUT", "/receipt/revision", headers=held, json=words, expect=409)
    api.call("GET", "/receipt", headers=held)


def test_what_is_refused_of_a_contribution(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.call("POST", "/contributions", json={"question": "q9", "consents": {"publication": "?"}}, expect=422)
    api.call("POST", "/contributions", json=factories.said(), headers={"Idempotency-Key": "no"}, expect=422)
    api.call("POST", "/contributions", json=factories.said(), headers={"Idempotency-Key": KEY}, expect=201)
    api.call("POST", "/contributions", json=factories.said("Autre."), headers={"Idempotency-Key": KEY}, expect=409)
    api.call("POST", "/contributions", content=b"x" * (1024 * 1024 + 1), expect=413)
    monkeypatch.setattr("app.proof.MOST", 0)
    api.call("POST", "/contributions", json=factories.said(), expect=428)


def test_wrong_codes_are_slowed(api: Api) -> None:
    for _ in range(10):
        api.call("GET", "/receipt", headers=receipt("abeille-jardin-moulin-tulipe-42"), expect=401)
    api.call("GET", "/receipt", headers=receipt("abeille-jardin-moulin-tulipe-42"), expect=429)


def test_the_programme(api: Api) -> None:
    api.call("GET", "/programme", expect=404)
    with db.writing() as session:
        factories.programme(session)
        session.add(Release(name="Premier", programme=freeze(draft.frozen(session, now=NOW)), by="test", at=NOW))
    assert len(api.call("GET", "/programme")["sessions"]) == 6
    assert len(api.call("GET", "/programme?track=vivre&day=2022-06-10")["sessions"]) == 2
    api.call("GET", "/programme?track=rien", expect=422)


def test_reading(api: Api) -> None:
    author = {"name": "Léa", "organisation": "Les voisins", "people_count": 3}
    with db.writing() as session:
        first = factories.contribution(session, state=State.PUBLISHED, photo_alt="Un banc.", quartier="bellevue")
        factories.contribution(session, state=State.PUBLISHED, kind="collective", author=author, title="Nous")
        hidden = factories.contribution(session, state=State.HIDDEN, reason="personal")
    page = api.call("GET", "/contributions?limit=1")
    rest = api.call("GET", f"/contributions?limit=1&after={page['next']}")
    assert (len(page["items"] + rest["items"]), rest["next"]) == (2, None)
    api.call("GET", "/contributions?q=table&sort=relevance&kind=individual&channel=online&has=photo")
    api.call("GET", "/contributions?kind=choir&after=*", expect=422)
    api.call("GET", f"/contributions/{first.reference}")
    api.call("GET", f"/contributions/{hidden.reference}", expect=410)
    api.call("GET", "/contributions/NS-0000", expect=404)


def test_moderating(api: Api) -> None:
    ada, bob, organiser = api.staff(name="Ada"), api.staff(name="Bob"), api.staff(Role.ORGANISER)
    said = api.call("POST", "/contributions", json=factories.said(title="Une table"), expect=201)
    with db.writing() as session:
        other = factories.contribution(session)
        photo = factories.photo(session, other)
    api.call("GET", "/moderation/queue?limit=1", by=ada)
    api.call("GET", "/moderation/queue?state=lost", by=ada, expect=422)
    api.call("GET", "/moderation/queue", by=organiser, expect=404)
    item = f"/moderation/{said['id']}"
    api.call("POST", f"{item}/claim", by=ada, expect=201)
    api.call("POST", f"{item}/claim", by=ada)
    api.call("POST", f"{item}/claim", by=bob, expect=409)
    api.call("DELETE", f"{item}/claim", by=bob, expect=409)
    api.call("GET", "/moderation/queue?mine=true", by=ada)
    decision = {"version": 1, "revision": 1, "action": "return"}
    reasons = {"reason": "personal", "statement": "Un nom est écrit."}
    api.call("POST", f"{item}/decisions", by=bob, json=decision | reasons, expect=409)
    api.call("DELETE", f"{item}/claim", by=ada, expect=204)
    api.call("POST", f"{item}/decisions", by=ada, json=decision, expect=422)
    api.call("POST", f"{item}/decisions", by=ada, json=decision | reasons, expect=201)
    api.call("POST", f"{item}/decisions", by=bob, json=decision | reasons, expect=409)
    api.call("POST", f"/moderation/{NOBODY}/decisions", by=ada, json=decision | reasons, expect=404)
    api.call("GET", "/receipt", headers=receipt(said["receipt_code"]))
    publish = {"version": 1, "revision": 1, "action": "publish"}
    api.call("POST", f"/moderation/{other.id}/decisions", by=ada, json=publish, expect=422)
    chosen = {"media": {str(photo.id): {"choice": "publish", "alt": "Un banc."}}}
    api.call("POST", f"/moderation/{other.id}/decisions", by=ada, json=publish | chosen, expect=201)
    api.call("GET", "/moderation/queue?state=published", by=ada)
    api.call("GET", f"/contributions/{other.reference}")


def test_alerts(api: Api) -> None:
    ada, interpreter = api.staff(), api.staff(Role.INTERPRETER)
    said = api.call("POST", "/contributions", json=factories.said(), expect=201)
    item = f"/moderation/{said['id']}"
    api.call("POST", f"{item}/alerts", by=interpreter, json={"kind": "ennui"}, expect=422)
    keyed = {"Idempotency-Key": KEY}
    alert = api.call("POST", f"{item}/alerts", by=interpreter, json={"kind": "child"}, headers=keyed, expect=201)
    api.call("POST", f"{item}/alerts", by=interpreter, json={"kind": "threat"}, headers=keyed, expect=409)
    api.call("POST", f"/moderation/{NOBODY}/alerts", by=ada, json={"kind": "child"}, expect=404)
    api.call("GET", "/moderation/queue", by=ada)
    publish = {"version": 1, "revision": 1, "action": "publish"}
    api.call("POST", f"{item}/decisions", by=ada, json=publish, expect=409)
    closure = f"/moderation/alerts/{alert['id']}/closure"
    api.call("POST", closure, by=ada, json={"done": ""}, expect=422)
    api.call("POST", closure, by=ada, json={"done": "Jointe."}, expect=201)
    api.call("POST", closure, by=ada, json={"done": "Jointe."}, expect=409)
    api.call("POST", f"/moderation/alerts/{NOBODY}/closure", by=ada, json={"done": "Jointe."}, expect=404)


def test_asking_that_somebody_else_reads_a_decision_again(api: Api) -> None:
    ada, bob = api.staff(name="Ada"), api.staff(name="Bob")
    said = api.call("POST", "/contributions", json=factories.said(), expect=201)
    held = receipt(said["receipt_code"])
    api.call("POST", "/receipt/appeal", headers=held, json={}, expect=409)
    refusal = {"version": 1, "revision": 1, "action": "refuse", "reason": "personal", "statement": "Un nom."}
    api.call("POST", f"/moderation/{said['id']}/decisions", by=ada, json=refusal, expect=201)
    api.call("POST", "/receipt/appeal", headers=held, json={"words": "x" * 2001}, expect=422)
    assert api.call("POST", "/receipt/appeal", headers=held, json={}, expect=201)["appeal"]["state"] == "open"
    with db.reading() as session:
        where = f"/moderation/appeals/{session.exec(select(Appeal)).one().id}/decisions"
    answer = {"version": 1, "outcome": "reversed", "statement": "Relu."}
    api.call("POST", where, by=ada, json=answer, expect=409)
    api.call("POST", where, by=bob, json=answer | {"statement": ""}, expect=422)
    api.call("POST", where, by=bob, json=answer, expect=201)
    api.call("POST", where, by=bob, json=answer, expect=409)
    api.call("GET", "/receipt", headers=held)


def test_reporting(api: Api) -> None:
    with db.writing() as session:
        item = factories.contribution(session, state=State.PUBLISHED)
    said = {"reference": item.reference, "reason": "personal", "explanation": "Un nom.", "good_faith": True}
    keyed = {"Idempotency-Key": KEY}
    api.call("POST", "/notices", json=said, headers=keyed, expect=201)
    api.call("POST", "/notices", json=said | {"explanation": "Autre."}, headers=keyed, expect=409)
    api.call("POST", "/notices", json=said | {"good_faith": False}, expect=422)
    api.call("POST", "/notices", json=said | {"reference": "NS-222222"}, expect=404)


def test_reading_meetings(api: Api) -> None:
    with db.writing() as session:
        slug = factories.event(session, latitude=47.2, longitude=-1.5, offers=["lsf"]).slug
        factories.event(session, capacity=None, mode="both", closes_at=factories.NOW)
        factories.event(session, state="cancelled", said="La salle est fermée.")
    first = api.call("GET", "/events?limit=2")
    rest = api.call("GET", f"/events?limit=2&after={first['next']}")
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    api.call("GET", "/events?when=past&kind=visit&quartier=&places=1&offer=lsf&date=")
    for wrong in ("when=hier", "date=2022-02-30", "kind=fete", "mode=both", "quartier=x", "offer=x", "places=2"):
        api.call("GET", f"/events?{wrong}", expect=422)
    api.call("GET", "/events?after=zzz", expect=422)
    assert api.call("GET", f"/events/{slug}")["place"]["lat"] == 47.2
    api.call("GET", "/events/rien", expect=404)


def test_taking_a_place(api: Api) -> None:
    with db.writing() as session:
        slug = factories.event(session, capacity=1).slug
        gone = factories.event(session, state="cancelled").slug
    one = {"name": "Lou", "email": "lou@exemple.fr", "people": 1, "consents": {"data": True}}
    keyed = {"Idempotency-Key": KEY}
    where = f"/events/{slug}/registrations"
    held = api.call("POST", where, json=one, headers=keyed, expect=201)
    assert api.call("POST", where, json=one, headers=keyed, expect=201) == held
    api.call("POST", where, json=one | {"name": "Léo"}, headers=keyed, expect=409)
    api.call("POST", where, json=one)
    api.call("POST", where, json=one | {"email": "eli@exemple.fr"}, expect=201)
    api.call("POST", where, json=one | {"people": 2, "email": "zoe@exemple.fr"}, expect=422)
    api.call("POST", f"/events/{gone}/registrations", json=one, expect=409)
    api.call("POST", "/events/nowhere/registrations", json=one, expect=404)
    api.call("GET", f"/registrations/{held['manage_token']}")
    api.call("DELETE", f"/registrations/{held['manage_token']}")
    api.call("DELETE", "/registrations/forged", expect=404)


def test_an_upload(api: Api) -> None:
    version = {"Tus-Resumable": "1.0.0"}
    bytes_at = version | {"Content-Type": "application/offset+octet-stream"}
    api.call("OPTIONS", "/uploads", expect=204)
    api.call("OPTIONS", "/uploads/x", expect=204)
    begin = version | {"Upload-Length": "5"}
    answer = api.world.client.post(UPLOADS, headers=begin)
    api.check("POST", "/uploads", answer)
    where = answer.headers["location"].removeprefix("/api/v1")
    api.call("HEAD", where, expect=200, headers=version)
    api.call("PATCH", where, expect=204, headers=bytes_at | {"Upload-Offset": "0"}, content=b"hel")
    api.call("PATCH", where, expect=409, headers=bytes_at | {"Upload-Offset": "0"}, content=b"hel")
    api.call("PATCH", where, expect=400, headers=bytes_at | {"Upload-Offset": "x"}, content=b"hel")
    api.call("PATCH", where, expect=415, headers=version | {"Upload-Offset": "3"}, content=b"lo")
    api.call("DELETE", where, expect=412)
    api.call("DELETE", where, expect=204, headers=version)
    api.call("PATCH", where, expect=404, headers=bytes_at | {"Upload-Offset": "0"}, content=b"hel")
    api.call("POST", "/uploads", expect=400, headers=version)
    api.call("POST", "/uploads", expect=413, headers=version | {"Upload-Length": "1000000001"})
    api.call("POST", "/uploads", expect=415, headers=begin, content=b"hel")


def test_a_photo_its_holder_sees(api: Api) -> None:
    with db.writing() as session:
        made = factories.submitted(session)
        factories.photo(session, made.contribution, alt="Un banc.")
    [photo] = api.call("GET", "/receipt", headers=receipt(made.code.words))["media"]
    assert photo["state"] == "ready"


GARBAGE = ("%00", "0001-01-01", "9" * 40)
BODIES = (b"[]", b'{"a": "\\ud800"}')


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # the stricter of the two
def test_garbage_gets_an_answer_that_is_told(api: Api) -> None:
    """In each part of a path and a query, in a key and as a body, of every operation."""
    everybody = api.staff(Role.MODERATOR, Role.MEDIATOR)
    for method, template, operation in operations(api.document):
        asked = [parameter for parameter in operation.get("parameters", []) if parameter["in"] == "query"]
        plain = re.sub(r"{\w+}", NOBODY, template)
        sent: list[tuple[str, dict[str, Any]]] = [(re.sub(r"{\w+}", each, template), {}) for each in GARBAGE[:2]]
        sent += [(f"{plain}?{one['name']}={each}", {}) for one in asked for each in GARBAGE]
        sent += [(plain, {"content": body}) for body in BODIES if "requestBody" in operation]
        for path, more in sent:
            headers = {"Content-Type": "application/json", "Idempotency-Key": "x", "Upload-Length": "-1"}
            answer = everybody.request(method, path, headers=headers, **more)
            said = operation["responses"].get(str(answer.status_code))
            assert said is not None, (method, path, more, answer.text)
            if method not in ("HEAD", "OPTIONS") and answer.status_code >= 400:
                api.check(method, path.removeprefix("/api/v1"), answer)


def test_the_check_sees_a_field_too_much_one_missing_and_a_code_nobody_told(api: Api) -> None:
    """Negative control."""
    answer = api.world.client.post("/api/v1/contributions", json=factories.said())
    right = answer.json()
    for wrong in (right | {"more": 1}, {key: right[key] for key in right if key != "url"}, right | {"state": "lost"}):
        with pytest.raises(ValidationError):
            MODELS["Submitted"].model_validate_json(json.dumps(wrong), strict=True, extra="forbid")
    refusal = api.world.client.get("/api/v1/receipt")
    api.check("GET", "/receipt", refusal)
    refusal._content = refusal.content.replace(b'"unauthorized"', b'"surprise"')
    with pytest.raises(AssertionError, match="surprise"):
        api.check("GET", "/receipt", refusal)
    assert HTTPStatus(refusal.status_code) is HTTPStatus.UNAUTHORIZED
