"""What looks like personal data, links and another language: what is marked, what is left alone."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable

import pytest

from app.assistance import addresses, detectors, language, personal
from app.assistance.detectors import Detector, Text
from app.assistance.found import Found
from tests.live import ROOT

Look = Callable[[str], Iterable[Found]]


def marked(look: Look, text: str) -> list[str]:
    return [text[found.start : found.end] for found in look(text)]


@pytest.mark.parametrize(
    ("look", "text", "expected"),
    [
        (personal.phones, "Appelez le 06 98 76 54 32, merci.", ["06 98 76 54 32"]),
        (personal.phones, "+33 3 80 12 34 56 ou 0380123456", ["+33 3 80 12 34 56", "0380123456"]),
        (personal.phones, "мій номер +380 67 123 45 67", ["+380 67 123 45 67"]),
        (personal.phones, "رقمي ٠٦٩٨٧٦٥٤٣٢", ["٠٦٩٨٧٦٥٤٣٢"]),
        (personal.phones, "le 12/04/2022 à 18 h 30, 21000 Dijon, 150 000 habitants, le 115, le 3919", []),
        (personal.emails, "écrire à Lea.B+solidaire@exemple.fr.", ["Lea.B+solidaire@exemple.fr"]),
        (personal.emails, "lea (at) exemple.fr", ["lea (at) exemple.fr"]),
        (personal.emails, "rendez-vous @ la mairie", []),
        (personal.accounts, "IBAN : FR76 3000 6000 0112 3456 7890 189 merci", ["FR76 3000 6000 0112 3456 7890 189"]),
        (personal.accounts, "de89370400440532013000.", ["de89370400440532013000"]),
        (personal.accounts, "FR76 3000 6000 0112 3456 7890 188 et la salle AB12 du lycée", []),
        (personal.social_security, "1 84 12 76 451 089 46", ["1 84 12 76 451 089 46"]),
        (personal.social_security, "2550 et 184127645108947 et 1 84 13 76 451 089 46", []),
        (personal.links, "Voir https://exemple.fr/a?b=1. Oui", ["https://exemple.fr/a?b=1"]),
        (personal.links, "Puis (www.exemple.org) !", ["www.exemple.org"]),
        (personal.links, "le site exemple.com/page, oui", ["exemple.com/page"]),
        (personal.links, "lea@exemple.fr arrive. Demain etc.fin de phrase", []),
        (addresses.addresses, "J’habite 12 bis rue des Lilas 21000 Dijon", ["12 bis rue des Lilas 21000 Dijon"]),
        (addresses.addresses, "au 4, avenue Victor Hugo.", ["4, avenue Victor Hugo"]),
        (addresses.addresses, "le 3 place de la République, 67000 Nancy", ["3 place de la République, 67000 Nancy"]),
        (addresses.addresses, "écrire à 21000 Dijon", ["21000 Dijon"]),
        (addresses.addresses, "2 cours de français, 10 places de parking, 20000 Euros, la rue est à nous, rue 12", []),
    ],
)  # fmt: skip
def test_what_is_marked(look: Look, text: str, expected: list[str]) -> None:
    assert marked(look, text) == expected


FRENCH = "Il faudrait une grande table sur la place pour manger ensemble le dimanche."
UKRAINIAN = "Нам потрібен великий стіл на площі, щоб разом обідати щонеділі."


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        (FRENCH, "fr", []),
        (FRENCH, "en", ["fr"]),
        (UKRAINIAN, "fr", ["uk"]),
        (UKRAINIAN, "uk-UA", []),
        (FRENCH[:38], "en", []),  # too short to tell
        (FRENCH, "br", []),  # the model is not asked about what it does not know here
        ("یک میز کلان در محله می خواهیم تا هر هفته یکجا نان بخوریم.", "prs", []),
        ("ኣብ ከባቢና ዓቢ ጠረጴዛ ንደሊ፡ ሰንበት ሓቢርና ክንበልዕ ምስ ጎረባብትና።", "ti", []),
    ],
)
def test_the_language_is_told_only_when_it_differs_and_is_sure(text: str, declared: str, expected: list[str]) -> None:
    assert [found.detail["language"] for found in language.language(text, declared)] == expected


def test_the_same_digits_are_one_thing() -> None:
    text = "FR76 3000 6000 0112 3456 7890 189, https://exemple.fr/lea@exemple.fr, 06 98 76 54 32"
    seen = detectors.look([Text("body", text, "fr")])
    assert [(one.detector, one.place) for one in seen] == [("iban 1", "body"), ("link 1", "body"), ("phone 1", "body")]


def test_words_shared_by_several_lists_are_marked_once() -> None:
    seen = detectors.look([Text("title", "Suicide", "fr"), Text("body", "", "fr")])
    assert [(one.place, one.found.kind) for one in seen] == [("title", "danger")]


def test_a_detector_that_fails_has_nothing_to_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(text: str, language: str) -> Iterable[Found]:
        raise ValueError(text)

    monkeypatch.setattr(detectors, "DETECTORS", (Detector("broken 1", broken), *detectors.DETECTORS))
    seen = detectors.look([Text("body", "Écrire à lea@exemple.fr", "fr")])
    assert [one.found.kind for one in seen] == ["email"]
    logged = "".join(capsys.readouterr())
    assert "broken 1" in logged
    assert "lea@" not in logged


def test_the_web_process_loads_no_library_of_the_detectors() -> None:
    code = "import sys, app.main; print({'phonenumbers', 'py3langid'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 5000, "06 98 " * 1600, "a" * 10_000, "a." * 5000, "a@" * 5000, "FR76 " * 2000, "www." * 2500,
        "١" * 10_000, "12 rue de la " * 700, "je me " * 1600, "frappe un deux trois " * 450, "A-" * 5000,
        "\u0301" * 10_000, "12 rue A A " * 900,
    ],
)  # fmt: skip
def test_the_longest_text_is_looked_at_in_no_time(text: str) -> None:
    began = time.process_time()
    detectors.look([Text("body", text[:10_000], "fr")])
    assert time.process_time() - began < 2.0
