"""A campaign and a conversation: 500 copies of one text, each in other words; 500 people on the same subject.

All invented. Copies are made as people make them: synonyms, sentences in another order or left out, a greeting,
an end, a sentence of one's own, slips of the keyboard. The conversation is about housing too, by people who share
the words of the subject and nothing else.
"""

import random
import re
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from app import db, migrate
from app import jobs as service_jobs
from app.adapters import vault
from app.assistance import jobs, queries
from app.contributions import rules
from app.contributions.schemas import ContributionIn
from app.models import Channel
from bench import report

CAMPAIGN = (
    "Notre quartier a besoin d’une maison des solidarités ouverte tous les jours de la semaine.",
    "Aujourd’hui les familles en difficulté doivent traverser toute la ville pour obtenir un colis alimentaire.",
    "Les personnes âgées restent seules chez elles parce que le bus ne passe plus le soir.",
    "Nous demandons que l’ancienne école soit transformée en un lieu d’accueil avec une cuisine partagée.",
    "Des bénévoles sont déjà prêts à tenir une permanence et à aider aux démarches administratives.",
    "Le budget de la rénovation est modeste si on le compare au parking prévu sur la place.",
    "La mairie doit écouter les habitants avant de vendre ce bâtiment à un promoteur privé.",
)
SYNONYMS = {
    "quartier": ("secteur", "coin"), "besoin": ("grand besoin", "nécessité"), "maison": ("maison", "structure"),
    "ouverte": ("accessible", "ouverte"), "semaine": ("semaine", "semaine entière"), "familles": ("ménages", "foyers"),
    "difficulté": ("difficultés", "situation précaire"), "traverser": ("parcourir", "traverser"),
    "obtenir": ("avoir", "recevoir"), "colis": ("panier", "paquet"), "âgées": ("vieilles", "du troisième âge"),
    "seules": ("isolées", "toutes seules"), "chez": ("chez", "dans leur logement, chez"), "passe": ("circule", "roule"),
    "demandons": ("voulons", "souhaitons", "réclamons"), "ancienne": ("vieille", "ex"),
    "transformée": ("changée", "convertie"), "lieu": ("espace", "endroit"), "partagée": ("commune", "collective"),
    "bénévoles": ("volontaires", "voisins"), "prêts": ("disposés", "volontaires"), "tenir": ("assurer", "faire"),
    "aider": ("accompagner", "épauler"), "administratives": ("de papiers", "officielles"), "budget": ("coût", "prix"),
    "rénovation": ("remise en état", "réhabilitation"), "modeste": ("faible", "raisonnable"),
    "prévu": ("projeté", "annoncé"),
    "mairie": ("Ville", "municipalité"), "écouter": ("entendre", "consulter"), "habitants": ("riverains", "gens"),
    "vendre": ("céder", "brader"), "bâtiment": ("lieu", "immeuble"), "promoteur": ("investisseur", "groupe"),
}  # fmt: skip
GREETINGS = ("Bonjour,", "Madame, Monsieur,", "Bonjour à toutes et tous !", "Monsieur le Maire,", "Salut,", "")
ENDS = ("Merci de nous lire.", "Cordialement.", "Merci d’avance !", "Un habitant en colère.", "On compte sur vous.", "")
OWN = (
    "Ma fille y allait à l’école.", "J’habite ici depuis douze ans.", "Je signe avec mes voisines.", "C’est urgent.",
    "Mon père ne sort plus.", "Je suis prête à donner deux heures le samedi.", "", "", "",
)  # fmt: skip
NUMBER = 500
NOW = datetime(2022, 4, 12, 8, tzinfo=UTC)
CHANGED, LEFT_OUT, SLIPS = 0.35, 0.1, 0.02

WHO = (
    "mon frère", "ma collègue", "une étudiante", "le gardien", "mes parents", "un couple de retraités", "ma cousine",
    "notre association", "un jeune apprenti", "la voisine du dessus", "un père séparé", "une infirmière de nuit",
    "le facteur", "mon ancien patron", "une amie enceinte", "les locataires du bloc C", "mon grand-oncle",
    "un saisonnier", "ma belle-sœur", "le boulanger",
)  # fmt: skip
DOES = (
    "attend un logement social", "paie un loyer énorme", "vit avec des moisissures", "a reçu un avis d’expulsion",
    "dort dans un camion", "partage une chambre à quatre", "n’arrive pas à chauffer son salon", "loue une cave",
    "cherche une colocation", "a perdu sa caution", "craint la vente de son immeuble", "refuse de quitter sa maison",
    "héberge deux exilés", "monte cinq étages sans ascenseur", "a vu sa facture doubler", "bricole des fenêtres",
    "rembourse un prêt trop lourd", "s’est installé en caravane", "change d’adresse chaque trimestre",
    "appelle le bailleur en vain",
)  # fmt: skip
SINCE = (
    "depuis la naissance du petit", "à cause d’un dossier perdu", "malgré un salaire correct", "faute de garant",
    "après un divorce difficile", "en plein hiver", "loin de son travail", "au bord du canal", "près de la rocade",
    "derrière la gare de marchandises", "sans contrat écrit", "avec un fauteuil roulant",
    "pour rester près de l’hôpital",
    "entre deux missions d’intérim", "dans une résidence vieillissante", "face au chantier du tramway",
    "au dernier étage", "sous les toits", "au fond d’une cour humide", "à trois rues du lycée",
)  # fmt: skip
IDEA = (
    "encadrer les loyers", "réquisitionner les bureaux vides", "créer une bourse d’échange d’appartements",
    "payer des visites d’artisans", "former des médiateurs", "publier la liste d’attente", "isoler les façades",
    "bâtir en bois sur les friches", "acheter des murs pour un habitat participatif", "garantir les cautions",
    "ouvrir un guichet unique", "taxer les résidences secondaires", "limiter les meublés touristiques",
    "installer des tiny houses", "prêter des radiateurs", "repeindre les cages d’escalier", "écrire un bail type",
    "loger des étudiants chez des aînés", "contrôler les marchands de sommeil", "réserver des places aux jeunes",
)  # fmt: skip
WHY = (
    "cela coûterait moins que l’hôtel", "la dignité commence par une clé", "les enfants apprendraient mieux",
    "d’autres villes l’ont réussi", "le bail rassure tout le monde", "la chaleur se perd par les combles",
    "on éviterait des procès", "le droit existe déjà sur le papier", "les artisans manquent de commandes",
    "la solitude recule quand on partage un palier", "un toit aide à garder son emploi", "la santé suit",
    "le paysage y gagnerait", "personne ne comprend les critères", "le tribunal est débordé", "la colère monte",
    "cela ferait vivre les commerces", "le foncier appartient à la collectivité", "l’air serait plus sain",
    "les délais découragent",
)  # fmt: skip
FORMS = (
    "{Who} {does} {since}.", "Il faudrait {idea} : {why}.", "Pourquoi ne pas {idea} ? {Why}.", "{Since}, {who} {does}.",
    "Je propose d’{idea}, car {why}.", "{Why} ; commençons par {idea}.", "Chez nous, {who} {does}, et {why}.",
)  # fmt: skip


