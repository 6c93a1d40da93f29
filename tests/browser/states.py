"""Every page in every state, fetched once from the real service: what axe, the validator and the pictures show."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.sync_api import Page, Route

from app import i18n
from tests import factories
from tests.browser.conftest import recruit
from tests.live import Live
from tests.media import pictures

LONG = " ".join(["Incompréhensiblement-anticonstitutionnellement-long", *["et une phrase qui continue encore"] * 120])
ARABIC = "نريد مائدة كبيرة في الساحة كل يوم أحد، لكل من هو وحده."
TEXTS = (
    "/",
    "/le-dialogue",
    "/besoin-aide",
    "/charte",
    "/accessibilite",
    "/donnees-personnelles",
    "/mentions-legales",
    "/plan-du-site",
    "/transparence/moderation",
)
PUBLIC = (*TEXTS, "/participer", "/paroles", "/suivre")
SHORT = ("/", "/participer", "/besoin-aide")
FORM = {
    "question": "q1",
    "body": "Une table.",
    "kind": "individual",
    "consents.publication": "true",
    "consents.age": "true",
}
WRONG = {"question": "q9", "contact.email": "zoe@exemple", "author.people_count": "beaucoup", "kind": "collective"}
JPEG = pictures.encoded(pictures.quarters(), "JPEG")
# As far as the form looks: what a file begins with.
VOICE, FILM = b"OggS" + bytes(400), b"\x1aE\xdf\xa3" + bytes(400)


@dataclass
class State:
    """One answer of the service: a page in one state, and the cookies it was seen with."""

    name: str
    live: Live
    path: str
    status: int
    html: str
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def language(self) -> i18n.Language:
        return i18n.LANGUAGES.get(self.path.split("/")[1].partition("?")[0], i18n.LANGUAGES["fr"])


@dataclass
class Collector:
    """Fetches with the cookies of one person."""

    live: Live
    client: httpx.Client

    def get(self, name: str, path: str, status: int = 200) -> State:
        return self._state(name, self.client.get(path), status)

    def post(self, name: str, path: str, data: dict[str, object], status: int = 422, **more: object) -> State:
        return self._state(name, self.client.post(path, data=data, **more), status)  # type: ignore[arg-type]

    def _state(self, name: str, answer: httpx.Response, status: int) -> State:
        assert answer.status_code == status, f"{name}: {answer.status_code} {answer.text[:400]}"
        assert answer.headers["content-type"].startswith("text/html"), name
        return State(name, self.live, answer.url.raw_path.decode(), status, answer.text, dict(self.client.cookies))


def collector(live: Live) -> Collector:
    return Collector(live, client(live, follow_redirects=True))


def client(live: Live, **options: Any) -> httpx.Client:
    """Keeps cookies but no connection, so that nobody has to close it."""
    return httpx.Client(base_url=live.url, timeout=30, limits=httpx.Limits(max_keepalive_connections=0), **options)


def everything(live: Live, bare: Live) -> Iterator[State]:
    """`live` holds the demonstration; `bare` is empty, and its clock stands after the collection."""
    # Which build on this module.
    from tests.browser import (
        after_states,
        assises_states_b,
        assises_states_c,
        assises_states_f,
        assises_states_g,
        event_states,
        outreach_states_e,
        outreach_states_f,
        place_states,
        player_states,
        team_states,
    )

    admin = recruit(live, "moderator", "administrator")
    token = live.dialogue("token", "add", admin.email, "--name", "essai")
    desk = client(live, headers={"Authorization": f"Bearer {token}"}, follow_redirects=True)
    references = _said(live, desk)
    yield from public(live, references)
    yield from in_other_languages(live, references)
    yield from receipts(live, desk)
    yield from player_states.players(live)
    yield from event_states.meetings(live, bare)
    yield from assises_states_b.programme(live, bare)
    yield from assises_states_c.mine(live, bare)
    yield from assises_states_f.sheets(live)
    yield from assises_states_g.walk(live, bare, Collector(live, desk))
    yield from place_states.places(live)
    yield from after_states.public(live)
    yield from outreach_states_e.public(live, bare)
    yield from outreach_states_f.shell(live)
    yield from outreach_states_e.telling(Collector(live, desk))
    yield from team_states.team(live, admin, desk)
    yield from team_states.empty(bare)


def _said(live: Live, desk: httpx.Client) -> dict[str, str]:
    """References of published words: long, Arabic, a collective's, hidden again."""
    many = {
        "long": factories.said(LONG, title=LONG[:120]),
        "arabic": factories.said(ARABIC, language="ar"),
        "collective": factories.said(
            "Nous ouvrons la salle.", kind="collective", author={"organisation": "Les Tables", "people_count": 12}
        ),
        "hidden": factories.said("Bientôt caché."),
        "<b>naughty": factories.said('"><script>alert(1)</script>\u202e ﷽ ' + "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢" * 5),
    }
    found = {}
    with client(live) as anyone:
        for name, body in many.items():
            made = anyone.post("/api/v1/contributions", json=body).json()
            decide(desk, made["id"], "publish", 1)
            found[name] = made["reference"]
            if name == "hidden":
                decide(desk, made["id"], "hide", 2, reason="personal", statement="Un nom y est écrit.")
    return found


