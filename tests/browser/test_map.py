"""The map of the meetings: nothing of it comes before somebody asks, then it says what the list says."""

from playwright.sync_api import Route

from tests.browser.conftest import Open
from tests.media import pictures

TILE = pictures.encoded(pictures.quarters(), "PNG")


def test_the_map_comes_when_asked_and_each_point_leads_to_its_meetings(visit: Open) -> None:
    visitor = visit()
    asked: list[str] = []
    page = visitor.page

    def answer(route: Route) -> None:
        asked.append(route.request.headers.get("referer", ""))
        route.fulfill(body=TILE, content_type="image/png")

    page.route(lambda url: "data.geopf.fr" in url, answer)
    page.on("request", lambda request: asked.append(request.url) if "leaflet" in request.url else None)
    visitor.go("/rendez-vous/carte")
    places = page.locator("[data-lat]")
    assert asked == []
    page.click("text=Afficher la carte")
    page.wait_for_selector(".map-point")
    page.wait_for_selector(".leaflet-tile-loaded")
    assert page.locator(".map-point").count() == places.count()
    assert {referrer for referrer in asked if "leaflet" not in referrer} == {""}, "whose pages one reads is not told"
    first = page.locator(".map-point").first
    first.focus()
    page.keyboard.press("Enter")
    link = page.locator(".leaflet-popup a[href*='/rendez-vous/']").first
    assert link.get_attribute("href") in {
        page.evaluate("e => e.href", place) for place in page.locator("[data-lat] h3 a").element_handles()
    }
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visitor.problems[:] = [
        problem for problem in visitor.problems if "third party https://data.geopf.fr" not in problem
    ]


def test_a_map_that_does_not_come_says_so_and_the_list_stays(visit: Open) -> None:
    visitor = visit()
    visitor.page.route("**/vendor/leaflet.js", lambda route: route.abort())
    visitor.go("/rendez-vous/carte")
    visitor.page.click("text=Afficher la carte")
    visitor.page.wait_for_selector("text=La carte n’a pas pu s’afficher.")
    assert visitor.page.locator("[data-lat]").count()
    bare = visit(javascript=False)
    bare.go("/rendez-vous/carte")
    assert not bare.page.is_visible("text=Afficher la carte")


def test_the_map_of_the_walk_has_its_stops_in_order_and_each_leads_to_its_place_in_the_list(visit: Open) -> None:
    visitor = visit()
    page = visitor.page
    page.route(lambda url: "data.geopf.fr" in url, lambda route: route.fulfill(body=TILE, content_type="image/png"))
    visitor.go("/assises/parcours")
    stops = page.locator("[data-number]")
    page.click("text=Afficher la carte")
    page.wait_for_selector(".map-way")
    numbers = page.locator(".map-point").all_inner_texts()
    assert numbers == [stop.get_attribute("data-number") for stop in stops.all()]
    assert len(numbers) > 1
    page.locator(".map-point").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".leaflet-popup a[href^='#etape-']").get_attribute("href") == "#etape-" + numbers[0]
    visitor.problems[:] = [
        problem for problem in visitor.problems if "third party https://data.geopf.fr" not in problem
    ]
