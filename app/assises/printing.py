"""Sheets as PDF, each made once and kept in memory until its words change: a burst of readers waits for one.

typst runs as a program of its own, in the sandbox of the decoders: out of the way of pages, without network, stopped
if it takes too long. A PDF is never kept on disk, where a name taken back would outlive its consent.
"""

import json
import tempfile
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.media import program
from app.media.sandbox import Limits

PROGRAM = Path(__file__).with_name("sheet_child.py")
SHEET = Path(__file__).with_name("sheet.typ")
FONTS = [Path(name) for name in ("/usr/share/fonts", "/usr/local/share/fonts")]
LIMITS = Limits(seconds=15, cpu=12, file_size=20_000_000, files=1024)
BLANK = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
PATIENCE = 2.0  # seconds: who waits keeps a thread from the pages
MOST = 32  # sheets: two days, the walk and a few posters, in four languages

_making = threading.Lock()
_kept: dict[str, tuple[str, bytes]] = {}


def pdf(name: str, data: Mapping[str, Any], *, at: datetime, sheet: Path = SHEET) -> bytes:
    """The sheet as PDF. `name` tells one sheet from another, `at` is when what it says was decided; `sheet` sets it.

    Raises program.Refused (it cannot be made), program.Lost, DiskFull (not now).
    """
    words = json.dumps([data, at.isoformat()])
    if (kept := _kept.get(name)) is not None and kept[0] == words:
        return kept[1]
    if not _making.acquire(timeout=PATIENCE):
        raise program.Lost("another sheet is being made")
    try:
        kept = _kept.get(name)  # perhaps made while we waited
        if kept is None or kept[0] != words:
            _kept.pop(name, None)
            kept = _kept[name] = words, _make(data, at, sheet)
            while len(_kept) > MOST:
                _kept.pop(next(iter(_kept)))
    finally:
        _making.release()
    return kept[1]


def check() -> None:
    """Makes a small one, and lets go of it. Raises as `pdf` does."""
    _make({
        "lang": "fr", "dir": "ltr", "heading": "Essai", "title": "", "under": [], "foot": "", "columns": [], "rows": [],
        "stops": [], "code": BLANK, "code_says": "Essai",
    }, datetime(2022, 6, 10, tzinfo=UTC), SHEET)  # fmt: skip


def _make(data: Mapping[str, Any], at: datetime, sheet: Path) -> bytes:
    fonts = [folder for folder in FONTS if folder.is_dir()]
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        out = Path(folder, "sheet.pdf")
        asked = {
            "data": dict(data), "at": at.isoformat(), "fonts": [str(each) for each in fonts], "out": str(out),
            "sheet": str(sheet),
        }  # fmt: skip
        program.ask(PROGRAM, asked, limits=LIMITS, reads=[sheet, *fonts], writes=Path(folder))
        return out.read_bytes()
