"""The yardstick: the smallest Starlette application, served exactly as the service is."""

import sys

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.jobs import supervisor


async def hello(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def main(port: int, workers: int) -> None:
    whole = Starlette(routes=[Route("/", hello)])
    sock = supervisor.bind("127.0.0.1", port)

    def web() -> None:
        supervisor.web_child(lambda: whole, sock)

    raise SystemExit(supervisor.supervise([web] * workers))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
