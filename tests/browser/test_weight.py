"""What a first visit weighs, as the browser receives it; nobody else is asked, nothing is left behind."""

import gzip
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.sync_api import Browser, Response

from app.security import HEADERS
from tests.live import Live

KB = 1024
READING, WRITING, COLLECTING, REQUESTS = 60 * KB, 90 * KB, 120 * KB, 6
UPLOADER = "/static/any/vendor/tus.js"


@dataclass
class Visit:
    """A first visit: each answer but images of contributions, and what it weighed on the wire."""

    weights: dict[str, int] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)

    @property
    def weight(self) -> int:
        return sum(self.weights.values())


def visit(browser: Browser, live: Live, path: str, *, javascript: bool = True) -> Visit:
    """With an empty cache. Weights are the browser's own: head and compressed body of each answer."""
    context, seen = browser.new_context(java_script_enabled=javascript, locale="fr-FR"), Visit()
    page = context.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(live.url + path, wait_until="networkidle")
    for answer in answers:
        if not answer.url.startswith((live.url, "data:", "blob:")):
            seen.elsewhere.append(answer.url)
        elif "/media/" not in answer.url and answer.url.startswith("http"):
            sizes = answer.request.sizes()
            seen.weights[answer.url] = sizes["responseHeadersSize"] + sizes["responseBodySize"]
    seen.cookies = [cookie["name"] for cookie in context.cookies()]
    context.close()
    return seen


def one(live: Live) -> str:
    """The page of a contribution with a photo."""
    return "/paroles/" + httpx.get(f"{live.url}/api/v1/contributions?has=photo").json()["items"][0]["reference"]


def meeting(live: Live) -> str:
    """The page of a meeting one may sign up for."""
    found = httpx.get(f"{live.url}/api/v1/events?places=1").json()["items"]
    return str(found[0]["url"])


@pytest.mark.parametrize("language", ["", "/ar"])
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_first_visit_is_light(browser: Browser, live: Live, language: str, javascript: bool) -> None:
    for path in ("/", "/paroles", one(live), "/rendez-vous", meeting(live), "/assises"):
        seen = visit(browser, live, language + path, javascript=javascript)
        assert seen.weight <= READING, (path, seen.weights)
        assert len(seen.weights) <= REQUESTS, (path, sorted(seen.weights))
    form = visit(browser, live, language + "/participer", javascript=javascript)
    uploader = int(httpx.get(live.url + UPLOADER, headers={"Accept-Encoding": "gzip"}).headers["content-length"])
    assert not any(address.endswith("/vendor/tus.js") for address in form.weights), "only once somebody sends a file"
    assert form.weight + uploader <= WRITING, form.weights


def test_the_collecting_page_is_light_with_all_it_needs_to_save_and_send(browser: Browser, live: Live) -> None:
    seen = visit(browser, live, "/equipe/collecte")
    assert seen.weight <= COLLECTING, seen.weights
    assert any(address.endswith("/collect/kiosk.js") for address in seen.weights)


def test_the_weights_are_those_of_the_wire(browser: Browser, live: Live) -> None:
    """The control: what is counted is the compressed page, and all of it."""
    seen = visit(browser, live, "/paroles")
    page = httpx.get(f"{live.url}/paroles", headers={"Accept-Encoding": "identity"}).content
    assert seen.weights[f"{live.url}/paroles"] >= len(gzip.compress(page, 9)) * 0.95
    assert seen.weights[f"{live.url}/paroles"] < len(page) / 2


PAGES = (
    "/",
    "/le-dialogue",
    "/besoin-aide",
    "/participer",
    "/paroles",
    "/paroles?q=table",
    "/suivre",
    "/assises",
    "/charte",
    "/accessibilite",
    "/donnees-personnelles",
    "/mentions-legales",
    "/plan-du-site",
    "/ar/",
    "/uk/",
)


def test_public_pages_ask_nobody_else_and_leave_nothing(browser: Browser, live: Live) -> None:
    for path in (*PAGES, one(live)):
        seen = visit(browser, live, path)
        assert (path, seen.elsewhere, seen.cookies) == (path, [], [])


def test_every_kind_of_answer_carries_the_headers(live: Live) -> None:
    with httpx.Client(base_url=live.url) as client:
        page = client.get("/")
        static = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
        item = client.get("/api/v1/contributions?has=photo").json()["items"][0]
        media = next(iter(item["media"][0]["urls"].values()))
        # A 304 keeps the headers of the page it confirms (RFC 9110, 15.4.5): it says none of its own.
        assert client.get("/", headers={"If-None-Match": page.headers["etag"]}).status_code == 304
        answers = {
            "page": page,
            "kept page": client.get("/"),
            "head": client.head("/"),
            "compressed": client.get("/paroles", headers={"Accept-Encoding": "gzip"}),
            "static": client.get(static),
            "media": client.get(media),
            "feed": client.get("/paroles.atom"),
            "json": client.get("/api/v1/contributions"),
            "problem": client.get("/api/v1/contributions/NS-222222"),
            "unauthorized": client.get("/api/v1/receipt"),
            "not found": client.get("/nulle-part"),
            "refused": client.post("/participer", data={}),
            "redirect": client.get("/equipe"),
            "to the French page": client.get("/uk/paroles"),
            "language": client.get("/en"),
            "from elsewhere": client.post("/participer", headers={"Sec-Fetch-Site": "cross-site"}),
            "method": client.delete("/"),
        }
    missing = [
        f"{name}: {header}"
        for name, answer in answers.items()
        for header, value in HEADERS.items()
        if answer.headers.get(header) != value and not (name == "media" and "sandbox" in answer.headers.get(header, ""))
    ]
    assert missing == []
    assert "gzip" in answers["compressed"].headers["content-encoding"]
    assert not any("set-cookie" in answer.headers for answer in answers.values())
    assert not any("server" in answer.headers for answer in answers.values())
