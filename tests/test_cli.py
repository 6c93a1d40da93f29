"""The command line: results on stdout, logs on stderr, every command migrates first."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOW = "2022-04-12T10:00:00+02:00"


def dialogue(folder: Path, *words: str, said: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "DIALOGUE_DATA_DIR": str(folder), "DIALOGUE_NOW": NOW} | settings
    command = [sys.executable, "-m", "app.cli", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, input=said, timeout=120)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("instance") / "data"
    added = dialogue(
        folder,
        "user",
        "add",
        "equipe@demo.example",
        "--role",
        "moderator",
        "--password-stdin",
        said="un long mot de passe\n",
    )
    assert added.returncode == 0, added.stderr
    assert folder.stat().st_mode & 0o777 == 0o700, "other people of this machine read nothing in it"
    return folder


def test_audit_verify_finds_the_chain_whole(instance: Path) -> None:
    done = dialogue(instance, "audit", "verify")
    assert done.returncode == 0
    assert done.stdout.startswith("ok: ")
    figures = dialogue(instance, "audit", "figures")
    assert json.loads(figures.stdout)["total"]["counts"]["received"] == 0


def test_check_says_what_works_and_what_is_missing(instance: Path) -> None:
    done = dialogue(instance, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    lines = {line.split(":")[0].split()[1]: line.split()[0] for line in done.stdout.splitlines()}
    assert (
        lines["database"]
        == lines["storage"]
        == lines["photos"]
        == lines["content"]
        == lines["advice"]
        == lines["sheets"]
        == "ok"
    )
    assert lines["mail"] == lines["worker"] == lines["journal"] == "MISSING"


def test_check_fails_when_what_it_needs_does_not_answer(instance: Path) -> None:
    dead = {"DIALOGUE_SMTP_URL": "smtp://127.0.0.1:9", "DIALOGUE_SMS_URL": "http://127.0.0.1:9/"}
    done = dialogue(instance, "check", DIALOGUE_AUDIT_DIR="/proc/none", **dead)
    assert done.returncode == 1
    assert "BROKEN  mail" in done.stdout
    assert "BROKEN  text messages" in done.stdout
    assert "BROKEN  journal: its heads cannot be noted outside the database" in done.stdout


def test_the_demonstration_is_loaded_once(tmp_path: Path, demonstration: Path) -> None:
    shutil.copytree(demonstration, tmp_path, dirs_exist_ok=True)
    again = dialogue(tmp_path, "demo")
    assert again.returncode == 0, again.stderr
    assert "there already" in again.stdout
    assert dialogue(tmp_path, "audit", "verify").stdout.startswith("ok: ")
    code = dialogue(tmp_path, "user", "code", "moderation@demo.example").stdout.strip()
    assert (len(code), code.isdigit()) == (6, True)
    refused = dialogue(tmp_path, "user", "code", "somebody@else.example")
    assert (refused.returncode, refused.stdout) == (1, "")


def test_a_demonstration_stopped_half_way_left_nothing_and_one_for_another_city_is_refused(tmp_path: Path) -> None:
    stopped = "from app import cli, demo\ndef stop(*_): raise KeyboardInterrupt\ndemo._say = stop\ncli.demo()"
    env = {"PATH": os.environ["PATH"], "DIALOGUE_DATA_DIR": str(tmp_path), "DIALOGUE_NOW": NOW}
    assert subprocess.run([sys.executable, "-c", stopped], cwd=ROOT, env=env, capture_output=True).returncode != 0
    with closing(sqlite3.connect(tmp_path / "dialogue.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM event").fetchone() == (0,)
    city = tmp_path / "ville.toml"
    city.write_text((ROOT / "app/consultation/nantes-2022.toml").read_text().replace("nantes-nord", "nord"))
    refused = dialogue(tmp_path, "demo", DIALOGUE_CONSULTATION=str(city))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("The demonstration is made for Nantes' content")


def test_the_demonstration_makes_no_known_password_on_a_public_instance(tmp_path: Path) -> None:
    done = dialogue(tmp_path, "demo", DIALOGUE_BASE_URL="https://dialogue.example", DIALOGUE_SECRET_KEY="k" * 40)
    assert done.returncode == 0, done.stderr
    assert "invented contributions" in done.stdout
    assert "No accounts made" in done.stdout
    assert (
        dialogue(
            tmp_path, "user", "list", DIALOGUE_BASE_URL="https://dialogue.example", DIALOGUE_SECRET_KEY="k" * 40
        ).stdout
        == ""
    )
