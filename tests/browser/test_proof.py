"""The silent proof in a real browser: right, quick, and nothing to do for whoever writes."""

import hashlib
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.browser.conftest import Open, recruit
from tests.live import Live


@pytest.fixture
def asked_of_everybody(live: Live) -> Iterator[None]:
    organiser = recruit(live, "organiser")
    headers = {"Authorization": "Bearer " + live.dialogue("token", "add", organiser.email, "--name", "essai")}
    page = f"{live.url}/equipe/reglages/proof"
    assert httpx.post(page, data={"to": "on"}, headers=headers).status_code == 303
    yield
    assert httpx.post(page, data={"to": "off"}, headers=headers).status_code == 303


def test_the_hash_is_the_one_everybody_knows(visit: Open, live: Live) -> None:
    page = visit().go("/besoin-aide")
    texts = [("x" * length, end) for length in (0, 54, 55, 56, 63, 64, 119, 128) for end in ("", "7", "123456")]
    found = page.evaluate(
        """async (texts) => {
          const main = document.querySelector('script[type=module]').src;
          const { hasher } = await import(main.replace('main.js', 'proof.js'));
          return texts.map(([start, end]) =>
            [...hasher(start)(end)].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join(''));
        }""",
        texts,
    )
    assert found == [hashlib.sha256((start + end).encode()).hexdigest() for start, end in texts]


@pytest.mark.usefixtures("asked_of_everybody")
def test_whoever_writes_notices_nothing(visit: Open) -> None:
    visitor = visit()
    page = visitor.go("/participer")
    began = time.monotonic()
    page.evaluate(
        """() => {
          const form = document.querySelector('form[data-steps]');
          form.querySelector('[name=question]').checked = true;
          form.querySelector('[name=body]').value = 'Un banc devant l’école.';
          form.querySelector('[name=kind]').checked = true;
          for (const box of ['publication', 'age']) form.querySelector(`[name="consents.${box}"]`).checked = true;
          form.noValidate = true;
          form.submit();
        }"""
    )
    page.wait_for_url("**/participer/merci/*")
    assert time.monotonic() - began < 10  # two pages and the proof, on a busy machine
    assert "Bien arrivé" in visitor.text()
