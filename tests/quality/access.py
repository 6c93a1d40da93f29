"""Who gets what: every route of the service, in one table. A route that is not in it fails the test.

A gate says what each actor gets: `open_to_all`, `page(roles)`, `session(roles)`, `api(roles)`, `receipt()`, `follow()`.
`ok` is what those get who may, for the request of the table as it stands (mostly an empty one: 422 or 404 mean the gate
let them in). `{id}`, `{reference}`, `{opaque}` name a contribution or a photo: test_access goes through its states.
"""

from dataclasses import dataclass, field
from typing import Any

STAFF = ("mediator", "interpreter", "moderator", "organiser", "administrator")
ACTORS = ("anonymous", "revoked", "receipt", *STAFF, "token")
DESK = ("moderator", "administrator")
WATCH = ("moderator", "organiser", "administrator")
CALLERS = ("mediator", "moderator", "organiser", "administrator")
STREET = ("mediator", "organiser", "administrator")
ADMIN = ("administrator",)


@dataclass(frozen=True)
class Row:
    """One route: what each actor gets, and what is sent."""

    expected: dict[str, int]
    sent: dict[str, Any] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)


def open_to_all(ok: int = 200, **sent: Any) -> Row:
    return Row(dict.fromkeys(ACTORS, ok), sent)


def page(*roles: str, ok: int = 200, session: bool = False, path: dict[str, str] | None = None, **sent: Any) -> Row:
    """Nobody known: to the login page; a program with a bad token: 401; known without the role: as if absent."""
    expected = {"anonymous": 303, "receipt": 303, "revoked": 401}
    expected |= {role: ok if role in roles else 404 for role in STAFF}
    # The personal token is an administrator's and moderator's; what only a person may do is closed to it.
    return Row(expected | {"token": 404 if session or not set(roles) & {*DESK} else ok}, sent, path or {})


def session(*roles: str, ok: int = 200, path: dict[str, str] | None = None, **sent: Any) -> Row:
    return page(*roles, ok=ok, session=True, path=path, **sent)


def api(*roles: str, ok: int = 200, path: dict[str, str] | None = None, **sent: Any) -> Row:
    expected = {"anonymous": 401, "receipt": 401, "revoked": 401}
    expected |= {role: ok if role in roles else 404 for role in STAFF}
    return Row(expected | {"token": ok if set(roles) & {*DESK} else 404}, sent, path or {})


def receipt(ok: int = 200, **sent: Any) -> Row:
    return Row(dict.fromkeys(ACTORS, 401) | {"receipt": ok}, sent)


def follow(ok: int = 200, path: dict[str, str] | None = None, **sent: Any) -> Row:
    """Without an open page of its holder: to the way in."""
    return Row(dict.fromkeys(ACTORS, 303) | {"receipt": ok}, sent, path or {})


def begun(ok: int = 303) -> Row:
    """The steps of logging in: a browser session, whole or not; nobody else gets further than the login page."""
    return Row({"anonymous": 303, "receipt": 303, "revoked": 303, "token": 303} | dict.fromkeys(STAFF, ok))


NOBODY = dict.fromkeys(("person_id", "message_id", "media_id", "signal_id"), "00000000-0000-0000-0000-000000000000")
ALERT = {"id": "00000000-0000-0000-0000-000000000000"}
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
    "/participer",
    "/paroles",
    "/paroles.atom",
    "/suivre",
    "/api/v1/consultation",
    "/api/v1/openapi.json",
    "/api/v1/contributions",
    "/api/v1/events",
    "/rendez-vous",
    "/rendez-vous.ics",
    "/rendez-vous/carte",
    "/rendez-vous/flux",
    "/assises",
    "/assises/changements.atom",
    "/assises/parcours",
    "/assises/parcours.geojson",
    "/assises/parcours.pdf",
    "/healthz",
)
EMPTY: dict[str, Any] = {"data": {}}
SESSION = {"session_id": "00000000-0000-0000-0000-000000000000"}
PART = {"what": "salles", "row_id": SESSION["session_id"]}
SPEAKER = {"speaker_id": SESSION["session_id"]}
RECORD = {"uuid": "00000000-0000-4000-8000-000000000000"}
STOP = {"stop_id": "00000000-0000-0000-0000-000000000000"}
EVENT = {"event_id": "00000000-0000-0000-0000-000000000000"}
OUTING = {"outing_id": "00000000-0000-0000-0000-000000000000"}
DEVICE = {"device_id": "00000000-0000-0000-0000-000000000000"}
NO_UPLOAD = {"token": "rien"}
NO_EVENT = {"slug": "rien"}
TUS = {"Tus-Resumable": "1.0.0"}
TUS_BYTES = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}

