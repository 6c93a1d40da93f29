"""Calls the API and holds each answer against the OpenAPI document."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from app import db, openapi
from app.assises import answers as assises_answers
from app.consultation import answers as consultation_answers
from app.consultation.parts import Limits, Options
from app.contributions import answers as contributions_answers
from app.events import answers as events_answers
from app.events import place_answers
from app.media import answers as media_answers
from app.models import Role
from app.moderation import answers as moderation_answers
from app.outreach import answers as outreach_answers
from app.outreach import device_answers
from tests import factories
from tests.conftest import World

DOMAINS = (
    assises_answers,
    consultation_answers,
    contributions_answers,
    device_answers,
    events_answers,
    media_answers,
    moderation_answers,
    outreach_answers,
    place_answers,
)
MODELS: dict[str, type[BaseModel]] = {
    name: kind
    for module in DOMAINS
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, BaseModel)
} | {"Limits": Limits, "Options": Options, "Problem": openapi.Problem}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


class Api:
    """Calls the service, and holds each answer against the document."""

    def __init__(self, world: World, document: dict[str, Any]) -> None:
        self.world, self.document = world, document

    def call(self, method: str, path: str, *, by: Any = None, expect: int = 200, **sent: Any) -> Any:
        answer = (by or self.world.browser()).request(method, "/api/v1" + path, **sent)
        assert answer.status_code == expect, answer.text
        self.check(method, path, answer)
        return answer.json() if answer.content else None

    def staff(self, *roles: Role, name: str = "Personne d’essai") -> Any:
        with db.writing() as session:
            return self.world.as_staff(factories.token(session, factories.staff(session, *roles, name=name)))

    def check(self, method: str, path: str, answer: Any) -> None:
        template = self.template(path)
        told = self.document["paths"][template][method.lower()]["responses"][str(answer.status_code)]
        assert set(told.get("headers", {})) <= {name.title().replace("Www", "WWW") for name in answer.headers}
        if "content" not in told:
            assert answer.content == b""
            return
        [(kind, content)] = told["content"].items()
        assert answer.headers["content-type"] == kind
        model = MODELS[content["schema"]["$ref"].split("/")[-1]]
        said = model.model_validate_json(answer.content, strict=True, extra="forbid")
        if isinstance(said, openapi.Problem):
            assert said.status == answer.status_code
            assert f"`{said.code}`" in told["description"] or told["description"].endswith("…"), said.code

    def template(self, path: str) -> str:
        whole = "/api/v1" + path.partition("?")[0]
        if whole in self.document["paths"]:
            return whole
        fits = [p for p in self.document["paths"] if re.fullmatch(re.sub(r"{\w+}", "[^/]+", p), whole)]
        assert len(fits) == 1, (path, fits)
        return fits[0]
