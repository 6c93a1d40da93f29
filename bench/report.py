"""Results: printed as a table, kept beside the databases, and written into docs/performance.md."""

import json
import os
import platform
import sqlite3
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

DOCUMENT = Path("docs/performance.md")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True)
class Result:
    """One line of the table. `met` is None where nothing is asked, only told."""

    part: str
    what: str
    target: str
    measured: str
    met: bool | None = None


def at_least(part: str, what: str, target: float, measured: float, *, told: str = "") -> Result:
    return Result(part, what, f"≥ {target:g}", f"{measured:.3g}{told}", measured >= target)


def at_most(part: str, what: str, target: float, measured: float, unit: str = "", *, told: str = "") -> Result:
    return Result(part, what, f"≤ {target:g}{unit}", f"{measured:.3g}{unit}{told}", measured <= target)


def told(part: str, what: str, measured: str) -> Result:
    return Result(part, what, "", measured)


def table(results: list[Result]) -> str:
    said = {True: "yes", False: "**no**", None: ""}
    rows = [("what", "target", "measured", "met")]
    rows += [(each.what, each.target, each.measured, said[each.met]) for each in results]
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def keep(results: list[Result], folder: Path, order: list[str]) -> list[Result]:
    """Adds to what former runs measured; the parts measured now replace their old lines."""
    file = folder / "results.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    for part in {each.part for each in results}:
        known[part] = [asdict(each) for each in results if each.part == part]
    file.write_text(json.dumps(known, ensure_ascii=False, indent=1))
    return [Result(**each) for part in order for each in known.get(part, [])]


def write(results: list[Result]) -> None:
    """Rewrites the table between the markers of docs/performance.md."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    today = f"{datetime.now(UTC):%d %B %Y}"
    block = f"{BEGIN}\n\n{today}, {machine()}.\n\n{table(results)}\n\n{END}"
    DOCUMENT.write_text(before + block + after, encoding="utf-8")


def machine() -> str:
    model = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}"
    )
