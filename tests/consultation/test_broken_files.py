"""Whoever edits the content file is told which file, which line, which key and what to do."""

import random
from pathlib import Path

import pytest

from app.consultation.content import NANTES, ContentError, load


def test_a_wrong_date_is_named(broken, line_with):
    line = line_with("starts = 2022-01-27", after='id = "collection"')
    assert broken(("starts = 2022-01-27", 'starts = "demain"')) == [
        f"ville.toml, ligne {line} : phases[3].starts : il faut une date comme 2022-01-27, sans guillemets."
    ]


def test_a_day_that_does_not_exist_is_named(broken, line_with):
    line = line_with("ends = 2022-05-31")
    assert broken(("ends = 2022-05-31", "ends = 2022-05-32")) == [
        f"ville.toml, ligne {line} : ends : "
        "il y a quelque chose de trop après la valeur ; retirez-le ou mettez le tout entre guillemets."
    ]


def test_a_phase_that_ends_before_it_starts_is_named(broken, line_with):
    line = line_with("ends = 2022-05-31")
    assert broken(("ends = 2022-05-31", "ends = 2022-01-05")) == [
        f"ville.toml, ligne {line} : phases[3].ends : la phase « collection » finit le 2022-01-05, "
        "avant de commencer le 2022-01-27 ; corrigez l’une des deux dates."
    ]


def test_a_phase_that_starts_inside_another_is_named(broken, line_with):
    line = line_with("starts = 2022-06-07", after='id = "assises"')
    assert broken(("starts = 2022-06-07", "starts = 2022-05-31")) == [
        f"ville.toml, ligne {line} : phases[4].starts : la phase « assises » commence le 2022-05-31, "
        "avant la fin de « collection » le 2022-05-31 ; corrigez la date ou l’ordre."
    ]


def test_no_phase_that_collects_is_said(broken, line_with):
    assert broken(("collects = true\n", "")) == [
        f"ville.toml, ligne {line_with('[[phases]]')} : phases : "
        "aucune phase ne recueille les avis ; ajoutez collects = true à l’une."
    ]


def test_an_id_used_twice_is_named_where_it_is_used_again(broken, line_with):
    line = line_with('id = "nantes-nord"')
    assert broken(('id = "nantes-nord"', 'id = "bellevue"')) == [
        f"ville.toml, ligne {line} : quartiers[8].id : "
        "« bellevue » est déjà pris plus haut ; choisissez un autre identifiant."
    ]


def test_an_id_that_cannot_stand_in_an_address_is_named(broken, line_with):
    line = line_with('id = "nantes-nord"')
    assert broken(('id = "nantes-nord"', 'id = "Nantes Nord"')) == [
        f"ville.toml, ligne {line} : quartiers[8].id : l’identifiant « Nantes Nord » n’est pas permis ; "
        "employez des lettres minuscules sans accent, des chiffres et des traits d’union."
    ]


def test_an_unknown_language_is_named_in_a_dotted_key(broken, line_with):
    line = line_with("label.en", after='id = "q2"')
    assert broken(('label.en = "Who can act"', 'label.it = "Chi può agire"')) == [
        f"ville.toml, ligne {line} : questions[2].label.it : la langue « it » n’est pas déclarée ; "
        "connues : ar, en, fr, prs, ps, ro, ru, simple, ti, uk."
    ]


def test_an_unknown_language_is_named_inside_a_list(broken, line_with):
    line = line_with('{fr = "La langue"')
    assert broken(('en = "The language"', 'de = "Die Sprache"')) == [
        f"ville.toml, ligne {line} : never_reasons[4].de : la langue « de » n’est pas déclarée ; "
        "connues : ar, en, fr, prs, ps, ro, ru, simple, ti, uk."
    ]


def test_a_text_without_french_is_named(broken, line_with):
    line = line_with("label.simple", after='id = "q1"')
    assert broken(('label.fr = "La situation aujourd’hui"\n', "")) == [
        f'ville.toml, ligne {line - 1} : questions[1].label : il manque le français ; ajoutez fr = "…".'
    ]


def test_an_empty_text_is_named(broken, line_with):
    line = line_with('title.en = "New')
    assert broken(('title.en = "New solidarities"', 'title.en = ""')) == [
        f"ville.toml, ligne {line} : title.en : le texte est vide ; écrivez-le ou retirez le mot."
    ]


def test_an_unknown_reason_is_named_with_those_one_may_choose(broken, line_with):
    line = line_with('id = "offence"')
    assert broken(('id = "offence"', 'id = "rude"')) == [
        f"ville.toml, ligne {line} : reasons[2].id : « rude » n’est pas connu ; choisissez parmi personal, "
        "offence, off_topic, image_rights, advertising, duplicate, unreadable, illegal ou protection."
    ]


def test_a_missing_private_quartier_is_said(broken, line_with):
    assert broken(("private = true\n", "")) == [
        f"ville.toml, ligne {line_with('[[quartiers]]')} : quartiers : il manque le choix de qui est sans "
        "domicile ou ne souhaite pas dire ; ajoutez un quartier avec private = true."
    ]


def test_a_missing_question_for_the_rest_is_said(broken, line_with):
    assert broken(('id = "other"\nofficial', 'id = "q4"\nofficial')) == [
        f"ville.toml, ligne {line_with('[[questions]]')} : questions : "
        "il manque la question « other » (autre, je ne sais pas) ; ajoutez-la."
    ]


