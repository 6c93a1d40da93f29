"""Logs say what broke and where, never what people wrote."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app import observe


def broken() -> None:
    try:
        raise ValueError("CANARI: ce que quelqu’un a écrit")
    except ValueError as error:
        raise RuntimeError("CANARI encore") from error


@pytest.fixture
def restored() -> Iterator[None]:
    """What other tests log goes where it went before."""
    before, handlers = structlog.get_config(), logging.root.handlers[:]
    yield
    structlog.configure(**before)
    logging.root.handlers[:] = handlers


pytestmark = pytest.mark.usefixtures("restored")


def test_an_unforeseen_error_is_told_by_kind_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    observe.configure("json")
    try:
        broken()
    except RuntimeError as error:
        observe.log.error("unforeseen", exc_info=error)
    line = json.loads(capsys.readouterr().err)
    assert line["where"].startswith("RuntimeError\n  test_observe.py:")
    assert "ValueError" in line["where"]
    assert "CANARI" not in json.dumps(line)


def test_what_libraries_log_is_told_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    observe.configure("json")
    try:
        broken()
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    said = capsys.readouterr().err
    assert "test_observe.py" in said
    assert "RuntimeError" in said
    assert "CANARI" not in said
