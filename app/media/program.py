"""Asks one of our `*_child.py` programs something, in the sandbox: a question in a file, an answer in JSON lines.

The program gets the path of the question as its argument. It writes `{"progress": per cent}` as often as it likes,
then `{"ok": …}` or `{"code": …}`.
"""

import json
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import DiskFull
from app.media import sandbox

Progress = Callable[[int], None]
FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
MOST_SAID = 50_000_000  # bytes; what broke into a program must not fill our memory


class Refused(Exception):
    """The program will not do it: `code` is what it said, `timeout`, or `broken` when it crashed."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.detail = detail


class Lost(RuntimeError):
    """Killed from outside (a full machine, a stop), which says nothing of the file: try again later."""


def ask(
    program: Path,
    asked: dict[str, Any],
    *,
    limits: sandbox.Limits,
    reads: Sequence[Path] = (),
    writes: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """What it answers under `ok`. Raises Refused (final), DiskFull, Lost (both: try again)."""
    answer = _Answer(progress)
    with tempfile.TemporaryDirectory(prefix="ask-") as folder:
        question = Path(folder, "question.json")
        question.write_text(json.dumps(asked), encoding="utf-8")
        command = [sys.executable, "-I", str(program), str(question)]
        # Under the name it is called by as well: an environment may be a link to another folder.
        python = {path for prefix in (sys.base_prefix, sys.prefix) for path in (Path(prefix), Path(prefix).resolve())}
        seen = [*sorted(python), program, question, *(path.resolve() for path in reads)]
        ended = sandbox.run(command, limits=limits, reads=seen, writes=writes, hear=answer.hear)
    return _judge(answer.words, ended)


@dataclass
class _Answer:
    """What was said until now."""

    progress: Progress | None
    words: dict[str, Any] = field(default_factory=dict)
    rest: bytearray = field(default_factory=bytearray)
    heard: int = 0

    def hear(self, piece: bytes) -> None:
        self.heard += len(piece)
        if self.heard > MOST_SAID:
            raise Refused("broken", "says too much")
        self.rest += piece
        while (end := self.rest.find(b"\n")) >= 0:
            line, self.rest = bytes(self.rest[:end]), self.rest[end + 1 :]
            self._understand(line)

    def _understand(self, line: bytes) -> None:
        said = None
        with suppress(ValueError):  # a library may write there too
            said = json.loads(line)
        if not isinstance(said, dict):
            return
        if self.progress and "progress" in said:
            self.progress(int(said["progress"]))
        self.words |= said


def _judge(words: dict[str, Any], ended: sandbox.Ended) -> dict[str, Any]:
    if "ok" in words:
        found: dict[str, Any] = words["ok"]
        return found
    if words.get("code") == "disk_full":
        raise DiskFull()
    if "code" in words:
        raise Refused(words["code"], words.get("detail", ""))
    if ended.late or ended.killed == signal.SIGXCPU:
        raise Refused("timeout")
    if ended.killed in FROM_OUTSIDE:
        raise Lost(f"ended by signal {ended.killed}")
    raise Refused("broken", f"ended with {ended.status}: {ended.words[-300:]}")