def test_a_word_one_does_not_know_is_named(broken, line_with):
    line = line_with("collects = true")
    assert broken(("collects = true", "colects = true")) == [
        f"ville.toml, ligne {line} : phases[3].colects : "
        "« colects » n’est pas connu ici ; corrigez le mot ou retirez-le."
    ]


def test_a_missing_word_is_asked_for_at_its_table(broken, line_with):
    line = line_with("[[languages]]")
    assert broken(('endonym = "Français"\n', "")) == [
        f"ville.toml, ligne {line} : languages[1].endonym : il manque « endonym » ; ajoutez-le."
    ]


def test_a_number_in_words_is_named(broken, line_with):
    line = line_with("media = 5")
    assert broken(("media = 5", 'media = "cinq"')) == [
        f"ville.toml, ligne {line} : limits.media : il faut un nombre entier, sans guillemets."
    ]


def test_a_number_too_small_is_named(broken, line_with):
    line = line_with("photo_mb = 20")
    assert broken(("photo_mb = 20", "photo_mb = 0")) == [
        f"ville.toml, ligne {line} : limits.photo_mb : le nombre est trop petit ; 1 au moins."
    ]


def test_a_knot_of_a_phase_that_is_not_there_is_named(broken, line_with):
    line = line_with('phases = ["collection"]')
    assert broken(('phases = ["collection"]', 'phases = ["collecte"]')) == [
        f"ville.toml, ligne {line} : thread[2].phases[1] : « collecte » n’est pas connu ; choisissez parmi "
        "survey, launch, collection, assises, report, answer, follow-up."
    ]


def test_a_time_zone_that_does_not_exist_is_named(broken, line_with):
    line = line_with("timezone = ")
    assert broken(('timezone = "Europe/Paris"', 'timezone = "Europe/Nantes"')) == [
        f"ville.toml, ligne {line} : timezone : "
        "le fuseau horaire « Europe/Nantes » n’existe pas ; écrivez par exemple Europe/Paris."
    ]


@pytest.mark.parametrize(
    ("old", "new", "key", "sentence"),
    [
        (
            'id = "nantes-2022"',
            'id = "nantes-2022',
            "id",
            "un caractère n’est pas permis ici ; le plus souvent, un guillemet manque à la fin du texte",
        ),
        ('city = "Nantes"', 'city "Nantes"', "", "il manque le signe = entre le mot et sa valeur"),
        (
            'city = "Nantes"',
            "city = Nantes",
            "city",
            "cette valeur ne se comprend pas ; mettez un texte entre guillemets droits, une date comme 2022-01-27",
        ),
        (
            'city = "Nantes"',
            'city = "Nantes"\ncity = "Nantes"',
            "city",
            "ce mot est écrit deux fois ; gardez une seule des deux lignes",
        ),
    ],
)
def test_a_slip_of_the_pen_is_named(broken, line_with, old, new, key, sentence):
    line = line_with(old) + new.count("\n")
    where = f"{key} : " if key else ""
    assert broken((old, new)) == [f"ville.toml, ligne {line} : {where}{sentence}."]


def test_several_mistakes_are_said_at_once_in_the_order_of_the_file(broken, line_with):
    first, second = line_with("ends = 2022-05-31"), line_with('id = "nantes-nord"')
    said = broken(("ends = 2022-05-31", "ends = 2022-01-05"), ('id = "nantes-nord"', 'id = "bellevue"'))
    assert [sentence.split(" : ")[:2] for sentence in said] == [
        [f"ville.toml, ligne {first}", "phases[3].ends"],
        [f"ville.toml, ligne {second}", "quartiers[8].id"],
    ]


def test_a_file_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(ContentError) as caught:
        load(tmp_path / "absent.toml")
    assert str(caught.value) == (
        f"{tmp_path / 'absent.toml'} : ce fichier ne peut pas être lu ; vérifiez son nom, son dossier et ses droits."
    )


def test_a_file_in_another_encoding_is_said(tmp_path: Path):
    path = tmp_path / "ville.toml"
    path.write_bytes(b'format = 1\ntitle = "Solidarit\xe9s"\n')
    with pytest.raises(ContentError) as caught:
        load(path)
    assert caught.value.problems == [(2, "", "un caractère n’est pas en UTF-8 ; enregistrez le fichier en UTF-8")]


def test_an_empty_file_is_asked_for_everything_it_must_hold(tmp_path: Path):
    path = tmp_path / "ville.toml"
    path.write_text("")
    with pytest.raises(ContentError) as caught:
        load(path)
    assert (1, "title", "il manque « title » ; ajoutez-le") in caught.value.problems


def test_whatever_is_mistyped_is_explained_and_never_a_crash(tmp_path: Path):
    text = NANTES.read_text(encoding="utf-8")
    chance = random.Random(2022)
    path = tmp_path / "ville.toml"
    lines: list[int] = []
    for _ in range(60):
        at = chance.randrange(len(text))
        path.write_text(text[:at] + chance.choice('"[]{}=,.\\\n#0a') + text[at + 1 :], encoding="utf-8")
        try:
            load(path)
        except ContentError as error:
            lines += [line for line, _, _ in error.problems]
    assert len(lines) > 10
    assert [line for line in lines if not 1 <= line <= text.count("\n") + 2] == []
