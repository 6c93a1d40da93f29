"""The program that sets a sheet for the printer: asked {data, sheet, fonts, at, out}, it writes a PDF to `out`.

It runs alone, in the sandbox (app/media/program.py). What people typed comes as data, never as typst's own language;
the one program it runs is `sheet`, a file of ours. The answer says whether the PDF meets PDF/UA-1, as every sheet whose
letters are all in a font of this machine does.
"""

import errno
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import typst


def main() -> None:
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        say({"ok": {"accessible": write(asked)}})
    except Exception as fault:  # noqa: BLE001 - the answer must be said
        full = getattr(fault, "errno", None) in {errno.ENOSPC, errno.EDQUOT}
        say({"code": "disk_full" if full else "broken", "detail": repr(fault)[:300]})


def write(asked: dict[str, Any]) -> bool:
    """By the standard of accessible papers; where a sign is in no font, tagged all the same, with a box for it."""
    accessible: list[Any] = ["ua-1"]
    sheet = Path(asked["sheet"])
    for standards in (accessible, []):
        try:
            made = typst.compile(
                str(sheet), root=str(sheet.parent), sys_inputs={"data": json.dumps(asked["data"])},
                font_paths=asked["fonts"], ignore_system_fonts=True, pdf_standards=standards,
                timestamp=datetime.fromisoformat(asked["at"]),
            )  # fmt: skip
        except typst.TypstError:
            if not standards:
                raise
            continue
        Path(asked["out"]).write_bytes(made)
        return bool(standards)
    raise AssertionError


def say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)  # noqa: T201 - the answer to who asked


if __name__ == "__main__":
    main()
