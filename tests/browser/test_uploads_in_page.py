"""Files leave from the form while the person goes on; nothing of them is lost to a bad network."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import FilePayload

from tests.browser.conftest import Open, Visitor, no_script_problems
from tests.browser.phone import (
    CRAWLING,
    Network,
    arrived_whole,
    held,
    says,
    sending,
    sound,
    to_media,
    to_the_end,
    until,
)
from tests.browser.test_story import receipt
from tests.live import Live
from tests.media import clips, pictures


def wav(content: bytes, name: str = "voix.wav") -> FilePayload:
    return {"name": name, "mimeType": "audio/wav", "buffer": content}


def stored(visitor: Visitor) -> int:
    found: int = visitor.page.evaluate("sessionStorage.length + localStorage.length")
    return found


def test_a_file_survives_a_cut_a_killed_service_and_a_reload(visit: Open, live: Live) -> None:
    resident, content = visit(), sound()
    page, network = resident.page, Network(resident)
    begun: list[str] = []
    page.on("response", lambda r: begun.append(r.url) if r.request.method == "POST" and "uploads" in r.url else None)
    to_media(resident, "Avec ma voix.")
    network.slow()
    page.set_input_files("#media", wav(content))
    sending(resident)

    network.cut()
    says(resident, "Pas de réseau. L’envoi reprendra tout seul.")
    network.slow()
    sending(resident, 20)

    with no_script_problems(resident):  # an answer half-way, a service that is not there: by intention
        live.kill_web()
        live.wait()
        page.reload()
        network.fast()
        says(resident, "Bien reçu.")
    assert page.input_value("#body") == "Avec ma voix."
    assert arrived_whole(live, content)
    assert len(begun) == 1  # it went on: no second upload was begun
    to_the_end(resident)
    resident.press("Envoyer")
    media = held(live, receipt(resident))
    assert [each["kind"] for each in media] == ["audio"]
    assert stored(resident) == 0


def test_words_do_not_wait_for_a_slow_file(visit: Open, live: Live) -> None:
    """The form is sent before the file has arrived: it goes on from the page « Bien arrivé », and from others."""
    resident, content = visit(), sound()
    page, network = resident.page, Network(resident)
    to_media(resident)
    network.slow(CRAWLING)
    page.set_input_files("#media", wav(content))
    sending(resident)
    to_the_end(resident)
    page.get_by_role("button", name="Envoyer", exact=True).click()
    page.wait_for_url("**/participer/merci/*")
    page.get_by_text("Votre fichier arrive encore").first.wait_for()
    code = page.inner_text("#receipt-code").replace("\n", " ")
    assert [each["state"] for each in held(live, code)] == ["uploading"]
    resident.press("J’ai noté mon code, fermer cette page")
    network.fast()
    assert arrived_whole(live, content)
    until(lambda: held(live, code)[0]["state"] != "uploading")
    until(lambda: stored(resident) == 0)


def test_what_this_phone_cannot_keep_is_waited_for_in_words(visit: Open, live: Live) -> None:
    resident, content = visit(), sound()
    resident.context.add_init_script("indexedDB.open = () => { throw new Error('private window') }")
    page, network = resident.page, Network(resident)
    to_media(resident)
    network.slow(CRAWLING)
    page.set_input_files("#media", wav(content))
    sending(resident)
    to_the_end(resident)
    page.get_by_role("button", name="Envoyer", exact=True).click()
    page.get_by_text("Vos fichiers arrivent encore.").wait_for()
    assert page.url.endswith("/participer")
    network.fast()
    page.wait_for_url("**/participer/merci/*")
    assert arrived_whole(live, content)


def test_a_file_chosen_again_goes_on_where_it_stopped(visit: Open, live: Live) -> None:
    """Too large to be kept, or in a private window: after a reload only its name is left."""
    resident, content = visit(), sound()
    resident.context.add_init_script("indexedDB.open = () => { throw new Error('private window') }")
    page, network = resident.page, Network(resident)
    to_media(resident)
    network.slow()
    page.set_input_files("#media", wav(content))
    sending(resident, 20)
    page.reload()
    says(resident, "Choisissez de nouveau ce fichier")
    to_the_end(resident)
    page.get_by_role("button", name="Envoyer", exact=True).click()
    page.wait_for_selector("[data-media-problem]:visible", timeout=5000)  # a file is never left behind in silence
    assert "Choisissez de nouveau ce fichier" in page.inner_text("[data-media-problem]")
    made: list[str] = []
    page.on("request", lambda request: made.append(request.method) if "/api/v1/uploads" in request.url else None)
    network.fast()
    page.set_input_files("#media", wav(content))
    until(lambda: page.locator(".medium[data-state=done]").count() == 1)
    assert "POST" not in made, "the upload begun before is the one that went on"
    assert arrived_whole(live, content)


REFUSED = [
    ("lettre.docx", 400, "Nous ne savons pas lire"),
    ("fausse.jpg", 400, "Nous ne savons pas lire"),
    ("vide.mp3", 0, "Ce fichier est vide"),
    ("lourde.jpg", 20_000_001, "Il peut peser 20 Mo au plus."),
    ("lourde.mp3", 200_000_001, "Il peut peser 200 Mo au plus."),
    ("lourde.mov", 1_000_000_001, "Il peut peser 1000 Mo au plus."),
]


def test_what_would_be_refused_is_refused_before_a_byte_leaves(visit: Open, tmp_path: Path) -> None:
    resident = visit()
    to_media(resident)
    page = resident.page
    page.evaluate("document.querySelector('[data-media]').dataset.soundMinutes = '0.01'")  # or the clip would be huge
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/api/" in request.url else None)
    for name, size, words in REFUSED:
        with (tmp_path / name).open("wb") as empty:
            empty.truncate(size)
        page.set_input_files("#media", tmp_path / name)
        says(resident, words)
        page.get_by_role("button", name="Enlever").click()
    page.set_input_files("#media", wav(sound(8)))
    says(resident, "C’est trop long")
    page.get_by_role("button", name="Enlever").click()
    page.set_input_files("#media", [wav(sound(0.1), f"{n}.wav") for n in range(6)])
    page.get_by_text("Vous avez déjà 5 fichiers.").wait_for()
    assert page.locator(".medium").count() == 5
    until(lambda: page.locator(".medium[data-state=done]").count() == 5)
    assert len(sent) == 10, "five files: one POST and one PATCH each"


def test_a_file_taken_back_is_gone_from_the_service_too(visit: Open, live: Live) -> None:
    resident = visit()
    to_media(resident)
    page = resident.page
    page.set_input_files("#media", wav(sound(0.2)))
    says(resident, "Bien reçu.")
    token = page.input_value("input[name=upload]")
    page.get_by_role("button", name="Enlever").click()
    until(lambda: not _known(live, token))
    assert stored(resident) <= 1, "only the draft of the words"


def _known(live: Live, token: str) -> bool:
    head = httpx.head(f"{live.url}/api/v1/uploads/{token}", headers={"Tus-Resumable": "1.0.0"})
    return head.status_code == 200


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_sound_and_a_video_come_with_the_form_and_stay_after_an_error(
    visit: Open, live: Live, javascript: bool, tmp_path: Path
) -> None:
    """Without JavaScript they leave with the page; what was said of each medium stays too."""
    resident = visit(javascript=javascript)
    page = resident.go("/participer")
    video = clips.video()
    if javascript:
        to_media(resident)
    else:
        page.check("input[name=question][value=q1]")
    film = {"name": "place.mp4", "mimeType": "video/mp4", "buffer": video.read_bytes()}
    page.set_input_files("#media-film", film)  # type: ignore[arg-type]
    page.set_input_files("#media-sound", wav(sound(0.3)))
    page.set_input_files("#media", pictures.photo(tmp_path / "banc.jpg"))
    page.check("input[name=faces][value=hide]")
    page.check("input[name=voices][value=text_only]")
    if javascript:
        until(lambda: page.locator(".medium[data-state=done]").count() == 3)
        to_the_end(resident)
        page.get_by_role("button", name="Revenir", exact=True).click()
    page.fill("#contact-email", "zoe@exemple")
    if javascript:
        to_the_end(resident)
    else:
        page.check("#consents-publication")
        page.check("#consents-age")
    resident.press("Envoyer")
    assert "Cette adresse ne semble pas complète" in page.inner_text("[data-errors]")
    until(lambda: page.locator(".medium").count() == 3)
    assert page.locator("input[name=upload]").count() == 3
    assert page.is_checked("input[name=voices][value=text_only]")
    page.fill("#contact-email", "")
    if javascript:
        to_the_end(resident)
    resident.press("Envoyer")
    media = held(live, receipt(resident))
    assert sorted(str(each["kind"]) for each in media) == ["audio", "photo", "video"]
    assert {each["voice"] for each in media} == {"text_only"}
    assert {each["face"] for each in media} == {"hide"}
