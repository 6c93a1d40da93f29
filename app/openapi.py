"""The OpenAPI document: exactly the routes of /api/v1, what they answer and how they refuse."""

from collections.abc import Iterator
from datetime import date as Day
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Header
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import AwareDatetime, BaseModel, Field

from app.models import State

API = "/api/v1"
JSON_LIMIT = 4 * 1024 * 1024  # bytes: the transcripts of five recordings in any script; where less is enough, less
PROBLEM = "application/problem+json"
REF = "#/components/schemas/"
DESCRIPTION = """Contributions, receipts and moderation of a city's dialogue on solidarity.

Errors are `application/problem+json` (RFC 9457) with a stable `code`, and for 422 `errors[{field, code, message}]`;
when one field is wrong, its code is the problem's own. Lists are `{"items": […], "next": cursor|null}`; the next page
is `?after=<next>`. Dates are ISO 8601 with an offset. Every `url` is root-relative. Fields may be added to answers."""
SECURITY_SCHEMES = {
    "staff": {
        "type": "http",
        "scheme": "bearer",
        "description": "A personal token (`dialogue token add`). The browser session of the team's pages serves too.",
    },
    "device": {
        "type": "http",
        "scheme": "bearer",
        "description": "A device's token (`POST /collect/devices`), or what serves for `staff` in a mediator's hands.",
    },
    "receipt": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Receipt <code>`, in words or in digits.",
    },
}
UNASKED = {API + "/collect/devices"}  # a pairing code is the credential
HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
}
# The `openapi_extra` of what answers 201 with the address of what it made.
LOCATED = {"responses": {"201": {"headers": {"Location": {"schema": {"type": "string"}}}}}}
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A UUID, kept 24 hours: a repeat gets the first answer, another body under the same key is 409.",
        json_schema_extra={"format": "uuid"},
    ),
]


def interface(tag: str, *, under: str = "", **options: Any) -> APIRouter:
    """A router of /api/v1: its routes stand at their full paths, and take bodies of 4 MB at most."""
    return APIRouter(prefix=API + under, tags=[tag], max_body_size=JSON_LIMIT, **options)


class ProblemField(BaseModel):
    """One refused field, dotted (`author.name`); "" when it is the whole."""

    field: str
    code: str
    message: str


class Challenge(BaseModel):
    """Send `Proof-Of-Work: token:n` with an n such that SHA-256 of `token:n` begins with `difficulty` zero bits."""

    algorithm: Literal["sha-256"]
    token: str
    difficulty: int


class Problem(BaseModel):
    """RFC 9457. What is not in every problem comes with its code only (docs/api.md)."""

    type: Literal["about:blank"]
    title: str
    status: int
    code: str
    detail: str
    errors: list[ProblemField] | None = Field(default=None, description="422: every refused field.")
    state: State | None = Field(default=None, description="`not_allowed`, `stale`, `alert_open`: as it is now.")
    version: int | None = Field(default=None, description="`stale`: the current one.")
    by: str | None = Field(default=None, description="`stale`, `claimed`: who.")
    at: AwareDatetime | None = Field(default=None, description="`stale`: since when.")
    until: AwareDatetime | None = Field(default=None, description="`claimed`.")
    reason: str | None = Field(
        default=None, description="`gone`: the label of the charter's article, or that its author did."
    )
    date: Day | None = Field(default=None, description="`gone`: the day.")
    challenge: Challenge | None = Field(default=None, description="`proof_required`.")
    retry_after: int | None = Field(default=None, description="`too_many`: seconds.")


def answers(model: Any, *statuses: int, **refusals: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a decorator: the model of the answer (None: without a body) under its statuses, else 200.

    A refusal is `e409="stale claimed"`: the status, and the codes it may have.
    """
    told: dict[int | str, dict[str, Any]] = {}
    for status in statuses or (200,):
        told[status] = {"description": HTTPStatus(status).phrase} | ({"model": model} if model else {})
    for name, codes in refusals.items():
        told[int(name[1:])] = _refusal(int(name[1:]), codes.split())
    return told


def whole_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Of a body that a handler reads by hand: with all its parts in place, since the document names none of them."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})

    def in_place(node: Any) -> Any:
        if isinstance(node, list):
            return [in_place(each) for each in node]
        if not isinstance(node, dict):
            return node
        if name := str(node.get("$ref", "")).removeprefix("#/$defs/"):
            node = parts[name] | {key: value for key, value in node.items() if key != "$ref"}
        return {key: in_place(value) for key, value in node.items()}

    placed: dict[str, Any] = in_place(schema)
    return placed


def _refusal(status: int, codes: list[str]) -> dict[str, Any]:
    said = f"{HTTPStatus(status).phrase}: " + ", ".join(code if code == "…" else f"`{code}`" for code in codes)
    told: dict[str, Any] = {"description": said, "content": {PROBLEM: {"schema": {"$ref": REF + "Problem"}}}}
    return told | ({"headers": HEADERS[status]} if status in HEADERS else {})


def document(app: FastAPI) -> dict[str, Any]:
    """Of the routes under /api/v1 and of nothing else."""
    routes = list(api_routes(app))
    made = get_openapi(
        title=app.title,
        version=app.version,
        routes=routes,
        description=DESCRIPTION,
        servers=[{"url": "/"}],
    )
    for route in routes:
        for method in route.methods or ():
            _finish(
                made["paths"][route.path_format][method.lower()], route, writes=method not in ("GET", "HEAD", "OPTIONS")
            )
    schemas = made["components"]["schemas"]
    for of_the_framework in ("HTTPValidationError", "ValidationError"):
        schemas.pop(of_the_framework, None)
    problem = Problem.model_json_schema(ref_template=REF + "{model}", mode="serialization")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    made["components"]["securitySchemes"] = SECURITY_SCHEMES
    return made


def api_routes(app: FastAPI) -> Iterator[RouteContext]:
    """The routes as they are served: an included router's with their prefix."""
    return (route for route in iter_route_contexts(app.routes) if (route.path_format or "").startswith(API + "/"))


def _finish(operation: dict[str, Any], route: RouteContext, *, writes: bool) -> None:
    """What FastAPI does not know: who may, and that it is not FastAPI who refuses."""
    verb = getattr(route.endpoint, "__name__", "")
    operation["summary"] = verb.replace("_", " ").capitalize()
    operation["operationId"] = f"{operation['tags'][0]}_{verb}"
    operation["security"] = _security(str(route.path_format))
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _without_null(parameter["schema"])
    if writes:  # the guard's (app/security.py)
        operation["responses"]["403"] = _refusal(403, ["cross_site"])
    if "HTTPValidationError" in str(operation["responses"].get("422")):
        del operation["responses"]["422"]
    if (refused := operation["responses"].get("422")) and not refused["description"].endswith("…"):
        refused["description"] += ", …"  # a type that is not the field's, a body that is no JSON
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out, never null."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    return {key: value for key, value in schema.items() if key != "anyOf"} | kinds[0] if len(kinds) == 1 else schema


def _security(path: str) -> list[dict[str, list[str]]]:
    if path.startswith(API + "/moderation/"):
        return [{"staff": []}]
    if path.startswith(API + "/collect/") and path not in UNASKED:
        return [{"device": []}]
    return [{"receipt": []}] if path.startswith(API + "/receipt") else []
