"""What is enqueued by name has a handler of that name."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def enqueued() -> dict[str, str]:
    """Every task name given to enqueue() or ensure() in the application, and where."""
    found = {}
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or len(node.args) < 2:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            name = node.args[1]
            if called in {"enqueue", "ensure"} and isinstance(name, ast.Constant) and isinstance(name.value, str):
                found[name.value] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def known() -> set[str]:
    """In a process of its own, where no test has registered tasks; it must not need the web application."""
    script = (
        "import sys; from app.jobs import registry, worker; registry.load();"
        " assert 'fastapi' not in sys.modules, 'the worker loads the web application';"
        " print(*registry.tasks)"
    )
    command = [sys.executable, "-c", script]
    return set(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split())


def test_every_enqueued_task_has_a_handler():
    names = enqueued()
    handlers = known()
    assert {name: place for name, place in names.items() if name not in handlers} == {}
