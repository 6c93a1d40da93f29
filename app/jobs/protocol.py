"""uvicorn's HTTP, with one thing more: what arrived before a connection broke is handed on before that is said.

uvicorn forgets it when bytes and the end of the connection come in one go, which is how phones lose their network.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class WholeBodies(HttpToolsProtocol):
    """One connection. Leans on `cycle.receive` and `cycle.body` (uvicorn is pinned, and a test holds it)."""

    def on_headers_complete(self) -> None:
        before = self.cycle
        super().on_headers_complete()
        cycle = self.cycle
        if cycle is before:  # an upgrade: no request of ours
            return
        receive = cycle.receive

        async def received():  # type: ignore[no-untyped-def]
            message = await receive()
            if message["type"] == "http.disconnect" and cycle.body and not cycle.response_complete:
                rest, cycle.body = bytes(cycle.body), bytearray()
                return {"type": "http.request", "body": rest, "more_body": True}
            return message

        cycle.receive = received  # type: ignore[method-assign]
