"""Where each key of a TOML text stands.

`tomllib` keeps no positions. This walks a text that it has already accepted, so it can be lax
about everything but structure; it runs only when there is an error to explain (see the ADR).
"""

import re
from collections.abc import Iterator

KeyPath = tuple[str | int, ...]

_TOKEN = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}(?!")|"(?:\\.|[^"\\\n])*"'''
    r"""|'''.*?'{3,5}(?!')|'[^'\n]*'"""
    r"""|\#[^\n]*|\n|[\[\]{},=.]|[^\s\[\]{},=.\#"']+""",
    re.DOTALL,
)


def line_index(text: str) -> dict[KeyPath, int]:
    """Maps each key path, array positions included, to its line (from 1)."""
    return _Walk(text).run()


def line_of(index: dict[KeyPath, int], path: KeyPath) -> int:
    """The line of a path, or of the nearest thing around it that is written in the file."""
    while path and path not in index:
        path = path[:-1]
    return index.get(path, 1)


class _Walk:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.index: dict[KeyPath, int] = {}
        self.last: dict[KeyPath, int] = {}  # last position used in each array of tables

    def run(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self.at < len(self.tokens):
            piece = self._peek()
            if piece == "\n":
                self.at += 1
            elif piece == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.index

    def _header(self) -> KeyPath:
        line = self.tokens[self.at][1]
        self.at += 1
        is_array = self._peek() == "["
        self.at += is_array
        parts = self._key("]")
        self.at += is_array
        path: KeyPath = ()
        for part in parts[:-1]:
            path = self._inside((*path, part), line)
        path = (*path, parts[-1])
        self.index.setdefault(path, line)
        if is_array:
            self.last[path] = self.last.get(path, -1) + 1
            path = (*path, self.last[path])
            self.index[path] = line
        return path

    def _inside(self, path: KeyPath, line: int) -> KeyPath:
        self.index.setdefault(path, line)
        return (*path, self.last[path]) if path in self.last else path

    def _pair(self, path: KeyPath) -> None:
        line = self.tokens[self.at][1]
        for part in self._key("="):
            path = (*path, part)
            self.index.setdefault(path, line)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        opening = self._peek()
        if opening not in ("[", "{"):
            self.at += 1
            while self._peek() not in ("\n", ",", "]", "}", ""):
                self.at += 1
            return
        self.at += 1
        position = 0
        while self._peek() not in ("]", "}", ""):
            if self._peek() in ("\n", ","):
                self.at += 1
            elif opening == "{":
                self._pair(path)
            else:
                self.index[(*path, position)] = self.tokens[self.at][1]
                self._value((*path, position))
                position += 1
        self.at += 1

    def _key(self, end: str) -> list[str]:
        parts = []
        while self._peek() not in (end, ""):
            if self._peek() != ".":
                parts.append(self._peek().strip("\"'"))
            self.at += 1
        self.at += 1
        return parts

    def _peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line = 1
    for found in _TOKEN.finditer(text):
        piece = found.group()
        if not piece.startswith("#"):
            yield piece, line
        line += piece.count("\n")
