"""Media declared with a record: once each, said again without harm, refused with the field named."""

from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import col, select

from app import db
from app.errors import AppError
from app.models import Collected, CollectedMedia, Media, MediaState
from app.outreach import collect_media
from app.outreach.media_schemas import DeclaredIn
from tests.conftest import World
from tests.outreach.street_media import Medium, declared, held, taken_in


def test_a_medium_is_declared_once_however_often_it_is_said(world: World) -> None:
    photo, sound = Medium(), Medium(client_id="m2", type="audio/webm", sealed=False)
    with db.writing() as session:
        record = taken_in(session, photo)
    for _ in range(2):  # the second time with one more
        with db.writing() as session:
            declared(session, session.get_one(Collected, record.seq), photo, sound)
    assert held(record) == [False, False]
    with db.reading() as session:
        rows = session.exec(select(Media).order_by(col(Media.seq))).all()
        assert [(m.state, m.kind.value, m.position, m.size) for m in rows] == [
            (MediaState.UPLOADING, "photo", 0, len(photo.plain)),
            (MediaState.UPLOADING, "audio", 1, len(sound.plain)),
        ]


def test_its_key_is_kept_sealed_and_a_new_one_replaces_it(world: World) -> None:
    photo = Medium()
    with db.writing() as session:
        record = taken_in(session, photo)
        photo.secret = photo.secret[::-1]
        declared(session, session.get_one(Collected, record.seq), photo)
    with db.reading() as session:
        (row,) = session.exec(select(CollectedMedia)).all()
        assert collect_media.opened_key(row) == photo.secret
        assert photo.secret[:32] not in (row.key_sealed or b"")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_declared(world: World) -> None:
    photo = Medium()
    with db.writing() as session:
        record = taken_in(session, photo)

    def refused(*media: Medium, **more: Any) -> AppError:
        with pytest.raises(AppError) as refusal, db.writing() as session:
            declared(session, session.get_one(Collected, record.seq), *media, **more)
        return refusal.value

    assert refused(Medium()).code == "other_medium"
    heavy = refused(Medium(client_id="m2"), size=10**12)
    assert (heavy.code, heavy.extra["field"]) == ("file_too_large", "media.0.size")
    assert refused(*(Medium(client_id=f"n{n}") for n in range(40))).errors[0].code == "too_many_media"
    assert held(record) == [False]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"sha256": "é" * 64}, "sha256"),
        ({"size": 0}, "size"),
        ({"type": "image"}, "type"),
        ({"key": "AAAA"}, "key"),
        ({"iv": "*"}, "iv"),
        ({"iv": None}, ""),
        ({"client_id": "a b"}, "client_id"),
    ],
)
def test_what_is_wrong_names_its_field(more: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        DeclaredIn.model_validate(Medium().said(**more))
    assert ".".join(str(each) for each in refusal.value.errors()[0]["loc"]) == field
