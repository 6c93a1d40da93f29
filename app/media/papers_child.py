"""The program that reads one paper and ends: `python -I papers_child.py KIND SOURCE OUT_DIR`.

`sandbox.py` starts it, limited. Of the app it imports only the readers beside it, which import nothing of the app.
Out come `answer.json` and pictures made anew of pixels: no script, form, link, macro, attached file or metadata of
the paper has a way.
"""

import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.media.papers_text import Refused

FAULTS = {errno.ENOSPC: "disk_full", errno.EDQUOT: "disk_full", errno.EFBIG: "paper_too_large"}


def main(kind: str, source: Path, out_dir: Path) -> None:
    try:
        said: dict[str, Any] = {"ok": read(kind, source, out_dir)}
    except Refused as refusal:
        said = {"code": refusal.args[0]}
    except MemoryError:
        said = {"code": "paper_too_large"}
    except OSError as fault:
        said = {"code": FAULTS.get(fault.errno or 0, "paper_broken"), "detail": repr(fault)[:200]}
    except BaseException as fault:  # noqa: BLE001 - a reader may raise anything; the answer must be said
        said = {"code": "paper_broken", "detail": repr(fault)[:200]}
    (out_dir / "answer.json").write_text(json.dumps(said))
    os._exit(0)  # nothing of a reader runs after the answer


def read(kind: str, source: Path, out_dir: Path) -> dict[str, Any]:
    """`{title, body, pictures: [{name, alt}]}`. Each reader is loaded only for its own kind of file."""
    if kind == "pdf":
        from app.media import papers_pdf

        return papers_pdf.read(source, out_dir)
    from app.media import papers_office

    return papers_office.read(source, out_dir)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
