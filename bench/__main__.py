"""`make bench`: all parts, or those named (`make bench ARGS="list search"`). Everything on the loopback, bounded.

The databases it needs are made once, in `.bench/`; the one of a million takes some minutes and 1.5 GB.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys

from app.consultation import content
from bench import assises, collect, desk, events, faces, likeness, measures, media, report, uploads
from bench.generate import FOLDER

PARTS = {
    "pages": measures.pages,
    "list": measures.lists,
    "search": measures.searches,
    "submit": measures.submissions,
    "mixed": measures.mixed,
    "memory": measures.memory,
    "weight": measures.weights,
    "media": media.measure,
    "uploads": uploads.uploads,
    "faces": faces.search,
    "likeness": likeness.likeness,
    "desk": desk.desk,
    "events": events.events,
    "assises": assises.assises,
    "collect": collect.collect,
}


def main() -> int:
    asked = _arguments()
    FOLDER.mkdir(exist_ok=True)
    content.configure()
    _find_wrk()
    measures.clean()
    results: list[report.Result] = []
    for name in asked.parts or PARTS:
        print(f"… {name}", file=sys.stderr, flush=True)
        results += measures.lists((1_000, 100_000)) if name == "list" and asked.small else PARTS[name]()
    print(report.table(results))
    if not asked.small:
        report.write(report.keep(results, FOLDER, list(PARTS)))
    return int(asked.strict and any(each.met is False for each in results))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which parts; all by default")
    parser.add_argument("--small", action="store_true", help="nothing at a million; the document stays as it is")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a target is missed")
    return parser.parse_args()


def _find_wrk() -> None:
    """wrk asks fastest; where it cannot be had, a client of our own does."""
    if shutil.which("wrk"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            command = ["apt-get", "install", "-y", "-qq", "wrk"]
            subprocess.run(command, capture_output=True, timeout=120, check=False)
    if not shutil.which("wrk"):
        print("wrk is not here: a slower client asks instead.", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
