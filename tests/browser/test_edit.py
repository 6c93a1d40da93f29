"""An organiser at a desk: what the public will see stands beside what is being written."""

from playwright.sync_api import expect

from tests.browser.conftest import Open, no_script_problems, recruit
from tests.live import Live


def test_an_event_is_seen_while_it_is_written(visit: Open, live: Live) -> None:
    visitor = visit(width=1280)
    someone = recruit(live, "organiser")
    token = live.dialogue("token", "add", someone.email, "--name", "essai")
    visitor.context.set_extra_http_headers({"Authorization": f"Bearer {token}"})
    page = visitor.go("/equipe/rendez-vous/nouveau")
    seen, status = page.locator("[data-edit-here]"), page.locator("[data-edit-status]")
    expect(status).to_contain_text("L’aperçu attend")
    page.fill("#title", "La grande tablée")
    page.fill("#starts_at", "2022-05-03T18:00")
    page.fill("#ends_at", "2022-05-03T20:00")
    expect(seen.get_by_role("heading", name="La grande tablée")).to_be_visible()
    expect(seen).to_contain_text("de 18:00 à 20:00")
    expect(status).to_be_empty()
    assert page.locator("h1").count() == 1
    with no_script_problems(visitor):  # the answer is 422
        page.fill("#starts_at", "2022-03-27T02:30")
        expect(status).to_contain_text("L’aperçu attend")
        expect(seen).to_contain_text("de 18:00 à 20:00")
        visitor.press("Enregistrer")
        expect(page.locator("#starts_at-error")).to_contain_text("Cette heure n’existe pas")
        assert page.input_value("#title") == "La grande tablée"
        page.fill("#starts_at", "2022-05-03T18:00")
        visitor.press("Enregistrer")
    assert "en brouillon" in visitor.text()
