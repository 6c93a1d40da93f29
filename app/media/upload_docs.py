"""What the OpenAPI document says of the uploads: their headers are read by hand, before any body."""

from typing import Any

from app.openapi import answers

TEXT, NUMBER = {"type": "string"}, {"type": "integer", "minimum": 0}


def _taken(name: str, words: str, schema: dict[str, Any] = TEXT, *, required: bool = True) -> dict[str, Any]:
    return {"in": "header", "name": name, "description": words, "required": required, "schema": schema}


def _told(**names: str) -> dict[str, Any]:
    return {name.replace("_", "-"): {"schema": {"type": kind}} for name, kind in names.items()}


VERSION = _taken("Tus-Resumable", "`1.0.0`.")
BODY = {"content": {"application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
STANDS = _told(Tus_Resumable="string", Upload_Offset="integer")
GONE = {"e404": "not_found", "e410": "upload_expired", "e412": "tus_version"}
CODES = "tus_malformed tus_extension"

CAPABILITIES: dict[str, Any] = {
    "status_code": 204,
    "responses": answers(None, 204),
    "openapi_extra": {
        "responses": {
            "204": {
                "headers": _told(
                    Tus_Resumable="string", Tus_Version="string", Tus_Extension="string", Tus_Max_Size="integer"
                )
            }
        }
    },
}
CREATE: dict[str, Any] = {
    "status_code": 201,
    "responses": answers(
        None,
        201,
        e400=f"{CODES} upload_length upload_metadata",
        e401="unauthorized device_revoked",
        e404="unknown_medium",
        e409="medium_size medium_held medium_altered",
        e412="tus_version",
        e413="file_too_large",
        e415="content_type",
        e429="too_many too_much_unfinished",
        e507="storage_full",
    ),
    "openapi_extra": {
        "parameters": [
            VERSION,
            _taken("Upload-Length", "Bytes of the whole file.", NUMBER),
            _taken(
                "Upload-Metadata",
                "`key base64` pairs, separated by commas: `filename`, `filetype`; others are kept and given back."
                " `collect` and `client_id`: a medium declared with `PUT /collect/{uuid}`, sent with that call’s"
                " credential, here and with every PATCH.",
                required=False,
            ),
        ],
        "requestBody": BODY,
        "responses": {"201": {"headers": STANDS | _told(Location="string")}},
    },
}
OFFSET: dict[str, Any] = {
    "status_code": 200,
    "responses": answers(None, 200, **GONE),
    "openapi_extra": {
        "parameters": [VERSION],
        "responses": {"200": {"headers": STANDS | _told(Upload_Length="integer")}},
    },
}
APPEND: dict[str, Any] = {
    "status_code": 204,
    "responses": answers(
        None,
        204,
        e400=f"{CODES} upload_offset",
        e401="unauthorized device_revoked",
        e408="upload_stalled",
        e409="wrong_offset upload_taken_over medium_altered",
        e415="content_type",
        e423="upload_locked",
        e507="storage_full",
        **GONE,
    ),
    "openapi_extra": {
        "parameters": [VERSION, _taken("Upload-Offset", "Where the bytes begin: where the upload stands.", NUMBER)],
        "requestBody": BODY,
        "responses": {"204": {"headers": STANDS}},
    },
}
TERMINATE: dict[str, Any] = {
    "status_code": 204,
    "responses": answers(None, 204, e409="upload_in_use", e423="upload_locked", **GONE),
    "openapi_extra": {"parameters": [VERSION], "responses": {"204": {"headers": _told(Tus_Resumable="string")}}},
}
