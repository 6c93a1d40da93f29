"""`dialogue serve` in small: a web worker that tells its pid, and a child that only waits."""

import os
import signal
import sys
import time
from typing import Any

from app.jobs.supervisor import bind, supervise, web_child


async def hello(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})


def web() -> None:
    web_child(lambda: hello, sock)


def patient() -> None:
    time.sleep(3600)


def stubborn() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    patient()


def broken() -> None:
    raise ValueError("a child that cannot start")


if __name__ == "__main__":
    sock = bind("127.0.0.1", 0)
    print(sock.getsockname()[1], flush=True)  # noqa: T201 - the test reads it
    bodies = {"web": web, "patient": patient, "stubborn": stubborn, "broken": broken}
    sys.exit(supervise([bodies[name] for name in sys.argv[1:]], grace=float(os.environ.get("GRACE", "2"))))
