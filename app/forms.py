"""Forms posted by pages: the pair PostedForm + bind(), and what is wrong with them in our words."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar, get_origin

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from app import i18n
from app.errors import N_, AppError, FieldError, TooLarge, Unprocessable

FORM_LIMITS = {
    "max_files": 40,
    "max_fields": 2000,  # a film of a crowd has many zones
    "max_part_size": 1024 * 1024,
}  # wide: what is too much is said beside its field
MOST_TEXT = 4 * 1024 * 1024  # bytes of all fields together: files go to the disk, text stays in memory


async def _posted(request: Request) -> AsyncIterator[FormData]:
    async with read_form(request, **FORM_LIMITS) as form:
        yield form


@asynccontextmanager
async def read_form(request: Request, **limits: int) -> AsyncIterator[FormData]:
    """As `request.form()`, which limits each field but not all of them: TooLarge beyond MOST_TEXT."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        async with aclosing(request.stream()) as stream:
            form = await _parsed(request, kind, stream, limits)
    except MultiPartException as error:
        raise HTTPException(400, error.message) from error
    try:
        yield form
    finally:
        await form.close()


async def _parsed(request: Request, kind: str, stream: Any, limits: dict[str, int]) -> FormData:
    if kind == "multipart/form-data":
        parser = _Sparing(request.headers, stream, **limits)
        try:
            return await parser.parse()
        except MultiPartException as error:
            if parser.text > MOST_TEXT:
                raise TooLarge from error
            raise
    if kind == "application/x-www-form-urlencoded":
        fields = {name: most for name, most in limits.items() if name != "max_files"}
        return await FormParser(request.headers, _no_more(stream), **fields).parse()
    return FormData()


class _Sparing(MultiPartParser):
    """Counts the bytes of fields that are no files."""

    text = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is None:
            self.text += end - start
            if self.text > MOST_TEXT:
                raise MultiPartException("too much text")
        super().on_part_data(data, start, end)


async def _no_more(stream: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    taken = 0
    async for piece in stream:
        taken += len(piece)
        if taken > MOST_TEXT:
            raise TooLarge
        yield piece


PostedForm = Annotated[FormData, Depends(_posted)]
Data = TypeVar("Data", bound=BaseModel)


@dataclass
class Form(Generic[Data]):
    """What was posted, what it means, and what is wrong with it; nothing typed is lost."""

    data: Data | None = None
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    def value(self, name: str) -> str:
        found = self.values.get(name, "")
        return found if isinstance(found, str) else ""

    def chosen(self, name: str, option: str) -> bool:
        found = self.values.get(name, [])
        return option == found or (isinstance(found, list) and option in found)

    def error(self, name: str) -> str:
        """The sentence for a field, translated; empty when it is fine."""
        return next((say(error) for error in self.errors if error.field == name), "")

    def problems(self) -> list[tuple[str, str]]:
        """(field, sentence) for the summary at the top."""
        return [(error.field, say(error)) for error in self.errors]


def say(error: FieldError) -> str:
    """In the person's language; which of several files it is about (`file`), in front and of its own direction."""
    text, values = i18n.gettext(error.message), dict(error.values)
    file = values.pop("file", "")
    said = text % values if values else text
    return f"\u2068{file}\u2069 : {said}" if file else said


def bind(schema: type[Data], posted: FormData, *, extra: Mapping[str, Any] | None = None) -> Form[Data]:
    """Reads a posted form by a schema. Dotted names are nested (`author.name`); empty means not given.

    `extra` adds what the form does not carry as text.
    """
    values: dict[str, Any] = {}
    tree: dict[str, Any] = {}
    for name in posted:
        given = [str(v) for v in posted.getlist(name) if not isinstance(v, UploadFile) and str(v).strip() != ""]
        if not given:
            continue
        many = _is_list(schema, name.split("."))
        values[name] = given if many or len(given) > 1 else given[-1]
        branch = tree
        *parents, leaf = name.split(".")
        for parent in parents:
            branch = branch.setdefault(parent, {})
            if not isinstance(branch, dict):
                break
        else:
            branch[leaf] = given if many else given[-1]
    form: Form[Data] = Form(values=values)
    try:
        form.data = schema.model_validate(tree | dict(extra or {}))
    except ValidationError as error:
        form.errors = field_errors(error.errors())
    return form


def _is_list(schema: type[BaseModel], path: list[str]) -> bool:
    info = schema.model_fields.get(path[0])
    if info is None:
        return False
    if len(path) > 1:
        inner = next(
            (
                a
                for a in (info.annotation, *getattr(info.annotation, "__args__", ()))
                if isinstance(a, type) and issubclass(a, BaseModel)
            ),
            None,
        )
        return inner is not None and _is_list(inner, path[1:])
    return get_origin(info.annotation) is list


MESSAGES = {
    "missing": N_("Il manque une réponse ici."),
    "string_too_long": N_("C’est trop long : %(max_length)s caractères au plus."),
    "string_too_short": N_("C’est trop court."),
    "too_long": N_("Il y en a trop : %(max_length)s au plus."),
    "enum": N_("Choisissez une des réponses proposées."),
    "literal_error": N_("Choisissez une des réponses proposées."),
    "int_parsing": N_("Écrivez un nombre, par exemple 12."),
    "greater_than_equal": N_("Le nombre doit être au moins %(ge)s."),
    "less_than_equal": N_("Le nombre doit être au plus %(le)s."),
    "bool_parsing": N_("Répondez par oui ou par non."),
    "uuid_parsing": N_("Cet identifiant n’existe pas."),
    "json_invalid": N_("Ce texte n’est pas du JSON valable."),
}
FALLBACK = N_("Cette réponse ne convient pas.")


def field_errors(errors: Any) -> list[FieldError]:
    """Pydantic's errors in our words. Our own validators raise PydanticCustomError with a French msgid."""
    found = []
    for error in errors:
        kind = str(error["type"])
        context = {k: v for k, v in (error.get("ctx") or {}).items() if isinstance(v, str | int | float)}
        own = context.pop("msgid", None)
        place = str(context.pop("field", "")) or _place(error["loc"])
        found.append(FieldError(place, kind, str(own or MESSAGES.get(kind, FALLBACK)), tuple(context.items())))
    return found


def _place(loc: tuple[int | str, ...]) -> str:
    """FastAPI puts where it looked in front ("body", "query"); pydantic alone does not."""
    parts = loc[1:] if len(loc) > 1 and loc[0] in ("body", "query", "path", "header") else loc
    return ".".join(str(part) for part in parts)


def add_errors(form: Form[Any], error: AppError) -> None:
    """A rule's refusal, shown beside the fields like the schema's own."""
    form.errors += error.errors if isinstance(error, Unprocessable) else [FieldError("", error.code, error.message)]
