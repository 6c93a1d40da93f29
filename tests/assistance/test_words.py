"""Words of danger in every language of the interface, and slurs: what is found, what is left alone."""

import pytest

from app.assistance import lexicon
from app.assistance.found import DANGERS

LISTS = (*lexicon.LANGUAGES, lexicon.SLURS)


def looked(text: str, name: str) -> list[tuple[str, str]]:
    """(kind, marked words)."""
    look = lexicon.slurs if name == lexicon.SLURS else lexicon.dangers
    return [(found.kind, text[found.start : found.end]) for found in look(text)]


@pytest.mark.parametrize("name", LISTS)
def test_each_list_finds_its_examples_and_leaves_the_innocuous_alone(name: str) -> None:
    read = lexicon.read(name)
    for example in read["example"]:
        assert example["kind"] in {kind for kind, _ in looked(example["words"], name)}, example
    for words in read["innocuous"]["words"]:
        assert looked(words, name) == []
        assert looked(words, "fr") == []


@pytest.mark.parametrize("language", lexicon.LANGUAGES)
def test_each_language_has_every_kind_of_danger_with_an_example(language: str) -> None:
    read = lexicon.read(language)
    assert {group["kind"] for group in read["group"]} == set(DANGERS)
    assert {example["kind"] for example in read["example"]} == set(DANGERS)
    assert len(read["innocuous"]["words"]) >= 4


@pytest.mark.parametrize("name", LISTS)
def test_each_pattern_of_a_list_finds_itself(name: str) -> None:
    """A pattern that folding breaks would find nothing, and nobody would know."""
    for group in lexicon.read(name)["group"]:
        (entry,) = [
            each for each in lexicon.entries(name) if (each.kind, each.sort) == (group["kind"], group.get("sort", ""))
        ]
        for pattern in group["patterns"]:
            said = pattern.replace("*", "").replace(" .. ", " ")
            assert entry.pattern.search(lexicon.folded(said)[0]), pattern


def test_the_mark_stands_on_the_words_as_they_were_written() -> None:
    text = "😀 Été : j’ai ENVIE  DE\nMOURIR, œuvre."
    assert looked(text, "fr") == [("danger", "ENVIE  DE\nMOURIR")]
    assert looked("زوجي يَضْرِبُني كل ليلة", "ar") == [("violence", "يَضْرِبُني")]


def test_up_to_three_words_may_stand_between() -> None:
    assert looked("il frappe tous les soirs son fils", "fr") == []
    assert looked("il frappe le soir son fils", "fr") == [("child", "frappe le soir son fils")]
