"""Reading a content file, and saying in plain French what is wrong with it, line by line.

These sentences are for the person who edits the file, before the service (and its languages)
exists: they are French and do not pass through gettext.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.consultation.lines import KeyPath, line_index, line_of

Problem = tuple[KeyPath, str]
M = TypeVar("M", bound=BaseModel)

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
# The beginnings of tomllib's messages, and what to do about each.
_SYNTAX = {
    "Unterminated string": "un texte n’est pas fermé ; ajoutez le guillemet qui manque",
    "Illegal character": "un caractère n’est pas permis ici ; le plus souvent, un guillemet manque à la fin du texte",
    "Invalid hex value": "une barre oblique inverse « \\ » est de trop ; doublez-la ou retirez-la",
    "Unescaped": "une barre oblique inverse « \\ » est de trop ; doublez-la ou retirez-la",
    "Expected '='": "il manque le signe = entre le mot et sa valeur",
    "Cannot overwrite a value": "ce mot est écrit deux fois ; gardez une seule des deux lignes",
    "Duplicate inline table key": "ce mot est écrit deux fois entre les accolades ; gardez-en un seul",
    "Cannot declare": "ce titre entre crochets est écrit deux fois ; réunissez les deux parties",
    "Unclosed array": "une liste n’est pas fermée ; ajoutez le crochet ] qui manque",
    "Unclosed inline table": "des accolades ne sont pas fermées ; ajoutez } ou la virgule qui manque",
    "Invalid date": "cette date n’existe pas ; écrivez-la comme 2022-01-27",
    "Invalid value": "cette valeur ne se comprend pas ; "
    "mettez un texte entre guillemets droits, une date comme 2022-01-27",
    "Invalid statement": "cette ligne ne se comprend pas ; écrivez mot = valeur",
    "Expected newline or end of document": "il y a quelque chose de trop après la valeur ; "
    "retirez-le ou mettez le tout entre guillemets",
    "Expected ']'": "il manque un crochet ] à la fin du titre",
    "Invalid initial character for a key part": "un mot commence mal ; "
    "il manque peut-être un mot avant le signe =, ou une virgule est de trop",
}
_VALUES: dict[str, str] = {
    "missing": "il manque « {key} » ; ajoutez-le",
    "extra_forbidden": "« {key} » n’est pas connu ici ; corrigez le mot ou retirez-le",
    "string_type": "il faut un texte entre guillemets",
    "string_too_short": "le texte est vide ; écrivez-le ou retirez le mot",
    "string_too_long": "le texte est trop long ; {max_length} caractères au plus",
    "int_type": "il faut un nombre entier, sans guillemets",
    "int_parsing": "il faut un nombre entier, sans guillemets",
    "int_from_float": "il faut un nombre entier, sans virgule",
    "bool_type": "écrivez true (oui) ou false (non), sans guillemets",
    "bool_parsing": "écrivez true (oui) ou false (non), sans guillemets",
    "greater_than_equal": "le nombre est trop petit ; {ge} au moins",
    "less_than_equal": "le nombre est trop grand ; {le} au plus",
    "literal_error": "« {input} » n’est pas connu ; choisissez parmi {expected}",
    "too_short": "la liste est trop courte ; {min_length} au moins",
    "too_long": "la liste est trop longue ; {max_length} au plus",
    "dict_type": 'il faut un texte par langue, comme {{fr = "…", en = "…"}}',
    "model_type": "il faut une partie avec ses mots, pas une simple valeur",
    "tuple_type": "il faut une liste entre crochets",
    "timezone_aware": "il manque le fuseau horaire ; écrivez par exemple 2022-02-03T18:20:00+01:00",
}
_DATE = "il faut une date comme 2022-01-27, sans guillemets"
_MOMENT = "il faut une date et une heure comme 2022-02-03T18:20:00+01:00, sans guillemets"


class ContentError(Exception):
    """A content file that cannot be used. `problems` holds (line, key, sentence) in file order."""

    def __init__(self, path: Path, problems: Iterable[tuple[int, str, str]]) -> None:
        self.path = path
        self.problems = sorted(problems)
        super().__init__("\n".join(self._sentences()))

    def _sentences(self) -> Iterator[str]:
        for line, key, sentence in self.problems:
            where = f"{self.path}, ligne {line}" if line else f"{self.path}"
            yield f"{where} : {key} : {sentence}." if key else f"{where} : {sentence}."


def read(path: Path, model: type[M], check: Callable[[M], Iterable[Problem]]) -> M:
    """Loads a TOML file as `model`, then applies `check`; raises `ContentError` with every problem."""
    text = _text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContentError(path, [_explain_syntax(text, str(error))]) from None
    try:
        loaded = model.model_validate(data)
    except ValidationError as error:
        found = [_explain_value(details) for details in error.errors(include_url=False)]
        raise _located(path, text, found) from None
    problems = list(check(loaded))
    if problems:
        raise _located(path, text, problems)
    return loaded


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        sentence = "un caractère n’est pas en UTF-8 ; enregistrez le fichier en UTF-8"
        raise ContentError(path, [(line, "", sentence)]) from None
    except OSError:
        sentence = "ce fichier ne peut pas être lu ; vérifiez son nom, son dossier et ses droits"
        raise ContentError(path, [(0, "", sentence)]) from None


def _explain_syntax(text: str, message: str) -> tuple[int, str, str]:
    lines = text.split("\n")
    found = _AT.search(message)
    line = int(found.group(1)) if found and found.group(1) else len(text.rstrip().split("\n"))
    sentence = next(
        (said for start, said in _SYNTAX.items() if message.startswith(start)),
        "l’écriture TOML n’est pas correcte",
    )
    key = re.match(r"\s*([\w.-]+)\s*=", lines[min(line, len(lines)) - 1])
    return line, key.group(1) if key else "", sentence


def _explain_value(details: ErrorDetails) -> Problem:
    loc, kind, context = details["loc"], details["type"], details.get("ctx", {})
    if loc and loc[-1] == "[key]":
        loc = loc[:-1]
    key = loc[-1] if loc else ""
    if kind == "value_error":
        return loc, str(context["error"])
    if kind == "string_pattern_mismatch":
        return loc, _pattern(str(key), details["input"])
    if kind.startswith("datetime_"):
        return loc, _MOMENT
    if kind.startswith("date_"):
        return loc, _DATE
    if kind in _VALUES:
        values = {**context, "key": key, "input": _written(details["input"])}
        values["expected"] = _written(context.get("expected", "")).replace(" or ", " ou ").replace("'", "")
        return loc, _VALUES[kind].format(**values)
    return loc, f"cette valeur ne convient pas ({details['msg']})"


def _written(value: Any) -> str:
    """A value as TOML writes it: true and false in small letters."""
    return str(value).lower() if str(value) in ("True", "False") else str(value)


def _pattern(key: str, value: Any) -> str:
    if key == "id":
        return (
            f"l’identifiant « {value} » n’est pas permis ; "
            "employez des lettres minuscules sans accent, des chiffres et des traits d’union"
        )
    examples = {
        "email": "equipe@ville.example",
        "phone": "+33261912022",
        "link": "https://… , tel:115 ou sms:114",
        "url": "https://…",
        "site": "https://…",
        "tag": "fr ou fa-AF",
        "number": "115",
    }
    return f"« {value} » n’a pas la bonne forme ; écrivez comme {examples.get(key, 'dans l’exemple')}"


def _located(path: Path, text: str, problems: Iterable[Problem]) -> ContentError:
    index = line_index(text)
    return ContentError(path, [(line_of(index, loc), _named(loc), sentence) for loc, sentence in problems])


def _named(loc: KeyPath) -> str:
    """`("phases", 2, "ends")` as people count it: `phases[3].ends`."""
    name = ""
    for part in loc:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name
