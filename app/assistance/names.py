"""Names of persons in French texts, by a spaCy model, where the operator has set one up (DIALOGUE_NAMES_MODEL).

Such a model takes many places for persons: those of the content file are left out, and a person judges the rest.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.assistance.found import Found
from app.consultation.content import consultation

PERSON = "PER"
UNUSED = ("attribute_ruler", "lemmatizer", "morphologizer", "parser", "senter")  # all but what tells names
SHORTEST = 3
_model: list[Path | None] = [None]


def configure(model: Path | None) -> None:
    """The model's folder for this process; None: names are not looked for."""
    if model != _model[0]:
        _load.cache_clear()
    _model[0] = model


def lacking() -> str:
    """Why names are not looked for; "" when they are."""
    if _model[0] is None:
        return "no model: set DIALOGUE_NAMES_MODEL to the folder of one"
    if find_spec("spacy") is None:
        return "the [names] extra is not installed"
    return "" if (_model[0] / "config.cfg").is_file() else f"no spaCy model in {_model[0]}"


def names(text: str, language: str) -> Iterator[Found]:
    """Of texts in French, where a model is there; the first text loads it."""
    if language.partition("-")[0] != "fr" or lacking():
        return
    for entity in _load(_model[0])(text).ents:
        words = entity.text.strip()
        if entity.label_ == PERSON and len(words) >= SHORTEST and not _of_the_city(words):
            start = entity.start_char + len(entity.text) - len(entity.text.lstrip())
            yield Found("name", start, start + len(words))


@lru_cache(maxsize=1)
def _load(folder: Path) -> Any:
    import spacy

    return spacy.load(folder, exclude=UNUSED)


def _of_the_city(words: str) -> bool:
    """Whether they are all words of the quartiers' names."""
    known = {word for part in consultation().quartiers for word in _words(part.name.in_("fr"))}
    return _words(words) <= known


def _words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"\w+", text)}
