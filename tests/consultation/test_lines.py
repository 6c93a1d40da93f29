"""The line index finds every key of a TOML text."""

import tomllib
from typing import Any

from app.consultation.content import NANTES
from app.consultation.demo_content import DEMO
from app.consultation.lines import KeyPath, line_index, line_of

TEXT = '''\
a = 1 # not = "this"
"b.c" = "[d]\\" = {"
e.f = \'\'\'
[g]
\'\'\'
h = [
  {i = 1, j = "}"}, # k
  2022-01-27, 1.5,
]
[l.m]
n = """x = "1"
"""
[[o]]
p = 1
[o.q]
r = 2
[[o]]
p = 3
[[o.s]]
t = 4
'''


def test_every_key_has_its_line():
    assert line_index(TEXT) == {
        ("a",): 1,
        ("b.c",): 2,
        ("e",): 3,
        ("e", "f"): 3,
        ("h",): 6,
        ("h", 0): 7,
        ("h", 0, "i"): 7,
        ("h", 0, "j"): 7,
        ("h", 1): 8,
        ("h", 2): 8,
        ("l",): 10,
        ("l", "m"): 10,
        ("l", "m", "n"): 11,
        ("o",): 13,
        ("o", 0): 13,
        ("o", 0, "p"): 14,
        ("o", 0, "q"): 15,
        ("o", 0, "q", "r"): 16,
        ("o", 1): 17,
        ("o", 1, "p"): 18,
        ("o", 1, "s"): 19,
        ("o", 1, "s", 0): 19,
        ("o", 1, "s", 0, "t"): 20,
    }


def test_what_is_missing_has_the_line_of_what_holds_it():
    index = line_index(TEXT)
    assert line_of(index, ("o", 1, "missing")) == 17
    assert line_of(index, ("missing",)) == 1


def test_the_index_knows_exactly_the_keys_of_the_shipped_files():
    for path in (NANTES, DEMO):
        text = path.read_text(encoding="utf-8")
        assert set(line_index(text)) == set(_paths(tomllib.loads(text)))


def _paths(value: Any, path: KeyPath = ()) -> list[KeyPath]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, part in value.items():
            found += _paths(part, (*path, key))
    elif isinstance(value, list):
        for position, part in enumerate(value):
            found += _paths(part, (*path, position))
    return found
