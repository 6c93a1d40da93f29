"""The shape of a contribution as it comes in, from a form or as JSON; every refusal names its field."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.consultation.content import consultation
from app.contributions.text import clean, latin_digits, visible_length
from app.errors import N_
from app.models import Face, Kind, Voice

Cleaned = Annotated[str, BeforeValidator(clean)]
LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")
# Word characters of any script and what RFC 5322 lets stand without quotes: nothing a mail header reads as its own.
EMAIL = re.compile(r"^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@(\w([\w-]*\w)?\.)+\w[\w-]*\w$")
PHONE_MARKS = re.compile(r"[\W_]")
WIDEST = 30  # code points one visible character may take: families of emoji, stacked vowel signs


def wrong(code: str, msgid: str, **values: str | int) -> PydanticCustomError:
    """A refusal in our words: `msgid` is French, translated when shown; `field` names it for a whole-model check."""
    return PydanticCustomError(code, "{msgid}", {"msgid": msgid, **values})


def at_most(text: str | None, limit: int, **place: str) -> str | None:
    """Refuses a text longer than `limit` visible characters, saying both numbers."""
    if text and len(text) > limit and (length := visible_length(text, limit * WIDEST)) > limit:
        raise wrong(
            "too_long",
            N_("C’est trop long : %(length)s caractères, %(limit)s au plus. Rien n’est perdu."),
            length=length,
            limit=limit,
            **place,
        )
    return text or None


class Wording(BaseModel):
    """Words of one revision."""

    title: Cleaned | None = None
    body: Cleaned = ""
    language: Cleaned | None = None

    @field_validator("title")
    @classmethod
    def _title(cls, value: str | None) -> str | None:
        return at_most(value, consultation().limits.title)

    @field_validator("language")
    @classmethod
    def _language(cls, value: str | None) -> str | None:
        if value and not LANGUAGE.match(value):
            raise wrong("unknown_language", N_("Cette langue n’est pas connue."))
        return value or None


class AuthorIn(BaseModel):
    name: Cleaned | None = None
    organisation: Cleaned | None = None
    organisation_kind: Cleaned | None = None
    people_count: Annotated[int, Field(ge=1)] | None = None
    method: Cleaned | None = None

    @field_validator("name", "organisation", "method")
    @classmethod
    def _short(cls, value: str | None, info: Any) -> str | None:
        return at_most(value, getattr(consultation().limits, info.field_name))

    @field_validator("people_count", mode="before")
    @classmethod
    def _typed(cls, value: object) -> object:
        """A phone in Arabic types ١٢, and people put a space after the thousands."""
        return "".join(latin_digits(value).split()) if isinstance(value, str) else value

    @field_validator("people_count")
    @classmethod
    def _possible(cls, value: int | None) -> int | None:
        most = consultation().limits.people_count
        if value and value > most:
            raise wrong("too_many_people", N_("Ce nombre est trop grand : %(most)s au plus."), most=most)
        return value

    @field_validator("organisation_kind")
    @classmethod
    def _kind(cls, value: str | None) -> str | None:
        if value and value not in {kind.id for kind in consultation().organisation_kinds}:
            raise wrong("unknown_organisation_kind", N_("Choisissez une des réponses proposées."))
        return value or None


def email_address(value: str | None) -> str | None:
    """An address in lower case; refused when it cannot be one."""
    if not value:
        return None
    if len(value) > 254 or len(value.partition("@")[0]) > 64 or not EMAIL.match(value):
        raise wrong("bad_email", N_("Cette adresse ne semble pas complète. Exemple : prenom@exemple.fr"))
    return value.lower()


class ContactIn(BaseModel):
    """Normalised: the e-mail in lower case, the phone as +33612345678."""

    email: Cleaned | None = None
    phone: Cleaned | None = None

    @field_validator("email")
    @classmethod
    def _email(cls, value: str | None) -> str | None:
        return email_address(value)

    @field_validator("phone")
    @classmethod
    def _phone(cls, value: str | None) -> str | None:
        if not value:
            return None
        abroad = value.lstrip("(").startswith("+")
        digits = ("+" if abroad else "") + PHONE_MARKS.sub("", latin_digits(value))
        digits = "+33" + digits[1:] if re.match(r"^0[1-9]", digits) else re.sub(r"^00", "+", digits)
        digits = re.sub(r"^\+330", "+33", digits)  # +33 (0)6 …
        if not re.match(r"^\+[1-9][0-9]{7,14}$", digits):
            raise wrong("bad_phone", N_("Ce numéro ne semble pas complet. Exemple : 06 12 34 56 78"))
        return digits


class ConsentsIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"required": ["publication", "age"]})  # refused in our words below

    publication: bool = False
    contact: bool | None = None
    age: bool = False

    @field_validator("publication", "age")
    @classmethod
    def _given(cls, value: bool, info: Any) -> bool:
        if not value:
            raise refused_consent(info.field_name)
        return value

    @model_validator(mode="before")
    @classmethod
    def _said(cls, values: Any) -> Any:
        return {"publication": False, "age": False, **values} if isinstance(values, dict) else values


def refused_consent(name: str) -> PydanticCustomError:
    if name == "age":
        return wrong("consent_missing", N_("Il faut avoir 15 ans, ou l’accord d’un parent."))
    return wrong("consent_missing", N_("Sans votre accord, nous ne pouvons pas publier vos mots."))


def _or_just_the_id(schema: dict[str, Any]) -> None:
    """Says in the OpenAPI document what `MediaIn._just_the_id` takes."""
    whole = dict(schema)
    schema.clear()
    schema["anyOf"] = [whole, {"type": "string", "maxLength": 1000, "description": "The upload's id alone."}]


class MediaIn(BaseModel):
    """One sent medium and what its owner wants."""

    model_config = ConfigDict(json_schema_extra=_or_just_the_id)

    upload: Annotated[str, Field(max_length=1000)]
    face: Face = Face.HIDE
    voice: Voice = Voice.PLAY
    people_recognisable: bool | None = None
    agreements_held: bool | None = None
    alt: Cleaned | None = None

    @model_validator(mode="before")
    @classmethod
    def _just_the_id(cls, value: Any) -> Any:
        return {"upload": value} if isinstance(value, str) else value

    @field_validator("alt")
    @classmethod
    def _alt(cls, value: str | None) -> str | None:
        return at_most(value, consultation().limits.alt)


class ContributionIn(Wording):
    """`POST /api/v1/contributions`; the form of /participer posts the same names, dotted."""

    model_config = ConfigDict(json_schema_extra={"required": ["question", "consents"]})

    question: Cleaned
    kind: Kind = Kind.INDIVIDUAL
    author: AuthorIn = Field(default_factory=AuthorIn)
    audiences: list[Cleaned] = Field(default_factory=list)
    quartier: Cleaned | None = None
    age_band: Cleaned | None = None
    contact: ContactIn | None = None
    in_reply_to: Cleaned | None = None
    collective: Annotated[str, Field(max_length=80)] | None = None
    event: Annotated[str, Field(max_length=200)] | None = None  # slug of the meeting it is said at, or after
    consents: ConsentsIn = Field(default_factory=dict, validate_default=True)
    help: bool = False
    media: list[MediaIn] = Field(default_factory=list, validate_default=True)

    @field_validator("question")
    @classmethod
    def _question(cls, value: str) -> str:
        if value not in {question.id for question in consultation().questions}:
            raise wrong("unknown_question", N_("Choisissez une des questions proposées."))
        return value

    @field_validator("audiences")
    @classmethod
    def _audiences(cls, values: list[str]) -> list[str]:
        known = [audience.id for audience in consultation().audiences]
        if set(values) - set(known):
            raise wrong("unknown_audience", N_("Choisissez une des réponses proposées."))
        return [audience for audience in known if audience in values]

    @field_validator("quartier")
    @classmethod
    def _quartier(cls, value: str | None) -> str | None:
        if value and value not in {quartier.id for quartier in consultation().quartiers}:
            raise wrong("unknown_quartier", N_("Choisissez un des quartiers proposés."))
        return value or None

    @field_validator("age_band")
    @classmethod
    def _age_band(cls, value: str | None) -> str | None:
        if value and value not in {band.id for band in consultation().age_bands}:
            raise wrong("unknown_age_band", N_("Choisissez une des réponses proposées."))
        return value or None

    @field_validator("in_reply_to")
    @classmethod
    def _replies(cls, value: str | None) -> str | None:
        if value and not consultation().options.replies:
            raise wrong("replies_closed", N_("On ne peut pas répondre à une contribution ici."))
        return value or None

    @field_validator("media")
    @classmethod
    def _media(cls, values: list[MediaIn], info: Any) -> list[MediaIn]:
        """Last of the fields, so that it sees the text: whatever else is wrong, an empty contribution is said too."""
        most = consultation().limits.media
        if len(values) > most:
            raise wrong(
                "too_many_media",
                N_("Vous pouvez envoyer %(most)s fichiers au plus : photos, sons et vidéos ensemble."),
                most=most,
            )
        if "body" in info.data:
            check_body(info.data["body"], kind=info.data.get("kind", Kind.INDIVIDUAL), has_media=bool(values))
        return values


def check_body(body: str, *, kind: Kind, has_media: bool) -> None:
    """Text or a medium; within the limit of its kind."""
    limits = consultation().limits
    if not body and not has_media:
        raise wrong("empty", N_("Écrivez quelques mots, ou ajoutez une photo, un son ou une vidéo."), field="body")
    at_most(body, limits.body_collective if kind is Kind.COLLECTIVE else limits.body_individual, field="body")


class RevisionIn(Wording):
    """`PUT /api/v1/receipt/revision`: corrected words."""


class AppealIn(BaseModel):
    """What one adds when asking that somebody else reads a decision again; nothing is enough."""

    words: Cleaned | None = None

    @field_validator("words")
    @classmethod
    def _words(cls, value: str | None) -> str | None:
        return at_most(value, consultation().limits.statement)


class ErasureIn(BaseModel):
    scope: Annotated[str, Field(pattern="^(everything|identity)$")]
