"""The real service in processes of its own: `dialogue serve`, in a data folder of its own, on a free port."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tests.processes import HOST, free_port, running

ROOT = Path(__file__).parents[1]
NOW = "2022-04-12T10:00:00+02:00"  # inside the collection phase
RESTART_SECONDS = 20


@dataclass
class Live:
    """One instance: its address, its folder, its settings. `serving()` starts it, as often as wanted."""

    home: Path
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    module: str = "app.cli"
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def data(self) -> Path:
        return self.home / "data"

    def environment(self) -> dict[str, str]:
        """Nothing of the settings of whoever runs the tests."""
        own = {key: value for key, value in os.environ.items() if not key.startswith("DIALOGUE_")}
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        return (
            own
            | {
                "PYTHONPATH": path,
                "DIALOGUE_DATA_DIR": str(self.data),
                "DIALOGUE_NOW": NOW,
                "DIALOGUE_BASE_URL": self.url,
            }
            | self.settings
        )

    def command(self, *arguments: str) -> list[str]:
        """As the operator types it: `dialogue …`."""
        given = [f"{key}={value}" for key, value in self.environment().items() if os.environ.get(key) != value]
        gone = [part for key in os.environ if key.startswith("DIALOGUE_") for part in ("-u", key)]
        return ["env", *gone, *given, sys.executable, "-m", self.module, *arguments]

    def dialogue(self, *arguments: str, typed: str = "") -> str:
        """What a command of the operator prints; AssertionError with its complaint if it fails."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.home, input=typed, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:] or done.stdout[-2000:]
        return done.stdout.strip()

    @contextmanager
    def serving(self, *, workers: int = 1, before: Sequence[str] = ()) -> Iterator[None]:
        """Serves until the block ends. `before`: words in front of the command, such as strace's."""
        serve = self.command("serve", "--port", str(self.port), "--workers", str(workers))
        with running([*before, *serve], self.home, ready=self.answers) as self.process:
            try:
                yield
            finally:
                left = self.family()
                self.process.terminate()
                psutil.wait_procs(left, timeout=RESTART_SECONDS)
                for survivor in left:
                    with suppress(psutil.NoSuchProcess):
                        survivor.kill()

    def answers(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200
        return False

    def family(self) -> list[psutil.Process]:
        """The served process and everything below it."""
        assert self.process
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.process.pid)
            return [parent, *parent.children(recursive=True)]
        return []

    def listeners(self) -> list[psutil.Process]:
        """The web processes: those that hold the port and are not the parent of others."""
        parent, *below = self.family()
        return [child for child in below if _listens(child, self.port) and child.pid != parent.pid]

    def kill_web(self) -> list[int]:
        """kill -9 of every web worker; their parent starts others."""
        found = self.listeners()
        for child in found:
            child.send_signal(signal.SIGKILL)
        return [child.pid for child in found]

    def kill_all(self) -> None:
        """kill -9 of everything at once: a power cut, as far as processes can have one."""
        doomed = self.family()
        for deed in (psutil.Process.suspend, psutil.Process.kill):
            for one in doomed:
                with suppress(psutil.NoSuchProcess):  # a helper that ended by itself
                    deed(one)
        psutil.wait_procs(doomed, timeout=RESTART_SECONDS)

    def wait(self) -> None:
        """Until it answers again after a kill."""
        deadline = time.monotonic() + RESTART_SECONDS
        while not self.answers():
            assert time.monotonic() < deadline, (self.home / "log").read_text(errors="replace")[-2000:]
            time.sleep(0.05)


def _listens(process: psutil.Process, port: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return any(
            held.status == psutil.CONN_LISTEN and held.laddr.port == port
            for held in process.net_connections(kind="tcp")
        )
    return False
