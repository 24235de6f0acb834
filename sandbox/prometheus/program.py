"""The real Prometheus, where one is installed."""

import asyncio
import json
import shutil
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import aiohttp

from sandbox.child import start_child, stop_child
from sandbox.prometheus.emulator import PrometheusEmulator
from sandbox.prometheus.scrape import Target

_START_S = 20.0


class PrometheusBinary:
    """Runs a `prometheus` program with the same targets and the same interface as the emulator.

    `port` 0 takes a free port at the first start; later starts use the same one. Samples survive a stop, until
    `close` removes them.
    """

    def __init__(
        self, program: str, targets: Sequence[Target], port: int = 0, interval_s: float = 1.0
    ) -> None:
        self._program = program
        self._port = port
        self._configuration = _configuration(targets, interval_s)
        self._child: asyncio.subprocess.Process | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises TimeoutError."""
        self._port = self._port or _free_port()
        self._scratch = self._scratch or tempfile.TemporaryDirectory(prefix="sandbox-prometheus-")
        folder = Path(self._scratch.name)
        # Its YAML takes JSON.
        (folder / "prometheus.yml").write_text(json.dumps(self._configuration))
        options = (
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'samples'}",
            f"--web.listen-address=127.0.0.1:{self._port}",
            "--log.level=warn",
        )
        self._child = await start_child((self._program, *options), folder / "prometheus.log")
        try:
            async with asyncio.timeout(_START_S):
                await self._ready()
        except TimeoutError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop it; safe to call twice."""
        if self._child:
            await stop_child(self._child)
            self._child = None

    async def close(self) -> None:
        """Stop it for good and remove its samples."""
        await self.stop()
        if self._scratch:
            self._scratch.cleanup()
            self._scratch = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    async def _ready(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                if await _is_ready(session, f"{self.url}/-/ready"):
                    return
                await asyncio.sleep(0.05)


def prometheus(targets: Sequence[Target], port: int = 0) -> PrometheusBinary | PrometheusEmulator:
    """The program on PATH where there is one, else the emulator; neither is started yet."""
    program = shutil.which("prometheus")
    return PrometheusBinary(program, targets, port) if program else PrometheusEmulator(targets, port)


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.ok
    except aiohttp.ClientError:
        return False


def _configuration(targets: Sequence[Target], interval_s: float) -> dict[str, object]:
    interval = f"{round(interval_s * 1000)}ms"
    jobs = [
        {
            "job_name": target.job,
            "metrics_path": target.path,
            "honor_timestamps": False,
            "static_configs": [{"targets": [target.address]}],
        }
        for target in targets
    ]
    return {"global": {"scrape_interval": interval, "scrape_timeout": interval}, "scrape_configs": jobs}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
