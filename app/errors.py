"""Expected failures: a status, a stable code, a sentence. main.py turns them into a page or problem+json.

Messages are French gettext msgids, translated where they are shown.
"""

from dataclasses import dataclass
from typing import Any


def N_(message: str) -> str:
    """Marks a msgid for extraction; translation happens when it is shown."""
    return message


@dataclass(frozen=True)
class FieldError:
    """One refused field. `values` fill the placeholders of `message` (named, %-style)."""

    field: str
    code: str
    message: str
    values: tuple[tuple[str, Any], ...] = ()


class AppError(Exception):
    status = 400
    code = "bad_request"
    message = N_("Cette demande n’a pas pu être comprise.")

    def __init__(self, message: str = "", *, code: str = "", **extra: Any) -> None:
        """`headers` are those of the answer; everything else in `extra` becomes part of its body."""
        super().__init__(message or self.message)
        self.headers: dict[str, str] = extra.pop("headers", {})
        self.message = message or self.message
        self.code = code or self.code
        self.extra = extra


class Unauthorized(AppError):
    status, code = 401, "unauthorized"
    message = N_("Il faut s’identifier.")


class NotFound(AppError):
    status, code = 404, "not_found"
    message = N_("Cette page n’existe pas.")


class Conflict(AppError):
    status, code = 409, "conflict"
    message = N_("Quelqu’un d’autre a agi entre-temps.")


class Gone(AppError):
    status, code = 410, "gone"
    message = N_("Ce contenu n’est plus public.")


class TooLarge(AppError):
    status, code = 413, "too_large"
    message = N_("C’est trop lourd.")


class Unprocessable(AppError):
    status, code = 422, "invalid"
    message = N_("Il manque quelque chose. Rien n’est perdu.")

    def __init__(self, errors: list[FieldError], *, message: str = "", code: str = "") -> None:
        super().__init__(message, code=code)
        self.errors = errors


class ProofRequired(AppError):
    status, code = 428, "proof_required"
    message = N_("Beaucoup de personnes écrivent en ce moment. Votre téléphone doit faire un petit calcul.")


class TooMany(AppError):
    status, code = 429, "too_many"
    message = N_("Trop d’essais. Attendez un peu, puis recommencez.")


class DiskFull(AppError):
    status, code = 507, "storage_full"
    message = N_("Le service manque de place. Rien n’a été enregistré. Réessayez plus tard.")


def refuse_field(field: str, code: str, message: str, **values: Any) -> Unprocessable:
    """A 422 that names one field."""
    return Unprocessable([FieldError(field, code, message, tuple(values.items()))])
