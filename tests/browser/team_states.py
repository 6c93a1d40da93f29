"""The team's pages in every state, and all pages of an instance where nothing was said yet."""

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pyotp

from app.adapters.clock import real_now
from tests import factories
from tests.browser import (
    advice_states,
    after_states,
    assises_states_d,
    assises_states_e,
    call_states,
    caption_states,
    case_states,
    decision_states,
    edit_states,
    guest_states,
    media_states,
    outreach_states_b,
    outreach_states_c,
    outreach_states_d,
)
from tests.browser.conftest import PASSWORD, Moderator, recruit
from tests.browser.states import FORM, JPEG, LONG, Collector, State, client, collector, settled_item
from tests.live import Live


def team(live: Live, admin: Moderator, desk: httpx.Client) -> Iterator[State]:
    person = collector(live)
    yield person.get("login", "/equipe/connexion")
    yield person.post("login refused", "/equipe/connexion", {"email": admin.email, "password": "faux"})
    yield from enrolled(person, admin)
    for path in (
        "",
        "/compte",
        "/compte/codes",
        "/personnes",
        "/moi",
        "/journal",
        "/journal?object=NS-222222",
        "/moderation",
        "/moderation?state=hidden",
        "/alertes",
        "/appels",
        "/reglages",
    ):
        yield person.get(f"team {path}", f"/equipe{path}")
    for path in ("", "/moderation", "/personnes", "/compte"):
        yield person.get(f"ar team {path}", f"/ar/equipe{path}")
    yield person.get("journal refused", "/equipe/journal?since=2022-04-14&until=2022-04-13", 422)
    yield person.post("token refused", "/equipe/compte/jetons", {"name": ""})
    yield person.post("token", "/equipe/compte/jetons", {"name": "essai"}, 200)
    yield person.post("password refused", "/equipe/compte/mot-de-passe", {"current": "faux", "password": "court"})
    yield from people(person)
    yield from switched(person)
    yield from items(live, person, desk)


def enrolled(person: Collector, admin: Moderator) -> Iterator[State]:
    page = person.post("enrol", "/equipe/connexion", {"email": admin.email, "password": PASSWORD}, 200)
    yield page
    proposal = re.findall(r'name="proposal" value="([^"]+)"', page.html)[0]
    secret = re.sub(r"\W", "", re.findall(r'class="secret"[^>]*><code>([^<]+)', page.html)[0])
    path = "/equipe/double-controle/mise-en-place"
    yield person.post("enrol refused", path, {"proposal": proposal, "code": "123"})
    totp = pyotp.TOTP(secret)
    yield person.post("recovery codes", path, {"proposal": proposal, "code": totp.at(real_now())}, 200)
    other = collector(person.live)
    yield other.post("second factor", "/equipe/connexion", {"email": admin.email, "password": PASSWORD}, 200)
    yield other.post("second factor refused", "/equipe/double-controle", {"code": "1"})


def people(person: Collector) -> Iterator[State]:
    yield person.post("person refused", "/equipe/personnes", {"email": "rien", "name": ""})
    added = person.post(
        "person added",
        "/equipe/personnes",
        {"email": f"{id(person)}@equipe.example", "name": "Ada", "roles": "mediator"},
        200,
    )
    yield added
    yield person.post("person not changed", added.path, {"name": ""})
    link = re.findall(r"/equipe/mot-de-passe/[0-9a-f.]+", added.html)[0]
    anyone = collector(person.live)
    yield anyone.get("choose a password", link)
    yield anyone.post("password too short", link, {"password": "court"})
    yield anyone.get("invitation over", "/equipe/mot-de-passe/rien", 410)


def switched(person: Collector) -> Iterator[State]:
    """With what the public is told meanwhile; as before at the end."""
    yield person.post("switch refused", "/equipe/reglages/slow", {})
    for name in ("slow", "pause"):
        on = person.post(f"switched {name}", f"/equipe/reglages/{name}", {"to": "on"}, 200)
    yield on
    time.sleep(1.2)  # how long a kept page may stand
    anyone = collector(person.live)
    for path in ("/", "/participer", "/ar/participer"):
        yield anyone.get(f"{'ar ' if 'ar/' in path else ''}switched {path}", path)
    for name in ("slow", "pause"):
        person.post(f"switched off {name}", f"/equipe/reglages/{name}", {"to": "off"}, 200)
    time.sleep(1.2)