def decide(desk: httpx.Client, id: str, action: str, version: int, **more: object) -> None:
    said = {"version": version, "revision": 1, "action": action} | more
    answer = desk.post(f"/api/v1/moderation/{id}/decisions", json=said)
    assert answer.status_code == 201, answer.text


def public(live: Live, references: dict[str, str]) -> Iterator[State]:
    anyone = collector(live)
    for path in PUBLIC:
        yield anyone.get(f"fr {path}", path)
    yield anyone.get("nothing found", "/paroles?q=zzzzqqq&exact=1")
    yield anyone.get("found", "/paroles?q=table")
    yield anyone.get("filtered", "/paroles?question=q1&channel=street")
    yield anyone.get("photos", "/paroles?has=photo")
    yield anyone.get("form of a collective", "/participer?kind=collective&question=q2")
    for name, reference in references.items():
        yield anyone.get(f"words {name}", f"/paroles/{reference}", 410 if name == "hidden" else 200)
    pictured = httpx.get(f"{live.url}/api/v1/contributions?has=photo").json()["items"][0]["reference"]
    yield anyone.get("words with a photo", f"/paroles/{pictured}")
    yield anyone.get("not found", "/paroles/NS-NNNNNN", 404)
    yield anyone.get("no such page", "/nulle-part", 404)
    yield anyone.post("form refused", "/participer", WRONG)
    yield anyone.post(
        "form refused, media kept",
        "/participer",
        {**FORM, "body": LONG * 2},
        files=[("media", ("t.jpg", JPEG)), ("media", ("voix.ogg", VOICE)), ("media", ("film.webm", FILM))],
    )
    yield anyone.post("form refused, no photo at all", "/participer", FORM, files={"media": ("t.jpg", b"words")})
    yield anyone.post("draft", "/participer/brouillon", {"body": "À finir.", "kind": "collective"}, 200)
    yield anyone.post("draft unknown", "/participer/reprendre", {"draft_code": "rien-du-tout"}, 404)
    yield anyone.get("receipt over", "/participer/merci/rien", 410)


def in_other_languages(live: Live, references: dict[str, str]) -> Iterator[State]:
    anyone = collector(live)
    for language in i18n.LANGUAGES.values():
        if language.code == "fr":
            continue
        for path in PUBLIC if language.complete else SHORT:
            yield anyone.get(f"{language.code} {path}", f"{language.prefix}{path}")
        yield anyone.post(f"{language.code} form refused", f"{language.prefix}/participer", WRONG)
        yield anyone.post(f"{language.code} receipt", f"{language.prefix}/participer", FORM, 200)
        if language.complete:
            yield anyone.get(f"{language.code} words", f"{language.prefix}/paroles/{references['long']}")
            yield anyone.get(f"{language.code} gone", f"{language.prefix}/paroles/{references['hidden']}", 410)
            yield anyone.get(f"{language.code} no such page", f"{language.prefix}/nulle-part", 404)
            yield anyone.get(f"{language.code} login", f"{language.prefix}/equipe/connexion")


