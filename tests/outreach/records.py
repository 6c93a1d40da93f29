"""Records from the street, as devices send them."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from joserfc import jwe
from joserfc.jwk import ECKey
from starlette.testclient import TestClient

from app import db
from app.models import Device, Outing, Role, Staff
from app.outreach import sealed
from tests import factories
from tests.conftest import World

CLOCK = "2022-04-12T08:00:00+00:00"


def spoken(body: str = "Un banc devant l’école.", **more: Any) -> dict[str, Any]:
    """The JSON of a valid record."""
    return factories.said(body, read_back=True, collected_at="2022-04-12T07:40:00+00:00") | more


@dataclass
class Street:
    """A mediator at a market, with a paired phone."""

    world: World
    mediator: Staff
    outing: Outing
    device: Device
    client: TestClient

    def put(self, said: Any, id: str = "", *, query: str = "", **headers: str) -> Any:
        headers = {"Content-Type": "application/json", "Collect-Clock": CLOCK} | headers
        body = said if isinstance(said, bytes | str) else json.dumps(said)
        return self.client.put(f"/api/v1/collect/{id or uuid.uuid4()}{query}", content=body, headers=headers)

    def put_sealed(self, said: Any, id: str = "", **more: Any) -> Any:
        return self.put(sealed_record(said), id, **{"Content-Type": "application/jose"}, **more)

    def codes(self, count: int = 1) -> list[dict[str, Any]]:
        given = self.client.post("/api/v1/collect/receipt-codes", json={"count": count})
        assert given.status_code == 201, given.text
        found: list[dict[str, Any]] = given.json()["codes"]
        return found


def street(world: World, **outing: Any) -> Street:
    with db.writing() as session:
        mediator = factories.staff(session, Role.MEDIATOR)
        place = factories.outing(session, mediator, **outing)
        device, token = factories.device(session, mediator)
    return Street(world, mediator, place, device, world.as_staff(token))


def sealed_record(said: Any) -> str:
    """As a device seals it."""
    key = ECKey.import_key(sealed.public_jwk())
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": sealed.public_jwk()["kid"]}
    return jwe.encrypt_compact(
        header, said if isinstance(said, bytes) else json.dumps(said), key, algorithms=["ECDH-ES", "A256GCM"]
    )