def items(live: Live, person: Collector, desk: httpx.Client) -> Iterator[State]:
    """The moderator's pages: one item in its states, refusals, an alert from its opening to its end."""
    similar = advice_states.sent(live)
    pictured = with_photo(live, desk)
    path = f"/equipe/moderation/{pictured['id']}"
    yield person.get("item with a photo", path)
    yield person.get("ar item with a photo", "/ar" + path)
    yield person.post(
        "decision refused", f"{path}/decisions", {"version": pictured["version"], "revision": 1, "action": "publish"}
    )
    stale = {"version": 999, "revision": 1, "action": "refuse", "reason": "personal", "statement": "Un nom."}
    yield person.post("decision too late", f"{path}/decisions", stale, 409)
    yield person.post("item claimed", f"{path}/prise", {}, 200)
    with client(live) as anyone:
        body = factories.said("J’ai peur, ce soir." + LONG, contact={"phone": "0612345678"})
        made = anyone.post("/api/v1/contributions", json=body).json()
    yield person.get("item, long words", f"/equipe/moderation/{made['id']}")
    yield person.get("alert to open", f"/equipe/moderation/{made['id']}/alerte")
    yield person.post("alert refused", f"/equipe/moderation/{made['id']}/alerte", {})
    opened = person.post(
        "alert", f"/equipe/moderation/{made['id']}/alerte", {"kind": "danger", "words": "Elle a peur."}, 200
    )
    yield opened
    yield person.get("item under alert", f"/equipe/moderation/{made['id']}")
    alert = opened.path.partition("?")[0]
    yield person.post("motive missing", f"{alert}/coordonnees", {"motive": ""})
    yield person.post("contact opened", f"{alert}/coordonnees", {"motive": "La joindre."}, 200)
    yield person.get("alerts", "/equipe/alertes")
    desk.post(f"{alert}/reponse")  # by the same person's token
    yield person.get("alert answered", alert)
    yield person.get("calls", "/equipe/appels")
    yield person.post("alert closed", f"{alert}/cloture", {"done": "Jointe."}, 200)
    yield person.get("alert, afterwards", alert)
    yield from case_states.cases(live, person)
    yield from guest_states.guests(live, person)
    yield from call_states.meetings(person)
    yield from edit_states.editing(live, person)
    yield from assises_states_d.editing(person)
    yield from assises_states_e.grid(person)
    yield from outreach_states_c.devices(person)
    yield from outreach_states_d.outings(live, person)
    yield from outreach_states_b.gaps(live, person, desk)
    yield from after_states.reports(person)
    yield from caption_states.editor(live, person)
    yield from media_states.at_the_desk(live, person, desk)
    yield from advice_states.read(person, desk, similar)
    yield from decision_states.decisions(live, person, desk)


def with_photo(live: Live, desk: httpx.Client) -> dict[str, Any]:
    """Waits for a decision, its photo made ready by the worker."""
    with client(live) as anyone:
        photo = media_states.sent(live, JPEG, "t.jpg")
        made = anyone.post("/api/v1/contributions", json=factories.said(media=[photo])).json()
    return settled_item(desk, made["reference"])


def empty(bare: Live) -> Iterator[State]:
    """Before anybody said anything; and a closed phase."""
    anyone = collector(bare)
    yield anyone.get("empty and closed /", "/")
    yield anyone.get("empty list", "/paroles")
    yield anyone.get("empty figures", "/transparence/moderation")
    yield anyone.get("closed form", "/participer")
    yield anyone.post("closed, words kept", "/participer", FORM, 409)
    yield anyone.get("ar empty list", "/ar/paroles")
    yield anyone.get("uk closed form", "/uk/participer")
    admin = recruit(bare, "moderator", "administrator")
    person = collector(bare)
    list(enrolled(person, admin))
    for path in ("", "/moderation", "/alertes", "/appels", "/recours", "/signalements"):
        yield person.get(f"empty team {path}", f"/equipe{path}")
    yield from assises_states_e.none_yet(person)
    yield from outreach_states_c.none_yet(person)
