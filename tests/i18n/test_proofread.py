"""A translation nobody has accepted says so at the top of each page; the others say nothing."""

import pytest

from app.consultation.content import consultation
from app.i18n import LANGUAGES, gettext, speaking
from tests.conftest import World

MARK = '<p class="unproofread">'


@pytest.mark.parametrize("path", ["/", "/participer", "/besoin-aide"])
def test_only_a_translation_to_proofread_is_marked(world: World, path: str) -> None:
    for code, language in LANGUAGES.items():
        answer = world.client.get(language.prefix + path)
        content = consultation().language(code)
        assert content is not None
        assert (MARK in answer.text) is not content.proofread, code
        with speaking(code):
            assert (gettext("Traduction à relire") in answer.text) is not content.proofread, code
