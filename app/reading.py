"""Reads a request by hand, where FastAPI's reading of it costs as much as all that is done with it.

A route of class `ReadByHand` is declared as any other, and the OpenAPI document is made of its signature:
`(request, said: Model, adapters, …)`, the rest being parts of the path and headers, all of them text. Only the reading
is ours.
"""

import json
from collections.abc import Callable
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.responses import Response


class ReadByHand(APIRoute):
    """One JSON body, `said`; parts of the path and headers as they came, or their default."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        call = self.endpoint
        model: type[BaseModel] = self.dependant.body_params[0].field_info.annotation  # type: ignore[assignment]
        headers = [(each.name, each.alias, each.default) for each in self.dependant.header_params]

        async def read(request: Request) -> Response:
            given = dict(request.path_params)
            given |= {name: request.headers.get(alias, default) for name, alias, default in headers}
            said = _judged(model, await request.body(), request.headers.get("content-type", "application/json"))
            answer: Response = await call(request=request, said=said, adapters=request.app.state.adapters, **given)
            return answer

        return read


def _judged(model: type[BaseModel], body: bytes, content_type: str) -> BaseModel:
    """RequestValidationError as FastAPI words it, so that one handler answers both."""
    kind, _, rest = content_type.partition(";")[0].strip().lower().partition("/")
    if kind != "application" or not (rest == "json" or rest.endswith("+json")):
        raise RequestValidationError([{"type": "model_attributes_type", "loc": ("body",), "msg": "", "input": None}])
    if not body:
        raise RequestValidationError([{"type": "missing", "loc": ("body",), "msg": "", "input": None}])
    try:
        return _validated(model, body)
    except ValidationError as refused:
        errors = refused.errors(include_url=False, include_input=False)
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in errors]) from refused


def _validated(model: type[BaseModel], body: bytes) -> BaseModel:
    """Half a character is no JSON to pydantic; the standard library forgives it, and so do we."""
    try:
        return model.model_validate_json(body)
    except ValidationError as refused:
        if refused.errors(include_url=False, include_input=False)[0]["type"] != "json_invalid":
            raise
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            raise refused from None
    return model.model_validate(said)
