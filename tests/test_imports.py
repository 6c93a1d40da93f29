"""Imports go one way (docs/architecture.md). Read with `ast`, so that a lazy import counts too."""

import ast
from pathlib import Path

import pytest

APP = Path(__file__).parent.parent / "app"
FILES = sorted(APP.rglob("*.py"))
WEB = {"fastapi", "starlette", "jinja2"}
OURS = {"app.web", "app.forms", "app.main", "app.routes", "app.problems"}
DOMAINS = {
    "consultation",
    "contributions",
    "media",
    "moderation",
    "accounts",
    "notify",
    "transparency",
    "assistance",
    "events",
    "assises",
    "outreach",
    "privacy",
}
LEAVES = {
    "models": {"app.models", "app.errors"},
    "errors": set(),
    "settings": set(),
}
# What a domain shows to others: shapes, verbs and reads. Its pages, api and jobs are its own affair.
PRIVATE = {"pages", "api", "jobs"}
ALLOWED = {
    # Tasks of one domain called by another's command line or tests would be a layer that only forwards.
    "app/demo.py",
    "app/main.py",
    "app/routes.py",
    "app/cli.py",
}


def imported(file: Path) -> set[str]:
    """Every module a file imports, dotted, lazily or not; `from a import b` is both `a` and `a.b`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def name(file: Path) -> str:
    return file.relative_to(APP.parent).as_posix()


def is_handler(file: Path) -> bool:
    stem = file.stem
    return any(stem == kind or stem.endswith("_" + kind) for kind in PRIVATE)


def violations(file: Path) -> list[str]:
    """Sentences about what this file imports and must not."""
    parts, modules = file.relative_to(APP).parts, imported(file)
    domain = parts[0] if len(parts) > 1 else file.stem
    wrong = []
    if domain in LEAVES:
        inside = {m for m in modules if m.startswith("app.") or m == "app"}
        wrong += [f"{m}: {domain} is a leaf" for m in inside if not any(m.startswith(a) for a in LEAVES[domain])]
    if _is_rule(file, domain):
        wrong += [f"{m}: rules, queries and models know no web" for m in modules if m in OURS or m.split(".")[0] in WEB]
    if domain in DOMAINS and name(file) not in ALLOWED:
        for module in modules:
            pieces = module.split(".")
            if pieces[0] == "app" and len(pieces) > 2 and pieces[1] in DOMAINS:
                kind = pieces[2]
                private = kind in PRIVATE or any(kind.endswith("_" + each) for each in PRIVATE)
                if private and (pieces[1] != domain or not is_handler(file) or kind.endswith("jobs")):
                    wrong.append(f"{module}: pages, api and jobs are imported by nobody but main")
    if domain in {"adapters"}:
        wrong += [f"{m}: adapters know no domain" for m in modules if m.split(".")[1:2] and m.split(".")[1] in DOMAINS]
    return wrong


def _is_rule(file: Path, domain: str) -> bool:
    return domain in DOMAINS | {"models", "audit", "errors"} and not is_handler(file) and file.stem not in WEB_HELPERS


# Helpers of handlers: they speak HTTP on purpose.
WEB_HELPERS = {
    "access",
    "addresses",
    "menu",
    "desk",
    "media_desk",
    "queue_live",
    "shown_once",
    "filters",
    "form_state",
    "follow_session",
    "list_filters",
    "cards",
    "sending",
    "feed",
    "commands",
    "edit_views",
    "edit_settings_views",
    "edit_speakers_views",
    "grid_views",
    "mine",
    "outing_views",
    "own",
    "public",
    "sign_up",
    "team",
    "__init__",
}


@pytest.mark.parametrize("file", FILES, ids=name)
def test_imports_go_one_way(file: Path) -> None:
    assert violations(file) == []


def test_the_reader_sees_a_wrong_import(tmp_path: Path) -> None:
    """Negative control: the same reader, on a rule that imports the web and another domain's pages."""
    bad = APP / "contributions" / "rules.py"
    source = tmp_path / "app" / "contributions" / "rules.py"
    source.parent.mkdir(parents=True)
    source.write_text("def f():\n    from fastapi import Request\n    from app.moderation.pages import router\n")
    modules = imported(source)
    assert {"fastapi", "app.moderation.pages"} <= modules
    assert violations(bad) == []
