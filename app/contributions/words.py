"""From text to search words: one analyser for both databases, so that they answer the same.

A word is a run of letters and digits, without case or accents. French words are stemmed, everything else
is kept whole; the words everybody uses are left out (docs/decisions/search-index.md).
"""

import re
import unicodedata
from functools import lru_cache
from threading import Lock
from typing import Any

LONGEST = 30  # of a word; what is longer is no word (an address, a code)
MOST_ASKED = 8  # words of one search
RUN = re.compile(r"[^\W_]+")
# Arabic letters people write one for the other; accents and vowel signs are gone by then.
SAME_LETTER = str.maketrans({"ة": "ه", "ى": "ي", "ـ": None, "œ": "oe", "æ": "ae"})
UNSEEN = str.maketrans(dict.fromkeys("\u00ad\u2060\ufeff"))  # soft hyphens and their like, from copied text
ARTICLE = "ال"
STOP = frozenset(
    re.findall(
        r"\S+",
        """
        a ai aie ainsi alors as au aucun aucune aura aussi aux avait avec avez avoir avons ayant c ca car ce
        ceci cela celle celles celui ces cet cette ceux chez ci comme d dans de des donc dont du elle elles
        en encore entre es est et etaient etait etant ete etes etre eu eux fait faut furent fut il ils j je
        jusqu l la le les leur leurs lui m ma mais me meme memes mes moi mon n ne ni nos notre nous ns on
        ont or ou par parce pas pour puis qu quand que quel quelle quelles quels qui quoi s sa sans se ses
        si soi soient soit sommes son sont sous suis sur t ta te tes toi ton tous tout toute toutes tres tu
        un une va vers vont vos votre vous y
        """,
    )
)
PARTICIPLE = re.compile(r"ee?s?$")  # isolé, isolée, isolés, isolées: one word to the stemmer once folded
# Endings of one word the stemmer takes for two, both ways: vélo, vélos; lieu, lieux; travail, travaux; aide, aident.
ENDINGS = "a as, i is, o os, u us, eu eux, ou oux, ail aux, e ent"
PAIRS = [way for pair in ENDINGS.split(", ") for way in (tuple(pair.split()), tuple(pair.split())[::-1])]
UNLIKE = frozenset({"peu", "peux"})
OTHER = {"vieux": "vieille", "vieil": "vieux", "vieille": "vieux", "vieilles": "vieux", "oeil": "yeux", "yeux": "oeil"}
ARABIC = re.compile("[\u0600-\u06ff]+$")
BEFORE = ("وال", "بال", "فال", "كال", "لل", "و")  # "and the", "in the" … are written as one word with it
JOINED = re.compile(f"^(?:{'|'.join(BEFORE[:5])}|{ARTICLE})(?=..)")
KEYBOARDS = (str.maketrans("یک", "يك"), str.maketrans("يك", "یک"))  # Persian letters, and the Arabic ones for them
_stemming = Lock()  # the stemmer keeps the word it works on in itself


def bare(text: str) -> str:
    """Lower case, without accents, ligatures undone."""
    folded = text.casefold().translate(SAME_LETTER)
    if folded.isascii():
        return folded
    decomposed = unicodedata.normalize("NFKD", folded)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def plain_words(text: str) -> list[str]:
    """The words of a text as people write them, in lower case with their accents, in order."""
    runs: list[str] = RUN.findall(unicodedata.normalize("NFC", text.translate(UNSEEN).casefold()))
    return [run for run in runs if _counts(run)]


@lru_cache(maxsize=65536)
def _counts(run: str) -> bool:
    return len(run) <= LONGEST and (len(run) > 1 or run.isdigit()) and bare(run) not in STOP


def index_words(text: str, language: str) -> list[str]:
    """What the index keeps of a text in `language` (BCP 47)."""
    french = language.split("-")[0].lower() == "fr"
    return [term(word, french=french) for word in plain_words(text)]


def asked(query: str) -> list[str]:
    """The words of a search, as typed, without doubles."""
    return list(dict.fromkeys(plain_words(query)))[:MOST_ASKED]


def terms(word: str) -> list[str]:
    """The index words one searched word may stand under: its French stem, itself in another language, its kin."""
    stem, whole = term(word, french=True), term(word, french=False)
    others = [term(each, french=french) for each in kin(bare(word)) for french in (True, False)]
    return list(dict.fromkeys((stem, whole, *others, *kin(stem))))


def kin(folded: str) -> list[str]:
    """Forms of a word that the stemmer, or people's keyboards, keep apart. What is no word finds nothing."""
    found = [OTHER[folded]] if folded in OTHER else []
    for one, other in PAIRS:
        if folded.endswith(one) and len(folded) > len(one) and folded not in UNLIKE:
            found.append(folded.removesuffix(one) + other)
    if ARABIC.match(folded):
        alone = JOINED.sub("", folded)
        found += [alone, ARTICLE + alone, *(before + alone for before in BEFORE)]
        found += [each.translate(letters) for letters in KEYBOARDS for each in (folded, alone)]
    return found


@lru_cache(maxsize=65536)
def term(word: str, *, french: bool) -> str:
    """One index word. Accents go before the stem, since people leave them out when they search."""
    folded = bare(word)
    if folded.startswith(ARTICLE) and len(folded) > 4:
        return folded.removeprefix(ARTICLE)
    return _stem(PARTICIPLE.sub("e", folded)) if french and folded.isascii() and folded.isalpha() else folded


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer  # here, since it comes with all its languages, and few processes need one

    return snowballstemmer.stemmer("french")


def _stem(word: str) -> str:
    with _stemming:
        return str(_stemmer().stemWord(word))
