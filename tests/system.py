"""Debian packages that set-up and tests need: installed where we are root, named where we are not.

Run by the machine's own Python, before there is any environment: standard library only.
    python3 tests/system.py setup|test
"""

import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

OLDEST_PYTHON = (3, 11)


def found(*patterns: str) -> Callable[[], bool]:
    """A check: is there a file for each of these patterns, from the root folder on?"""
    return lambda: all(any(Path("/").glob(pattern)) for pattern in patterns)


# What it is for, the Debian package that brings it, and whether it is there.
NEEDS: dict[str, list[tuple[str, str, Callable[[], bool]]]] = {
    "setup": [
        ("a virtual environment", "python3-venv", lambda: importlib.util.find_spec("ensurepip") is not None),
    ],
    "test": [
        ("the browser tests", "chromium-headless-shell", found("usr/bin/chromium-headless-shell")),
        ("the database tests", "postgresql", found("usr/lib/postgresql/*/bin/initdb")),
        ("the tests of what reaches the disk", "strace", lambda: shutil.which("strace") is not None),
        (
            "pages in Arabic and Tigrinya",
            "fonts-noto-core",
            found("usr/share/fonts/**/NotoSansArabic-Regular.*", "usr/share/fonts/**/NotoSansEthiopic-Regular.*"),
        ),
    ],
}


def main(stage: str) -> None:
    """Exits with a sentence where something is missing and cannot be installed here."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit("Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …")
    absent = missing(stage)
    if not absent:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(plea(absent))
    install([package for _, package in absent])
    importlib.invalidate_caches()
    if still := missing(stage):
        sys.exit("Installed, and yet not found:\n" + plea(still))


def missing(stage: str) -> list[tuple[str, str]]:
    """Purpose and Debian package of each thing that is not on this machine."""
    return [(purpose, package) for purpose, package, is_there in NEEDS[stage] if not is_there()]


def plea(absent: list[tuple[str, str]]) -> str:
    """What to tell a person who has to install these by hand."""
    reasons = "\n".join(f"  {package}: for {purpose}" for purpose, package in absent)
    packages = " ".join(package for _, package in absent)
    return (
        f"These Debian packages are missing, and only root may install them:\n{reasons}\n"
        f"Please run:  sudo apt-get install {packages}"
    )


def install(packages: list[str]) -> None:
    """Installs with apt, asking nothing. The package list may be older than the archive: renewed first."""
    print("Installing with apt:", *packages, flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([*apt, "update"], env=quiet, check=True)
    subprocess.run([*apt, "install", "-y", "--no-install-recommends", *packages], env=quiet, check=True)


if __name__ == "__main__":
    main(sys.argv[1])
