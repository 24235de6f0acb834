"""A process of its own beside a real API server: it watches the routes there and plays Prometheus, with one clock."""

import asyncio
import sys
from pathlib import Path

from bench.ledger import Ledger, application
from bench.services import NAMESPACE
from bench.stub import Traffic
from sandbox.serving import LoopbackServer
from tests.e2e.cluster.api import Api


async def main(port: int, url: str, certificate: Path, token: str) -> None:
    """Serve until killed, or until the server ends the watch."""
    ledger = Ledger(Traffic())
    server = LoopbackServer(application(ledger, dict), port)
    await server.start()
    async with Api.connect(url, certificate, token) as api:
        async for _, route in api.watch("virtualservices", NAMESPACE):
            ledger.saw(route)
    raise ConnectionError("the API server ended the watch")


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(main(int(given[0]), given[1], Path(given[2]), given[3]))
