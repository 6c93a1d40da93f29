from collections.abc import Callable
from pathlib import Path

import pytest

from app.consultation.content import NANTES, ContentError, load
from app.consultation.schemas import Consultation


@pytest.fixture(scope="session")
def nantes() -> Consultation:
    return load(NANTES)


@pytest.fixture
def broken(tmp_path: Path) -> Callable[..., list[str]]:
    """Changes Nantes' file, loads it, and returns the sentences of the error without the folder."""

    def change(*replacements: tuple[str, str]) -> list[str]:
        text = NANTES.read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text, old
            text = text.replace(old, new, 1)
        path = tmp_path / "ville.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ContentError) as caught:
            load(path)
        return str(caught.value).replace(f"{tmp_path}/", "").split("\n")

    return change


@pytest.fixture(scope="session")
def line_with() -> Callable[..., int]:
    """The line of Nantes' file on which `words` stand, after the line on which `after` stands."""
    lines = NANTES.read_text(encoding="utf-8").split("\n")

    def find(words: str, after: str = "") -> int:
        start = next(number for number, line in enumerate(lines) if after in line)
        return next(number for number, line in enumerate(lines[start:], start + 1) if words in line)

    return find
