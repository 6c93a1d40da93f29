"""What makes the collecting page an app: worker, manifest, icons."""

import io
import json
import re
from typing import Any

from PIL import Image

from app import i18n, web
from app.outreach.offline_pages import ENTRY, parts_of
from tests.conftest import World


def copy(world: World, path: str) -> dict[str, Any]:
    script = world.client.get(path).text
    found: dict[str, Any] = json.loads(script.partition(";\n")[0].removeprefix("const COPY = "))
    return found


def test_the_worker_names_all_that_the_page_is_made_of(world: World) -> None:
    answer = world.client.get("/equipe/collecte/hors-ligne.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["service-worker-allowed"] == "/equipe/collecte"
    assert "no-cache" in answer.headers["cache-control"]
    said = copy(world, "/equipe/collecte/hors-ligne.js")
    assert said["pages"][:2] == ["/equipe/collecte", "/equipe/collecte/guide"]
    assert len(said["pages"]) == 2 + len(i18n.LANGUAGES)
    for address in said["pages"] + said["parts"]:
        assert world.client.get(address).status_code == 200, address
    assert said["build"] in world.client.get("/equipe/collecte").text
    names = {address.removeprefix(web.static("")) for address in said["parts"]}
    assert {ENTRY, "js/collect/store.js", "vendor/tus.js", "vendor/jose/lib/jwe_encrypt.js", "vendor/idb.js"} <= names
    assert copy(world, "/equipe/collecte/hors-ligne.js") == said
    english = copy(world, "/en/equipe/collecte/hors-ligne.js")
    assert english["version"] != said["version"]
    assert english["pages"][0] == "/en/equipe/collecte"


def test_every_import_is_found_however_it_is_written() -> None:
    """A module that is missed is a page that does not open without network."""
    found = parts_of(ENTRY)
    for name in found:
        text = (web.static_file(name) or web.STATIC).read_text()
        for call in re.findall(r"\bimport\([^)]*\)", text):
            assert name == "js/main.js" or re.search(r"""\.{1,2}/[\w./-]+\.js""", call), (name, call)


def test_the_manifest_and_its_icons(world: World) -> None:
    answer = world.client.get("/ar/equipe/collecte/manifest.webmanifest")
    said = answer.json()
    assert answer.headers["content-type"] == "application/manifest+json"
    assert (said["start_url"], said["scope"], said["display"]) == (
        "/ar/equipe/collecte",
        "/ar/equipe/collecte",
        "standalone",
    )
    assert (said["lang"], said["dir"]) == ("ar", "rtl")
    for icon in said["icons"]:
        picture = Image.open(io.BytesIO(world.client.get(icon["src"]).content))
        assert icon["sizes"] == f"{picture.width}x{picture.height}"
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}
    assert world.client.get("/equipe/collecte/icone-7.png").status_code == 404
    assert 'rel="manifest"' in world.client.get("/equipe/collecte").text
