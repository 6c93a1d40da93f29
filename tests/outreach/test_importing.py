"""The file of a device that can send nothing any more: read to the last line that is whole, as often as one likes."""

import json
import subprocess
import uuid
from base64 import b64encode
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app import db
from app.models import AllottedCode, AuditEntry, Collected, CollectedMedia, Contribution, Device, Outing, Role
from app.outreach import commands
from app.web import STATIC
from tests import factories
from tests.conftest import NOW, World
from tests.outreach.records import Street, sealed_record, spoken, street
from tests.outreach.street_media import Medium

PIECE = 1500


def header(here: Street, **more: Any) -> dict[str, Any]:
    named = {"device": str(here.device.id), "mediator": str(here.mediator.id), "made_at": NOW.isoformat()}
    return {"format": "nouvelles-solidarites/collecte", "version": 1} | named | more


def record(said: dict[str, Any], *media: Medium, id: str = "") -> list[dict[str, Any]]:
    """As static/js/collect/export.js writes it."""
    id = id or str(uuid.uuid4())
    told = [{"client_id": each.client_id, "sealed_size": len(each.sent)} for each in media]
    jose = sealed_record(said | {"media": [each.said() for each in media]})
    lines: list[dict[str, Any]] = [{"uuid": id, "jose": jose, "media": told}]
    for each in media:
        pieces = [each.sent[at : at + PIECE] for at in range(0, len(each.sent), PIECE)]
        named = {"uuid": id, "client_id": each.client_id, "of": len(pieces)}
        lines += [named | {"part": n, "data": b64encode(one).decode()} for n, one in enumerate(pieces)]
    return lines


def brought(
    world: World, lines: list[Any], capsys: pytest.CaptureFixture[str], *, cut: int = 0, mediator: str = ""
) -> tuple[int, str, str]:
    """(exit code, what it says, what it complains of)."""
    file = Path(world.adapters.data_dir) / "file.jsonl"
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    file.write_text(text[: len(text) - cut])
    capsys.readouterr()
    code = commands.bring(file, world.adapters, mediator=mediator)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_revoked_devices_file_comes_in_whole_and_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    here = street(world)
    one, two = here.codes(2)
    photo, voice = Medium(), Medium(client_id="v", type="audio/webm", plain=b"\x1aE\xdf\xa3" + b"v" * 4000)
    with db.writing() as session:  # as revoking does; and the mediator has left the outing since
        session.execute(sa.update(Device).values(revoked_at=NOW))
        session.execute(sa.update(AllottedCode).values(cancelled_at=NOW))
        session.execute(sa.text("DELETE FROM outingmediator"))
    assert here.put(spoken()).json()["code"] == "device_revoked"
    twice = spoken("Encore.", receipt_code=one["words"])
    lines = [
        header(here),
        *record(spoken(outing=str(here.outing.id), receipt_code=one["words"]), photo, voice),
        *record(spoken("Un arbre.", receipt_code=two["digits"])),
        *record(twice),
        *record(spoken("", consents={})),
    ]
    code, said, complaint = brought(world, lines, capsys)
    assert (code, complaint) == (1, "")
    assert "3 records taken in, 0 already here, 2 media, 1 refused" in said
    assert "its receipt code opens nothing" in said
    assert "Un arbre" not in said
    code, said, complaint = brought(world, lines[:-1], capsys)
    assert (code, complaint) == (0, "")
    assert "0 records taken in, 3 already here, 2 media, 0 refused" in said
    assert said.count("already here") == 6
    with db.reading() as session:
        assert len(session.exec(select(Contribution)).all()) == 3
        assert all(each.imported and each.sealed for each in session.exec(select(Collected)))
        assert all(isinstance(at, datetime) for at in session.exec(select(CollectedMedia.held_at)))
        assert session.exec(select(Outing.collected)).one() == 1
        assert len(session.exec(select(AuditEntry).where(AuditEntry.action == "records_imported")).all()) == 2
    followed = world.client.get("/api/v1/receipt", headers={"Authorization": f"Receipt {two['words']}"})
    assert followed.status_code == 200