def copies(number: int, dice: random.Random) -> list[str]:
    """Paraphrases of the campaign's text."""
    return [_copy(dice) for _ in range(number)]


def _copy(dice: random.Random) -> str:
    said = [_reworded(sentence, dice) for sentence in CAMPAIGN if dice.random() >= LEFT_OUT]
    if dice.random() < 0.5:
        dice.shuffle(said)
    said.insert(dice.randrange(len(said) + 1), dice.choice(OWN))
    parts = [dice.choice(GREETINGS), *said, dice.choice(ENDS)]
    return _slips(" ".join(part for part in parts if part), dice)


def _reworded(sentence: str, dice: random.Random) -> str:
    def other(match: re.Match[str]) -> str:
        choices = SYNONYMS.get(match[0])
        return dice.choice(choices) if choices and dice.random() < CHANGED else match[0]

    return re.sub(r"\w+", other, sentence)


def _slips(text: str, dice: random.Random) -> str:
    """A letter doubled, left out, or exchanged with the next one, in a word now and then."""

    def slip(match: re.Match[str]) -> str:
        word = match[0]
        if len(word) < 4 or dice.random() >= SLIPS:
            return word
        at = dice.randrange(1, len(word) - 1)
        return dice.choice(
            (
                word[:at] + word[at] + word[at:],
                word[:at] + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )

    return re.sub(r"\w+", slip, text)


def different(number: int, dice: random.Random) -> list[str]:
    """What so many people say about housing, each for themselves."""
    return [" ".join(_sentence(dice) for _ in range(dice.choice((3, 4, 5, 6)))) for _ in range(number)]


def _sentence(dice: random.Random) -> str:
    drawn = {"who": dice.choice(WHO), "does": dice.choice(DOES), "since": dice.choice(SINCE)}
    drawn |= {"idea": dice.choice(IDEA), "why": dice.choice(WHY)}
    drawn |= {name.title(): words[0].upper() + words[1:] for name, words in drawn.items()}
    return dice.choice(FORMS).format(**drawn)


def likeness() -> list[report.Result]:
    """Both sent to an empty service, in the order of a shuffled pack, and looked at as its worker does."""
    dice = random.Random(2022)
    copied, spoken = copies(NUMBER, dice), different(NUMBER, dice)
    with tempfile.TemporaryDirectory() as folder:
        alone, began = groups(copied, Path(folder) / "copies"), time.perf_counter()
        talk = groups(spoken, Path(folder) / "talk")
        each = (time.perf_counter() - began) / NUMBER * 1000
    return [
        report.at_most("likeness", f"{NUMBER} paraphrased copies of one text: groups", 20, len(alone)),
        report.at_most("likeness", f"{NUMBER} texts on the same subject: largest group", 3, max(talk)),
        report.told("likeness", "one contribution sent, looked at and compared", f"{each:.1f} ms"),
    ]


def groups(texts: list[str], folder: Path) -> list[int]:
    """How many texts each group has, once all were submitted to a new database and looked at."""
    folder.mkdir()
    _new_service(folder)
    with db.writing() as session:
        for text in texts:
            rules.submit(session, _said(text), channel=Channel.ONLINE, now=NOW)
    return look_at_all()


def look_at_all() -> list[int]:
    """As the duty does, without its pauses; the size of each group, of one too."""
    while True:
        with db.reading() as session:
            batch = queries.unassisted(session, jobs.BATCH)
            if not batch:
                found = session.connection().execute(
                    sa.text("SELECT count(*) FROM contribution GROUP BY coalesce(cluster, seq)")
                )
                return [row[0] for row in found]
        for one in batch:
            jobs.look_at(one, now=NOW)


def _said(text: str) -> ContributionIn:
    consents = {"publication": True, "age": True}
    return ContributionIn.model_validate({"question": "q1", "body": text, "kind": "individual", "consents": consents})


def _new_service(folder: Path) -> None:
    url = f"sqlite:///{folder / 'dialogue.sqlite'}"
    migrate.to(url=url)
    vault.configure("k" * 48)
    db.configure(url)
    service_jobs.configure("embedded:")
