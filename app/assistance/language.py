"""In which language a text is written, where that is not the one it was sent in."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from app.assistance.found import Found

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SHORTEST = 40  # letters: below, any guess is one
SURE = 0.95
# Of the model's languages those one meets here; the others would triple what it holds in memory.
KNOWN = frozenset(
    re.findall(
        r"\w+",
        """
        am ar az bg bn bs ca cs da de el en es et eu fa fi fr he hi hr hu hy id it ja ka km ko lo lt lv mk mn ms
        ne nl no pa pl ps pt ro ru sk sl so sq sr sv sw ta te th tl tr uk ur uz vi wo yo zh
        """,
    )
)
# Tags that the model has no name for, or that it cannot tell from another.
SAME = {"prs": "fa", "ti": "am", "mo": "ro", "hr": "sr", "bs": "sr", "ms": "id", "nb": "no", "nn": "no", "fil": "tl"}


def language(text: str, declared: str) -> Iterator[Found]:
    """`declared` is a BCP 47 tag. Nothing for a short text, a language the model does not know, or a doubt."""
    said = _same(declared.split("-")[0].lower())
    if said not in KNOWN or sum(letter.isalpha() for letter in text) < SHORTEST:
        return
    guess, confidence = _identifier().classify(text)
    if confidence >= SURE and _same(guess) != said:
        yield Found("language", detail={"language": guess})


def _same(tag: str) -> str:
    return SAME.get(tag, tag)


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    """The model with our languages alone: a second to load, and only in a worker."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    chosen = [place for place, name in enumerate(whole.nb_classes) if name in KNOWN]
    return LanguageIdentifier(
        whole.nb_ptc[:, chosen], whole.nb_pc[chosen], [whole.nb_classes[place] for place in chosen],
        whole.tk_nextmove, whole.tk_output, norm_probs=True, tk_row=whole.tk_row,
    )  # fmt: skip