EXPORT = """
import { file } from '%s';
let input = '';
for await (const piece of process.stdin) input += piece;
const { device, records } = JSON.parse(input);
const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64'));
const store = {
  device: async () => device,
  ready: async () => records,
  blob: async (uuid, id) => bytes(records.find((one) => one.uuid === uuid).blobs[id]),
};
process.stdout.write(await (await file(store)).text());
"""


def test_the_file_that_a_device_writes(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """With the page's own code; what was said on it while it was another mediator's stays that one's."""
    here = street(world)
    with db.writing() as session:
        before = factories.staff(session, Role.MEDIATOR)
    photo = Medium(plain=b"\xff\xd8\xff" + b"p" * 1_600_000)
    records = []
    for owner, media in ((here.mediator, [photo]), (before, [])):
        declared = [each.said() for each in media]
        records.append({
            "uuid": str(uuid.uuid4()), "owner": str(owner.id), "jose": sealed_record(spoken(media=declared)),
            "media": [{"client_id": each.client_id, "size": len(each.sent)} for each in media],
            "blobs": {each.client_id: b64encode(each.sent).decode() for each in media},
        })  # fmt: skip
    device = {"device": {"id": str(here.device.id)}, "mediator": {"id": str(here.mediator.id)}}
    written = subprocess.run(
        ["node", "--input-type=module", "-e", EXPORT % (STATIC / "js/collect/export.js").as_uri()],
        input=json.dumps({"device": device, "records": records}),
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    lines = [json.loads(line) for line in written.stdout.splitlines()]
    assert len(lines) == 1 + 2 + 3
    code, said, _ = brought(world, lines, capsys)
    assert (code, said.splitlines()[-1]) == (0, "2 records taken in, 0 already here, 1 media, 0 refused")
    with db.reading() as session:
        owners = select(Collected.staff_seq).order_by(Collected.seq)  # type: ignore[arg-type]
        assert session.exec(owners).all() == [here.mediator.seq, before.seq]


def test_a_file_that_breaks_off_keeps_what_came_before(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    here = street(world)
    lines = [header(here), *record(spoken("Premier.")), *record(spoken("Second."), Medium())]
    code, said, complaint = brought(world, lines, capsys, cut=700)
    assert code == 1
    assert "2 records taken in" in said
    assert f"line {len(lines)}: broken off" in complaint
    short = lines[:-1]
    code, said, complaint = brought(world, short, capsys)
    assert (code, complaint) == (1, "")
    assert "1 refused" in said
    odd = [*lines[:4], lines[5], *lines[6:]]
    code, said, complaint = brought(world, odd, capsys)
    assert "line 5: pieces of a medium are missing" in complaint
    code, said, complaint = brought(world, lines, capsys)
    assert (code, complaint) == (0, "")
    assert "0 records taken in, 2 already here, 1 media, 0 refused" in said


def test_what_is_no_such_file_is_refused_in_words(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    here = street(world)
    for first, words in (
        ({"format": "autre"}, "line 1: this is no file of sealed records"),
        (header(here, version=2), "line 1: only version 1"),
        (header(here, device=str(uuid.uuid4()), mediator=None), "--mediator EMAIL"),
        ([], "line 1: broken off"),
    ):
        code, _, complaint = brought(world, [first], capsys)
        assert code == 1
        assert words in complaint
    code, _, complaint = brought(world, [header(here), {"uuid": "rien"}], capsys)
    assert "line 2: neither a record" in complaint
    foreign = [header(here, device=None, mediator=None), {"uuid": str(uuid.uuid4()), "jose": "a.b.c.d.e", "media": []}]
    code, said, _ = brought(world, foreign, capsys, mediator=here.mediator.email)
    assert code == 1
    assert "1 refused" in said
    with pytest.raises(SystemExit, match="No such file"):
        commands.bring(Path(world.adapters.data_dir) / "absent", world.adapters, mediator="")
    with pytest.raises(SystemExit, match="nobody of the team"):
        commands.bring(Path("x"), world.adapters, mediator="personne@exemple.fr")