TABLE: dict[tuple[str, str], Row] = {
    **{("GET", path): open_to_all() for path in TEXTS},
    ("GET", "/readyz"): open_to_all(503),  # no worker runs in a test
    ("GET", "/metrics"): open_to_all(404),  # without its own token nobody, staff included
    ("GET", "/static/{build}/{path}"): Row(dict.fromkeys(ACTORS, 200), path={"build": "x", "path": "css/main.css"}),
    # Saying something
    ("POST", "/participer"): open_to_all(422, **EMPTY),
    ("POST", "/participer/document"): open_to_all(422, **EMPTY),
    ("POST", "/participer/brouillon"): open_to_all(200, data={"body": "À finir."}),
    ("POST", "/participer/reprendre"): open_to_all(404, data={"draft_code": "rien"}),
    ("GET", "/participer/merci/{once}"): Row(dict.fromkeys(ACTORS, 410), path={"once": "rien"}),
    ("POST", "/participer/merci/{once}"): Row(dict.fromkeys(ACTORS, 303), path={"once": "rien"}),
    ("POST", "/api/v1/contributions"): open_to_all(422, json={}),
    # Sending a file, in as many goes as it takes: whoever holds its address
    ("OPTIONS", "/api/v1/uploads"): open_to_all(204),
    ("OPTIONS", "/api/v1/uploads/{token}"): Row(dict.fromkeys(ACTORS, 204), path=NO_UPLOAD),
    ("POST", "/api/v1/uploads"): open_to_all(201, headers=TUS | {"Upload-Length": "5"}),
    ("HEAD", "/api/v1/uploads/{token}"): Row(dict.fromkeys(ACTORS, 404), {"headers": TUS}, NO_UPLOAD),
    ("PATCH", "/api/v1/uploads/{token}"): Row(dict.fromkeys(ACTORS, 404), {"headers": TUS | TUS_BYTES}, NO_UPLOAD),
    ("DELETE", "/api/v1/uploads/{token}"): Row(dict.fromkeys(ACTORS, 404), {"headers": TUS}, NO_UPLOAD),
    # Following it
    ("POST", "/suivre"): open_to_all(401, data={"code": ""}),
    ("POST", "/suivre/lien"): open_to_all(422, **EMPTY),
    ("GET", "/suivre/lien/{token}"): Row(dict.fromkeys(ACTORS, 410), path={"token": "rien"}),
    ("POST", "/suivre/lien/{token}"): Row(dict.fromkeys(ACTORS, 410), path={"token": "rien"}),
    ("POST", "/suivre/fermer"): open_to_all(303),
    ("GET", "/suivre/contribution"): follow(),
    ("GET", "/suivre/contribution/correction"): follow(),
    ("POST", "/suivre/contribution/correction"): Row(
        dict.fromkeys(ACTORS, 401) | {"receipt": 303},
        EMPTY,  # the words typed come back with the way in
    ),
    ("GET", "/suivre/contribution/retrait"): follow(),
    ("POST", "/suivre/contribution/retrait"): follow(303),
    ("POST", "/suivre/contribution/retour"): follow(303),
    ("GET", "/suivre/contribution/effacement/{scope}"): follow(path={"scope": "identity"}),
    ("POST", "/suivre/contribution/effacement/{scope}"): follow(303, path={"scope": "identity"}),
    ("POST", "/suivre/contribution/code"): follow(303),
    ("GET", "/suivre/contribution/relecture"): follow(303),  # nothing is decided yet
    ("POST", "/suivre/contribution/relecture"): Row(dict.fromkeys(ACTORS, 401) | {"receipt": 409}, EMPTY),
    ("GET", "/api/v1/receipt"): receipt(),
    ("PUT", "/api/v1/receipt/revision"): receipt(201, json={"body": "Mieux dit."}),
    ("POST", "/api/v1/receipt/withdrawal"): receipt(),
    ("DELETE", "/api/v1/receipt/withdrawal"): receipt(409),  # nothing is withdrawn
    ("POST", "/api/v1/receipt/erasure"): receipt(json={"scope": "identity"}),
    ("POST", "/api/v1/receipt/code"): receipt(201),
    ("POST", "/api/v1/receipt/appeal"): receipt(409, json={}),  # nothing is decided yet
    # Reporting what is published
    ("GET", "/paroles/{reference}/signaler"): open_to_all(404),  # not published yet
    ("POST", "/paroles/{reference}/signaler"): open_to_all(404, **EMPTY),
    ("POST", "/api/v1/notices"): open_to_all(422, json={}),
    ("POST", "/api/v1/events/{slug}/registrations"): Row(dict.fromkeys(ACTORS, 422), {"json": {}}, {"slug": "atelier"}),
    ("GET", "/api/v1/registrations/{manage_token}"): Row(dict.fromkeys(ACTORS, 404), {}, {"manage_token": "x"}),
    ("DELETE", "/api/v1/registrations/{manage_token}"): Row(dict.fromkeys(ACTORS, 404), {}, {"manage_token": "x"}),
    ("GET", "/signalement"): open_to_all(),
    ("POST", "/signalement"): open_to_all(404, **EMPTY),
    # Collecting in the street
    ("GET", "/equipe/collecte"): open_to_all(),
    ("GET", "/equipe/collecte/guide"): open_to_all(),
    ("GET", "/equipe/collecte/hors-ligne.js"): open_to_all(),
    ("GET", "/equipe/collecte/manifest.webmanifest"): open_to_all(),
    ("GET", "/equipe/collecte/icone-{size}.png"): Row(dict.fromkeys(ACTORS, 200), path={"size": "192"}),
    ("GET", "/equipe/collecte/carte/{language}"): Row(dict.fromkeys(ACTORS, 200), path={"language": "ar"}),
    ("POST", "/api/v1/collect/devices"): open_to_all(422, json={}),
    ("PUT", "/api/v1/collect/device"): api("mediator", json={}),
    ("GET", "/api/v1/collect/key"): api("mediator"),
    ("POST", "/api/v1/collect/receipt-codes"): api("mediator", ok=201, json={"count": 1}),
    ("PUT", "/api/v1/collect/{uuid}"): api("mediator", ok=422, path=RECORD, json={}),
    ("GET", "/api/v1/collect/{uuid}"): api("mediator", ok=404, path=RECORD),
    # Devices
    ("GET", "/equipe/appareils"): session(*STREET),
    ("POST", "/equipe/appareils/codes"): Row(session(*STREET, ok=422).expected | {"mediator": 303}, EMPTY),
    ("GET", "/equipe/appareils/{device_id}"): session(*STREET, ok=404, path=DEVICE),
    ("POST", "/equipe/appareils/{device_id}"): session(*STREET, ok=404, path=DEVICE, data={"name": "x"}),
    ("POST", "/equipe/appareils/{device_id}/coupure"): session(*STREET, ok=404, path=DEVICE),
    # Outings
    ("GET", "/equipe/sorties"): page(*STREET),
    ("GET", "/equipe/sorties/nouvelle"): page("organiser", "administrator"),
    ("POST", "/equipe/sorties"): page("organiser", "administrator", ok=422, **EMPTY),
    **{
        (method, f"/equipe/sorties/{{outing_id}}{rest}"): page(*roles, ok=404, path=OUTING, **sent)
        for roles, rest, sends in (
            (STREET, "", False),
            (("organiser", "administrator"), "/modifier", True),
            (("organiser", "administrator"), "/annulation", True),
            (STREET, "/cloture", True),
            (STREET, "/feuille", False),
            (STREET, "/tickets", True),
        )
        for method, sent in (("GET", {}), *([("POST", EMPTY)] if sends else []))
    },
    ("GET", "/equipe/sorties/{outing_id}/recit"): page(*STREET, ok=404, path=OUTING),
    **{
        ("POST", f"/equipe/sorties/{{outing_id}}/recit{rest}"): page(*STREET, ok=404, path=OUTING, **EMPTY)
        for rest in ("", "/apercu", "/retrait")
    },
    ("POST", "/equipe/sorties/{outing_id}/reouverture"): page(*STREET, ok=404, path=OUTING, **EMPTY),
    ("POST", "/equipe/sorties/{outing_id}/tickets/annulation"): page(*STREET, ok=404, path=OUTING, **EMPTY),
    # What is told of the street
    ("GET", "/dans-la-rue"): open_to_all(),
    ("GET", "/dans-la-rue.atom"): open_to_all(),
    ("GET", "/dans-la-rue/{slug}"): Row(dict.fromkeys(ACTORS, 404), path=NO_EVENT),
    ("GET", "/dans-la-rue/{slug}/affiche"): Row(dict.fromkeys(ACTORS, 404), path=NO_EVENT),
    ("GET", "/dans-la-rue/{slug}/affiche.pdf"): Row(dict.fromkeys(ACTORS, 404), path=NO_EVENT),
    # Meetings
    ("GET", "/api/v1/events/{slug}"): Row(dict.fromkeys(ACTORS, 404), path=NO_EVENT),
    ("GET", "/rendez-vous/{slug}"): Row(dict.fromkeys(ACTORS, 404), path=NO_EVENT),
    ("GET", "/rendez-vous/{slug}.ics"): Row(dict.fromkeys(ACTORS, 404), path=NO_EVENT),
    ("GET", "/rendez-vous/{slug}/paroles"): Row(dict.fromkeys(ACTORS, 404), path=NO_EVENT),
    ("GET", "/rendez-vous/mois/{month}"): Row(dict.fromkeys(ACTORS, 200), path={"month": "2022-04"}),
    # The Assises: nothing is released in this table
    ("GET", "/assises/seances/{slug}"): Row(dict.fromkeys(ACTORS, 404), path=NO_EVENT),
    ("GET", "/assises/maintenant"): open_to_all(404),
    ("GET", "/assises/changements"): open_to_all(404),
    ("GET", "/api/v1/programme"): open_to_all(404),
    ("GET", "/assises/mon-programme"): open_to_all(404),
    ("POST", "/assises/mon-programme"): open_to_all(404, **EMPTY),
    ("POST", "/assises/mon-programme/agenda"): open_to_all(404, **EMPTY),
    ("GET", "/assises/mon-programme/{token}.ics"): Row(dict.fromkeys(ACTORS, 404), path=NO_UPLOAD),
    ("GET", "/assises/hors-ligne.js"): open_to_all(404),
    ("GET", "/assises/seances/{slug}.ics"): Row(dict.fromkeys(ACTORS, 404), path=NO_EVENT),
    ("GET", "/assises/jour/{date}"): Row(dict.fromkeys(ACTORS, 404), path={"date": "2022-06-10"}),
    ("GET", "/assises/jour/{date}.pdf"): Row(dict.fromkeys(ACTORS, 404), path={"date": "2022-06-10"}),
    ("GET", "/assises/schedule.ics"): open_to_all(404),
    ("GET", "/assises/schedule.xml"): open_to_all(404),
    # Signing up for a meeting, and one's own place there: whoever has the link
    ("GET", "/rendez-vous/{slug}/inscription"): Row(dict.fromkeys(ACTORS, 404), path=NO_EVENT),
    ("POST", "/rendez-vous/{slug}/inscription"): Row(dict.fromkeys(ACTORS, 404), EMPTY, NO_EVENT),
    ("GET", "/rendez-vous/{slug}/inscription/deja"): Row(dict.fromkeys(ACTORS, 404), path=NO_EVENT),
    ("GET", "/rendez-vous/{slug}/inscription/{once}"): Row(
        dict.fromkeys(ACTORS, 410), path=NO_EVENT | {"once": "rien"}
    ),
    ("GET", "/ma-place/{token}"): Row(dict.fromkeys(ACTORS, 404), path=NO_UPLOAD),
    ("GET", "/ma-place/{token}/rendez-vous.ics"): Row(dict.fromkeys(ACTORS, 404), path=NO_UPLOAD),
    **{
        ("POST", "/ma-place/{token}/" + act): Row(dict.fromkeys(ACTORS, 404), EMPTY, NO_UPLOAD)
        for act in ("accepter", "annuler", "changer", "effacer")
    },
    # The team's way in and accounts
    ("GET", "/equipe/connexion"): Row(dict.fromkeys(ACTORS, 200) | dict.fromkeys((*STAFF, "token"), 303)),
    ("POST", "/equipe/connexion"): open_to_all(422, **EMPTY),
    ("POST", "/equipe/deconnexion"): open_to_all(303),
    ("GET", "/equipe/double-controle"): begun(),
    ("POST", "/equipe/double-controle"): begun(422),
    ("GET", "/equipe/double-controle/mise-en-place"): begun(),
    ("POST", "/equipe/double-controle/mise-en-place"): begun(),  # a page of another session
    ("GET", "/equipe/mot-de-passe/{link}"): Row(dict.fromkeys(ACTORS, 410), path={"link": "rien"}),
    ("POST", "/equipe/mot-de-passe/{link}"): Row(dict.fromkeys(ACTORS, 410), EMPTY, {"link": "rien"}),
    ("GET", "/equipe"): page(*STAFF),
    ("GET", "/equipe/moi"): page(*STAFF),
    ("GET", "/equipe/journal"): page("organiser", "administrator"),
    ("POST", "/equipe/journal/export"): session("organiser", "administrator", **EMPTY),
    ("GET", "/equipe/compte"): session(*STAFF),
    ("POST", "/equipe/compte/mot-de-passe"): session(*STAFF, ok=422, **EMPTY),
    ("GET", "/equipe/compte/codes"): session(*STAFF),
    ("POST", "/equipe/compte/codes"): session(*STAFF, ok=303),
    ("POST", "/equipe/compte/jetons"): session(*STAFF, ok=422, **EMPTY),
    ("POST", "/equipe/compte/jetons/fin"): session(*STAFF, ok=404, **EMPTY),
    ("POST", "/equipe/compte/sessions/fin"): session(*STAFF, ok=303),
    ("GET", "/equipe/personnes"): page(*ADMIN),
    ("POST", "/equipe/personnes"): session(*ADMIN, ok=422, **EMPTY),
    ("GET", "/equipe/personnes/{person_id}"): session(*ADMIN, ok=404, path=NOBODY),
    ("POST", "/equipe/personnes/{person_id}"): session(*ADMIN, ok=404, path=NOBODY, **EMPTY),
    ("POST", "/equipe/personnes/{person_id}/acces/fin"): session(*ADMIN, ok=404, path=NOBODY),
    ("POST", "/equipe/personnes/{person_id}/acces"): session(*ADMIN, ok=404, path=NOBODY),
    ("POST", "/equipe/personnes/{person_id}/double-controle/fin"): session(*ADMIN, ok=404, path=NOBODY),
    ("POST", "/equipe/personnes/{person_id}/sessions/fin"): session(*ADMIN, ok=404, path=NOBODY),
    ("POST", "/equipe/personnes/{person_id}/liens"): session(*ADMIN, ok=404, path=NOBODY),
    # The desk
    ("GET", "/equipe/moderation"): page(*DESK),
    ("GET", "/equipe/moderation/etat"): page(*DESK),
    ("GET", "/equipe/moderation/suite"): page(*DESK, ok=404, params={"item": NOBODY["media_id"]}),
    ("GET", "/equipe/moderation/{id}"): page(*DESK),
    ("POST", "/equipe/moderation/{id}/prise"): page(*DESK, ok=303),
    ("POST", "/equipe/moderation/{id}/rendre"): page(*DESK, ok=303),
    ("POST", "/equipe/moderation/{id}/reprise"): page(*DESK, ok=303),
    ("POST", "/equipe/moderation/{id}/decisions"): page(*DESK, ok=422, **EMPTY),
    ("POST", "/equipe/moderation/decisions"): page(*DESK, ok=422, **EMPTY),
    ("POST", "/equipe/moderation/{id}/original"): page(*DESK, ok=422, **EMPTY),
    ("POST", "/equipe/moderation/signaux/{signal_id}"): page(*DESK, ok=422, path=NOBODY, **EMPTY),
    ("GET", "/equipe/moderation/groupes/{id}"): page(*DESK, ok=404, path=ALERT),
    ("GET", "/equipe/moderation/{id}/alerte"): page(*STAFF),
    ("POST", "/equipe/moderation/{id}/alerte"): page(*STAFF, ok=422, **EMPTY),
    ("POST", "/equipe/moderation/medias/{media_id}/relance"): page(*DESK, ok=404, path=NOBODY),
    ("GET", "/equipe/moderation/medias/{media_id}/sous-titres"): page(*DESK, ok=404, path=NOBODY),
    ("POST", "/equipe/moderation/medias/{media_id}/sous-titres"): page(*DESK, ok=404, path=NOBODY, **EMPTY),
    ("POST", "/equipe/moderation/medias/{media_id}/sous-titres/fichier"): page(*DESK, ok=404, path=NOBODY, **EMPTY),
    ("POST", "/equipe/moderation/medias/{media_id}/sous-titres/suppression"): page(*DESK, ok=404, path=NOBODY, **EMPTY),
    ("POST", "/equipe/moderation/medias/{media_id}/sous-titres/brouillon"): page(*DESK, ok=404, path=NOBODY, **EMPTY),
    ("GET", "/equipe/alertes"): page(*WATCH),
    ("GET", "/equipe/alertes/{id}"): page(*WATCH, ok=404, path=ALERT),
    ("POST", "/equipe/alertes/{id}/reponse"): page(*WATCH, ok=404, path=ALERT),
    ("POST", "/equipe/alertes/{id}/coordonnees"): page(*WATCH, ok=404, path=ALERT, data={"motive": "x"}),
    ("POST", "/equipe/alertes/{id}/cloture"): page(*WATCH, ok=404, path=ALERT, data={"done": "x"}),
    ("GET", "/equipe/signalements"): page(*DESK),
    ("GET", "/equipe/signalements/{id}"): page(*DESK, ok=404, path=ALERT),
    ("POST", "/equipe/signalements/{id}/decision"): page(*DESK, ok=404, path=ALERT, data={"version": 1, "act": "hide"}),
    ("GET", "/equipe/recours"): page(*DESK),
    ("GET", "/equipe/recours/{id}"): page(*DESK, ok=404, path=ALERT),
    ("POST", "/equipe/recours/{id}/decision"): page(*DESK, ok=404, path=ALERT, **EMPTY),
    ("GET", "/equipe/reglages"): page("organiser", "administrator"),
    ("POST", "/equipe/reglages/{switch}"): page("organiser", "administrator", ok=422, path={"switch": "slow"}, **EMPTY),
    # Organisers write events; whoever holds a door finds it in the list.
    ("GET", "/equipe/assises"): page("organiser", "administrator"),
    ("GET", "/equipe/assises/versions"): page("organiser", "administrator"),
    ("GET", "/equipe/assises/versions/nouvelle"): page("organiser", "administrator"),
    ("POST", "/equipe/assises/versions/nouvelle"): page("organiser", "administrator", ok=422, **EMPTY),
    ("GET", "/equipe/assises/seances/{session_id}/urgence"): page("organiser", "administrator", ok=404, path=SESSION),
    ("POST", "/equipe/assises/seances/{session_id}/urgence"): page(
        "organiser", "administrator", ok=404, path=SESSION, **EMPTY
    ),
    ("GET", "/equipe/assises/seances/{session_id}/affiche"): page("organiser", "administrator", ok=404, path=SESSION),
    ("POST", "/equipe/assises/seances/{session_id}/place"): page(
        "organiser", "administrator", ok=404, path=SESSION, **EMPTY
    ),
    ("GET", "/equipe/assises/seances/nouvelle"): page("organiser", "administrator"),
    ("POST", "/equipe/assises/seances"): page("organiser", "administrator", ok=422, **EMPTY),
    ("GET", "/equipe/assises/seances/{session_id}"): page("organiser", "administrator", ok=404, path=SESSION),
    ("POST", "/equipe/assises/seances/{session_id}"): page("organiser", "administrator", ok=404, path=SESSION, **EMPTY),
    ("POST", "/equipe/assises/seances/{session_id}/suppression"): page(
        "organiser", "administrator", ok=404, path=SESSION, **EMPTY
    ),
    ("GET", "/equipe/assises/parcours"): page("organiser", "administrator"),
    ("POST", "/equipe/assises/parcours"): page("organiser", "administrator", ok=409, **EMPTY),
    ("GET", "/equipe/assises/parcours/nouvelle-etape"): page("organiser", "administrator"),
    ("POST", "/equipe/assises/parcours/nouvelle-etape"): page("organiser", "administrator", ok=422, **EMPTY),
    ("GET", "/equipe/assises/parcours/{stop_id}"): page("organiser", "administrator", ok=404, path=STOP),
    ("POST", "/equipe/assises/parcours/{stop_id}"): page("organiser", "administrator", ok=404, path=STOP, **EMPTY),
    ("POST", "/equipe/assises/parcours/{stop_id}/ordre"): page(
        "organiser", "administrator", ok=422, path=STOP, **EMPTY
    ),
    ("POST", "/equipe/assises/parcours/{stop_id}/suppression"): page(
        "organiser", "administrator", ok=404, path=STOP, **EMPTY
    ),
    **{
        (method, "/equipe/assises/reglages" + path): page("organiser", "administrator", ok=ok, path=PART, **sent)
        for method, path, ok, sent in (
            ("GET", "", 200, {}),
            ("GET", "/ensemble", 200, {}),
            ("POST", "/ensemble", 422, EMPTY),
            ("GET", "/{what}/nouveau", 200, {}),
            ("POST", "/{what}", 422, EMPTY),
            ("GET", "/{what}/{row_id}", 404, {}),
            ("POST", "/{what}/{row_id}", 404, EMPTY),
            ("POST", "/{what}/{row_id}/suppression", 404, EMPTY),
            ("POST", "/{what}/{row_id}/avant", 404, {}),
        )
    },
    **{
        (method, "/equipe/assises/intervenants" + path): page("organiser", "administrator", ok=ok, path=SPEAKER, **sent)
        for method, path, ok, sent in (
            ("GET", "", 200, {}),
            ("GET", "/nouveau", 200, {}),
            ("POST", "", 422, EMPTY),
            ("GET", "/{speaker_id}", 404, {}),
            ("POST", "/{speaker_id}", 404, EMPTY),
            ("POST", "/{speaker_id}/accord", 404, EMPTY),
            ("POST", "/{speaker_id}/accord/retrait", 404, EMPTY),
            ("POST", "/{speaker_id}/suppression", 404, EMPTY),
        )
    },
    ("GET", "/equipe/rendez-vous"): page(*CALLERS),
    ("GET", "/equipe/rendez-vous/nouveau"): page("organiser", "administrator"),
    ("POST", "/equipe/rendez-vous"): page("organiser", "administrator", ok=422, **EMPTY),
    ("POST", "/equipe/rendez-vous/apercu"): page("organiser", "administrator", ok=422, **EMPTY),
    ("GET", "/equipe/rendez-vous/{event_id}"): page("organiser", "administrator", ok=404, path=EVENT),
    ("POST", "/equipe/rendez-vous/{event_id}"): page("organiser", "administrator", ok=404, path=EVENT, **EMPTY),
    ("POST", "/equipe/rendez-vous/{event_id}/publication"): page(
        "organiser", "administrator", ok=404, path=EVENT, data={"version": 1}
    ),
    ("GET", "/equipe/rendez-vous/{event_id}/annulation"): page("organiser", "administrator", ok=404, path=EVENT),
    ("POST", "/equipe/rendez-vous/{event_id}/annulation"): page(
        "organiser", "administrator", ok=404, path=EVENT, data={"version": 1}
    ),
    ("GET", "/equipe/rendez-vous/{event_id}/report"): page("organiser", "administrator", ok=404, path=EVENT),
    ("POST", "/equipe/rendez-vous/{event_id}/report"): page(
        "organiser", "administrator", ok=404, path=EVENT, data={"version": 1}
    ),
    ("POST", "/equipe/rendez-vous/{event_id}/suppression"): page("organiser", "administrator", ok=404, path=EVENT),
    ("POST", "/equipe/rendez-vous/{event_id}/copie"): page("organiser", "administrator", ok=404, path=EVENT),
    ("POST", "/equipe/rendez-vous/{event_id}/serie"): page(
        "organiser", "administrator", ok=404, path=EVENT, data={"times": 1}
    ),
    ("POST", "/equipe/rendez-vous/{event_id}/serie/publication"): page(
        "organiser", "administrator", ok=404, path=EVENT
    ),
    ("GET", "/equipe/appels"): page(*CALLERS),
    ("POST", "/equipe/appels/{message_id}"): page(*CALLERS, ok=404, path=NOBODY, **EMPTY),
    # The report of a meeting
    ("GET", "/equipe/rendez-vous/{event_id}/compte-rendu"): page("organiser", "administrator", ok=404, path=EVENT),
    ("POST", "/equipe/rendez-vous/{event_id}/compte-rendu"): page(
        "organiser", "administrator", ok=404, path=EVENT, **EMPTY
    ),
    # The door of a meeting
    ("GET", "/equipe/rendez-vous/{event_id}/porte"): page(*CALLERS, ok=404, path=EVENT),
    ("POST", "/equipe/rendez-vous/{event_id}/porte"): page(*CALLERS, ok=404, path=EVENT, **EMPTY),
    ("GET", "/equipe/rendez-vous/{event_id}/porte/etat"): page(*CALLERS, ok=404, path=EVENT),
    ("POST", "/equipe/rendez-vous/{event_id}/porte/arrivees"): page(
        *CALLERS, ok=404, path=EVENT, json={"arrivals": [{}]}
    ),
    ("GET", "/equipe/rendez-vous/{event_id}/porte/hors-ligne.js"): page(*CALLERS, path=EVENT),
    # Who signed up for a meeting
    ("GET", "/equipe/rendez-vous/{event_id}/inscrits"): page(*CALLERS, ok=404, path=EVENT),
    ("POST", "/equipe/rendez-vous/{event_id}/inscrits"): page(*CALLERS, ok=404, path=EVENT, **EMPTY),
    **{
        ("POST", "/equipe/rendez-vous/{event_id}/inscrits/{registration_id}/" + act): page(
            *CALLERS, ok=404, path=EVENT | {"registration_id": EVENT["event_id"]}
        )
        for act in ("annulation", "acceptation")
    },
    **{
        (method, "/equipe/rendez-vous/{event_id}/inscrits/{registration_id}"): page(
            *CALLERS, ok=404, path=EVENT | {"registration_id": EVENT["event_id"]}
        )
        for method in ("GET", "POST")
    },
    ("GET", "/equipe/rendez-vous/{event_id}/feuille"): page(*CALLERS, ok=404, path=EVENT),
    ("GET", "/equipe/rendez-vous/{event_id}/ecrire"): page("organiser", "administrator", ok=404, path=EVENT),
    ("POST", "/equipe/rendez-vous/{event_id}/ecrire"): page("organiser", "administrator", ok=404, path=EVENT, **EMPTY),
    ("GET", "/api/v1/moderation/queue"): api(*DESK),
    ("POST", "/api/v1/moderation/{id}/claim"): api(*DESK, ok=201),
    ("DELETE", "/api/v1/moderation/{id}/claim"): api(*DESK, ok=204),
    ("POST", "/api/v1/moderation/{id}/decisions"): api(*DESK, ok=422, json={}),
    ("POST", "/api/v1/moderation/decisions"): api(*DESK, ok=422, json={}),
    ("POST", "/api/v1/moderation/{id}/alerts"): api(*STAFF, ok=422, json={}),
    ("POST", "/api/v1/moderation/appeals/{id}/decisions"): api(
        *DESK, ok=404, path=ALERT, json={"version": 1, "outcome": "upheld", "statement": "x"}
    ),
    ("POST", "/api/v1/moderation/alerts/{id}/closure"): api(*STAFF, ok=404, path=ALERT, json={"done": "x"}),
    # What names a contribution or a photo: its state decides, in STATES below.
    ("GET", "/paroles/{reference}"): open_to_all(404),
    ("GET", "/api/v1/contributions/{reference}"): open_to_all(404),
    ("GET", "/media/{opaque}/{name}"): Row(
        dict.fromkeys((*STAFF, "token", "receipt"), 200) | {"anonymous": 404, "revoked": 404}
    ),
}

# By state of the contribution, for who may see it: the public page and its JSON, the photo (to the public, the holder,
# the team), the desk's page. « Gone » says so only where the words were public once.
GONE_STATES = ("hidden", "withdrawn", "erased")
PUBLIC = {"published": 200, **dict.fromkeys(GONE_STATES, 410)}
PHOTO = {
    # state: (the public, the holder, the team)
    "pending": (404, 200, 200),
    "second_review": (404, 200, 200),
    "returned": (404, 200, 200),
    "refused": (404, 200, 200),
    "published": (200, 200, 200),
    "hidden": (404, 200, 200),
    "merged": (404, 200, 200),
    "withdrawn": (404, 200, 404),  # the author took it back: the team sees it no more
    "erased": (404, 404, 404),  # also before the job has deleted the files
}
