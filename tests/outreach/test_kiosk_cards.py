"""The card of a device handed over: whole in every language, light, and with nobody's words in it."""

import gzip
import re

import pytest

from app.consultation.content import consultation
from app.i18n import LANGUAGES
from tests.conftest import World

MOST = 2.7  # kB compressed: Cyrillic weighs most


def test_the_card_speaks_every_language_of_the_site_and_weighs_little(world: World) -> None:
    said = set()
    for code, language in LANGUAGES.items():
        answer = world.client.get(f"/equipe/collecte/carte/{code}")
        assert answer.status_code == 200
        assert answer.headers["content-language"] == language.tag
        assert f'lang="{language.tag}" dir="{language.direction}"' in answer.text
        assert len(gzip.compress(answer.content, 6)) <= MOST * 1000, code
        for kind in (consultation().questions, consultation().audiences, consultation().quartiers):
            assert all(f'value="{one.id}"' in answer.text for one in kind)
        said.add(re.sub(r"<[^>]+>", "", answer.text))
    assert len(said) == len(LANGUAGES), "each in words of its own"


@pytest.mark.parametrize("code", ["xx", "%2e%2e", "FR", "fr.html"])
def test_no_card_in_a_language_that_is_none(world: World, code: str) -> None:
    assert world.client.get(f"/equipe/collecte/carte/{code}").status_code == 404


def test_the_card_is_the_same_for_everybody_and_fills_in_nothing(world: World) -> None:
    answer = world.client.get("/equipe/collecte/carte/ar", headers={"Cookie": "session=x"})
    assert answer.text == world.browser().get("/equipe/collecte/carte/ar").text
    assert "set-cookie" not in answer.headers
    assert 'autocomplete="off"' in answer.text
    assert not re.search(r"<script|\son\w+=|style=", answer.text)
    assert not re.search(r"\schecked|\sselected", answer.text)
