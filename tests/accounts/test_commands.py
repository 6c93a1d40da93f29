"""`dialogue user …` and `dialogue token …`, as an operator types them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def dialogue(database_url, tmp_path):
    """Runs one command on the database of this test; answers (exit code, stdout, stderr)."""
    values = {
        "DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "k" * 48,
        "BASE_URL": "http://testserver",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIALOGUE_")}
    environment = kept | {f"DIALOGUE_{name}": value for name, value in values.items()}

    def run(*words, typed=""):
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *words], env=environment, cwd=ROOT, input=typed,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return run


def test_people_and_tokens_are_made_and_unmade(dialogue):
    code, out, _ = dialogue("user", "add", "Ana@Ville.example", "--role", "moderator", "--role", "organiser",
                            "--password-stdin", typed="quatre chats dans le tram\n")  # fmt: skip
    assert (code, out) == (0, "added ana@ville.example: moderator, organiser\n")
    code, out, _ = dialogue("user", "add", "ben@ville.example", "--role", "mediator", "--reads", "fr", "--reads", "uk")
    assert code == 0
    assert re.search(r"^http://testserver/equipe/mot-de-passe/[0-9a-f]{32}\.\d+\.[0-9a-f]{64}$", out, re.MULTILINE)
    code, out, _ = dialogue("user", "list")
    assert out.splitlines() == [
        "ana@ville.example\tana\tmoderator,organiser\tfr,en,ar\tno second factor\topen",
        "ben@ville.example\tben\tmediator\tfr,uk\tno second factor\topen",
    ]
    code, out, _ = dialogue("token", "add", "ana@ville.example", "--name", "robot")
    assert code == 0
    assert re.fullmatch(r"ns_[\w-]{43}\n", out)
    assert dialogue("token", "revoke", "ana@ville.example", "--name", "robot")[:2] == (0, "revoked 1\n")
    assert dialogue("token", "revoke", "ana@ville.example", "--name", "robot")[0] == 1


def test_refusals_say_why_and_make_nothing(dialogue):
    refused = [
        (("user", "add", "nowhere", "--role", "moderator"), "", "whole e-mail address"),
        (("user", "add", "a@b.example", "--role", "king"), "", "The roles are: mediator"),
        (("user", "add", "a@b.example", "--role", "moderator", "--password-stdin"), "court\n", "12 caractères"),
        (("token", "add", "a@b.example", "--name", "x"), "", "nobody of the team"),
    ]
    for words, typed, said in refused:
        code, out, err = dialogue(*words, typed=typed)
        assert (code, out) == (1, ""), words
        assert said in err
    assert dialogue("user", "list")[1] == ""
