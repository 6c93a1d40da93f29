"""Sentences people could have said, by the thousand: made of parts, so that words come as often as in real ones.

Invented, of course: no one said them.
"""

import random
from dataclasses import dataclass
from functools import reduce
from operator import add

from app.contributions.vocabulary import worth_keeping
from app.contributions.words import index_words, plain_words

WHO = (
    "je", "ma voisine", "mon fils", "les jeunes", "les personnes âgées", "les associations", "les commerçants",
    "la Ville", "les bénévoles", "une famille", "les étudiants", "les aidants", "mes collègues", "un monsieur",
    "les habitants", "les éducateurs", "les travailleurs sociaux", "les retraités", "les mamans seules",
    "les gens de mon immeuble",
)  # fmt: skip
DO = (
    "cherche un logement", "attend une réponse", "partage un repas", "aide aux démarches", "manque de transports",
    "propose un lieu", "ouvre une salle", "distribue des colis", "écoute sans juger", "vit dans une chambre",
    "dort dehors", "parle peu français", "garde les enfants", "répare des vélos", "cultive un jardin",
    "frappe aux portes", "organise une fête", "donne du temps", "renonce aux soins", "compte chaque euro",
)  # fmt: skip
WHERE = (
    "dans le quartier", "à Bellevue", "au marché", "près de la gare", "à la maison de quartier", "à l’école",
    "dans mon immeuble", "au centre social", "sur la place", "à la bibliothèque", "au jardin", "à l’hôpital",
    "dans la rue", "au foyer", "à la mairie", "dans le tramway", "chez nous", "au café", "à l’accueil de jour",
    "loin de tout",
)  # fmt: skip
WHEN = (
    "le dimanche", "depuis trois ans", "chaque matin", "en hiver", "la nuit", "après le travail",
    "pendant les vacances", "une fois par mois", "tous les jours", "depuis la crise", "le soir",
    "quand il fait froid", "à la fin du mois",
    "pendant le confinement", "à midi", "souvent", "parfois", "encore aujourd’hui", "le mercredi", "trop tard",
)  # fmt: skip
WISH = (
    "il faudrait une grande table", "il manque un guichet unique", "on pourrait ouvrir les écoles",
    "une permanence serait utile", "un numéro gratuit aiderait", "la précarité isole", "la solitude fait mal",
    "l’hébergement d’urgence est complet", "les papiers sont trop compliqués", "les solidarités existent déjà",
    "un médiateur ferait le lien", "les aides arrivent tard", "personne ne vient nous voir", "le loyer est trop cher",
    "l’alimentation coûte cher", "la santé passe après", "l’entraide marche bien", "les voisins se connaissent mal",
    "il faut aller vers les gens", "le bénévolat demande du soutien",
)  # fmt: skip
SYLLABLES = [
    "ba",
    "bé",
    "cha",
    "clo",
    "dri",
    "fa",
    "gou",
    "ju",
    "ké",
    "lou",
    "mi",
    "no",
    "pra",
    "ri",
    "sou",
    "tré",
    "va",
    "zé",
]
POOL = 3000
TEXTS = 20_000
RARE_WORDS = 2000


@dataclass(frozen=True)
class Said:
    """A text, what the index keeps of it, and the words the vocabulary learns."""

    text: str
    words: str
    plain: frozenset[str]

    def __add__(self, other: "Said") -> "Said":
        return Said(f"{self.text} {other.text}", f"{self.words} {other.words}", self.plain | other.plain)


def texts(dice: random.Random) -> list[Said]:
    pool = [_sentence(dice) for _ in range(POOL)]
    return [reduce(add, dice.choices(pool, k=dice.choice((2, 3, 3, 4, 6)))) for _ in range(TEXTS)]


def _sentence(dice: random.Random) -> Said:
    who, do, where, when, wish = (_draw(part, dice) for part in (WHO, DO, WHERE, WHEN, WISH))
    text = f"{who} {do} {where} {when}, {wish}."
    return _said(text[0].upper() + text[1:])


def _draw(part: tuple[str, ...], dice: random.Random) -> str:
    """The first of each list come most often, as words do."""
    return dice.choices(part, [1 / (n + 2) for n in range(len(part))])[0]


def rare(dice: random.Random) -> list[Said]:
    """Words few people use."""
    names = {"".join(dice.choices(SYLLABLES, k=4)) for _ in range(RARE_WORDS)}
    return [_said(f"On dit {name}.") for name in sorted(names)]


def _said(text: str) -> Said:
    return Said(text, " ".join(index_words(text, "fr")), frozenset(worth_keeping(plain_words(text))))
