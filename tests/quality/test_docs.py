"""What the documents say of the code is there, and nothing of the code is left unsaid."""

import re
from pathlib import Path

from sqlmodel import SQLModel

import app.audit  # its tables stand beside the models
import app.models  # noqa: F401 - and theirs

ROOT = Path(__file__).parent.parent.parent
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
TABLES = (ROOT / "docs/tables.md").read_text()
FOLDERS = ("app", "static", "templates", "tests", "bench", "migrations", "docs")
NAMED = re.compile(r"[\w./*-]+\.(?:py|js|css|html|md|toml|typ)\b")
# Addresses of the service that look like files, the design's own documents, a part of Python.
ELSEWHERE = {"/assises/hors-ligne.js", "domain.md"}


def files() -> set[str]:
    """Each file from the root, and by each shorter end of its path: documents name them so."""
    found = {path.name for path in ROOT.glob("*.*")}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.*"):
            parts = path.relative_to(ROOT).parts
            found |= {"/".join(parts[at:]) for at in range(len(parts))}
    return found


def test_each_file_the_documents_name_exists() -> None:
    there, lost = files(), []
    for document in DOCS:
        for quoted in re.findall(r"`([^`\n]+)`", document.read_text()):
            for name in set(NAMED.findall(quoted)) - ELSEWHERE:
                pattern = re.compile(re.escape(name).replace(r"\*", "[^/]*"))
                if name not in there and not ("*" in name and any(pattern.fullmatch(each) for each in there)):
                    lost.append(f"{document.relative_to(ROOT)}: {name}")
    assert lost == []


def test_each_folder_and_module_has_its_line() -> None:
    here = [path for path in (ROOT / "app").iterdir() if not path.name.startswith("__")]
    parts = {f"app/{path.name}/" if path.is_dir() else f"app/{path.name}" for path in here}
    assert {part for part in parts if f"`{part}`" not in ARCHITECTURE} == set()


def test_each_table_is_explained_once() -> None:
    classes = {mapper.class_.__name__ for mapper in SQLModel._sa_registry.mappers}
    rows = re.findall(r"^\| ([A-Z]\w+(?:, [A-Z]\w+)*) \|", TABLES, re.MULTILINE)
    assert sorted(name for row in rows for name in row.split(", ")) == sorted(classes)


def test_each_verb_the_documents_place_in_a_file_is_there() -> None:
    lost, seen = [], 0
    for line in ARCHITECTURE.splitlines():
        text = ""
        for name, verb in re.findall(r"`(?:(app/[\w/]+\.py): )?(\w+)\(\)`", line):
            text = (ROOT / name).read_text() if name else text
            if text:
                seen += 1
                if f"def {verb}(" not in text:
                    lost.append(f"{name}: {verb}")
    assert lost == []
    assert seen > 30
