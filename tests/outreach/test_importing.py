"""The file of a device that can send nothing any more: read to the last line that is whole, as often as one likes."""

import json
import uuid
from base64 import b64encode
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app import db
from app.models import AllottedCode, AuditEntry, Collected, CollectedMedia, Contribution, Device, Outing
from app.outreach import commands
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
