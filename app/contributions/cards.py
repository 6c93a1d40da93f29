"""The cards of a list, each rendered once: the same words in the same language make the same card."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from app import i18n, web
from app.consultation.content import consultation

KEPT = 1000  # per worker, some 4 kB each
EXCERPT = 420  # characters: more than a card shows


def cards(items: list[dict[str, Any]]) -> list[Markup]:
    """The card of each item of public shape, in the current language."""
    return [card(shown) for shown in items]


def card(shown: Mapping[str, Any]) -> Markup:
    """The card of one item; a transcript of an hour is cut like any long text, its page has it whole."""
    media = [{**each, "transcript": excerpt(each["transcript"] or "")} for each in shown["media"]]
    view = {**shown, "body": excerpt(shown["body"]), "media": media}
    return _rendered(i18n.current().code, web.prefix[0], consultation().id, _Same(view))


def excerpt(body: str) -> str:
    """The beginning of a long text, cut between words."""
    if len(body) <= EXCERPT:
        return body
    return body[:EXCERPT].rsplit(maxsplit=1)[0].rstrip(" ,;:") + " …"


class _Same:
    """A view as a key: two views that say the same are the same."""

    __slots__ = ("text", "view")

    def __init__(self, view: dict[str, Any]) -> None:
        self.view, self.text = view, repr(view)

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.text == self.text


@lru_cache(maxsize=KEPT)
def _rendered(_language: str, _path_prefix: str, _content: str, same: _Same) -> Markup:
    voice: Markup = web.env.globals["ui"].voice(same.view, consultation())  # type: ignore[attr-defined]
    return voice
