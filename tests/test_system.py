"""Set-up on a machine that lacks a Debian package: installed by root, named to anyone else."""

import ipaddress
import json
import os
import re
from pathlib import Path

import pytest

from app import web
from tests import system

ROOT = web.ROOT

APT = """#!/bin/sh
echo "$DEBIAN_FRONTEND $*" >> {log}
case "$*" in *install*) {act} ;; esac
"""


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no program at all but the `apt-get` a test puts there; strace is what it lacks."""
    monkeypatch.setenv("PATH", str(tmp_path))
    lacking = [need for need in system.NEEDS["test"] if need[1] == "strace"]
    monkeypatch.setitem(system.NEEDS, "test", lacking)
    return tmp_path


def put_apt(folder: Path, act: str) -> Path:
    log = folder / "log"
    (folder / "apt-get").write_text(APT.format(log=log, act=act))
    (folder / "apt-get").chmod(0o755)
    return log


def test_root_installs_what_is_missing_and_is_asked_nothing(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    log = put_apt(bare, f"/usr/bin/install -m 755 /bin/true {bare}/strace")
    system.main("test")
    update, install = log.read_text().splitlines()
    assert update.startswith("noninteractive ")
    assert install.endswith(" install -y --no-install-recommends strace")
    log.unlink()
    system.main("test")  # a second time, nothing is missing
    assert not log.exists()


def test_anyone_else_reads_what_to_install(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    log = put_apt(bare, "true")
    with pytest.raises(SystemExit, match=r"strace: for .*\nPlease run:  sudo apt-get install strace$"):
        system.main("test")
    assert not log.exists()


def test_an_installation_that_changes_nothing_is_said(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    put_apt(bare, "true")
    with pytest.raises(SystemExit, match="Installed, and yet not found"):
        system.main("test")


def test_the_image_holds_what_the_pages_load() -> None:
    packages = {file.relative_to(web.ROOT / "node_modules").parts[0] for file in web.VENDOR.values()}
    assert packages == set(json.loads((ROOT / "package.json").read_text())["dependencies"])
    recipe = (ROOT / "Dockerfile").read_text()
    assert "COPY --from=page /srv/node_modules /srv/dialogue/node_modules" in recipe
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {name for name in kept if not (ROOT / name).exists()} == set()
    assert {"app", "templates", "static", "migrations", "alembic.ini", "requirements.lock"} <= kept


def test_nobody_is_given_the_address_of_the_proxy() -> None:
    """Docker hands addresses out in the order of the start, and the proxy starts last."""
    compose = (ROOT / "compose.yaml").read_text()
    (proxy,) = re.findall(r"ipv4_address: ([0-9.]+)", compose)
    (given_out,) = re.findall(r"ip_range: ([0-9./]+)", compose)
    assert re.findall(r"DIALOGUE_TRUSTED_PROXIES: ([0-9.]+)", compose) == [proxy]
    assert ipaddress.ip_address(proxy) not in ipaddress.ip_network(given_out)