def receipts(live: Live, desk: httpx.Client) -> Iterator[State]:
    """What the holder of a receipt sees, step after step."""
    holder = collector(live)
    photo = ("t.jpg", JPEG, "image/jpeg")
    shown = holder.post(
        "receipt", "/participer", {**FORM, "contact.email": "zoe@exemple.fr"}, 200, files={"media": photo}
    )
    yield shown
    yield holder.post("code unknown", "/suivre", {"code": "rien du tout 12"}, 401)
    yield holder.post("link refused", "/suivre/lien", {"email": "zoe"})
    yield holder.post("link sent", "/suivre/lien", {"email": "zoe@exemple.fr"}, 200)
    yield holder.get("link over", "/suivre/lien/rien", 410)
    code = re.sub(r"<[^>]+>", "", re.findall(r'id="receipt-code"[^>]*>(.*?)</p>', shown.html)[0])
    yield holder.post("followed, waiting", "/suivre", {"code": code}, 200)
    yield holder.get("follow, open", "/suivre")
    receipt = {"Authorization": f"Receipt {code}"}
    reference = httpx.get(f"{live.url}/api/v1/receipt", headers=receipt).json()["reference"]
    item = settled_item(desk, reference)
    decide(desk, item["id"], "return", item["version"], reason="personal", statement="Un nom.")
    yield holder.get("followed, returned", "/suivre/contribution")
    yield holder.get("correct", "/suivre/contribution/correction")
    yield holder.post("correct refused", "/suivre/contribution/correction", {"body": LONG * 2})
    for act in ("retrait", "effacement/identity", "effacement/everything"):
        yield holder.get(f"ask {act}", f"/suivre/contribution/{act}")
    yield holder.post("withdrawn", "/suivre/contribution/retrait", {}, 200)
    yield holder.post("erased", "/suivre/contribution/effacement/everything", {}, 200)
    arabic = collector(live)
    arabic.client.post("/ar/suivre", data={"code": code})
    yield arabic.get("ar followed", "/ar/suivre/contribution")


def settled_item(desk: httpx.Client, reference: str) -> dict[str, Any]:
    """Once what arrived of its media is made ready: until then its version still moves."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        item = waiting_item(desk, reference)
        if not any(medium["state"] in ("received", "processing") for medium in item["media"]):
            return item
        time.sleep(0.1)
    raise AssertionError(f"the media of {reference} are never ready")


def waiting_item(desk: httpx.Client, reference: str) -> dict[str, Any]:
    after: str | None = ""
    while after is not None:
        page = desk.get("/api/v1/moderation/queue", params={"limit": 100} | ({"after": after} if after else {})).json()
        for item in page["items"]:
            if item["reference"] == reference:
                return dict(item)
        after = page["next"]
    raise AssertionError(f"{reference} does not wait")


def show(tab: Page, state: State, *, scripts: bool = True) -> None:
    """The answer collected before, at its address, with the service's own styles, scripts and pictures."""
    tab.goto("about:blank")  # what the page before does when it is left does not reach the service either
    tab.unroute_all()
    tab.context.clear_cookies()
    tab.context.add_cookies(
        [{"name": name, "value": value, "url": state.live.url} for name, value in state.cookies.items()]
    )
    address = state.live.url + state.path

    def answer(route: Route) -> None:
        route.fulfill(body=state.html, content_type="text/html; charset=utf-8", status=state.status)

    def stay(route: Route) -> None:
        """A page that proves its work sends itself again: without an answer it stays as it is."""
        if route.request.method == "POST":
            route.fulfill(status=204)
        else:
            route.fallback()

    tab.route(lambda url: url.partition("#")[0] == address, answer)
    tab.route("**/*", stay)
    if not scripts:
        tab.route("**/static/*/js/**", lambda route: route.abort())
    tab.goto(address)
