"""Real sets of servers that fail over: a master with a replica under three Sentinels, and a cluster with a replica."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import RedisError, ResponseError

from adapters.redis.door import PREFIX
from sandbox.child import start_child, stop_child
from sandbox.world.ports import free_ports
from tests.support.until import until

HERE = "127.0.0.1"
MASTER = "mymaster"
SLOT = key_slot(PREFIX.encode())
UP = 20.0


@dataclass(slots=True)
class Server:
    """One process. `client` speaks to it alone."""

    program: str
    folder: Path
    port: int
    options: Sequence[str] = ()
    client: Redis = field(init=False)
    _child: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        words = ("--port", str(self.port), "--bind", HERE, "--dir", str(self.folder), "--save", "")
        await self._start((self.program, *words, "--loglevel", "warning", *self.options))

    async def start_sentinel(self) -> None:
        """The same program on a file that it will rewrite."""
        await self._start((self.program, str(self.folder / f"{self.port}.conf"), "--sentinel"))

    async def _start(self, words: Sequence[str]) -> None:
        self.client = Redis(host=HERE, port=self.port, protocol=2)
        self._child = await start_child(words, self.folder / f"{self.port}.log")
        await until(self.answers, within=UP)

    async def answers(self) -> bool:
        try:
            return bool(await self.client.ping())
        except (RedisError, OSError):
            return False

    async def ask(self, *words: str | int) -> Any:
        client: Any = self.client
        return await client.execute_command(*words)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def pause(self) -> None:
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    async def stop(self) -> None:
        if self._child is not None:
            await self.client.aclose()
            if self._child.returncode is None:
                self.resume()
            await stop_child(self._child, grace_s=1.0)

    def _send(self, sent: signal.Signals) -> None:
        assert self._child is not None
        os.kill(self._child.pid, sent)


@dataclass(slots=True)
class Nodes:
    """`url` is for the bot; `master` holds our keys, `replica` its copy, and `others` know the way."""

    url: str
    master: Server
    replica: Server
    others: tuple[Server, ...]

    async def followed(self) -> None:
        """Wait until the replica acknowledges what the master takes."""

        async def acknowledges() -> bool:
            await self.master.client.set(f"{PREFIX}:seen:followed", "1", px=50)
            return int(await self.master.client.wait(1, 50)) == 1

        await until(acknowledges, within=UP)

    async def switch(self) -> None:
        """Have master and replica change places, both alive, and wait until both know."""
        if self.url.startswith("redis+cluster"):
            await self.replica.ask("CLUSTER", "FAILOVER")
            await until(lambda: self._leads(self.replica), within=UP)
        else:
            await until(self._is_begun, within=UP)
            await until(lambda: self._leads(self.replica), within=UP)
            # Sentinels do the same, some seconds later.
            await self.master.ask("REPLICAOF", HERE, self.replica.port)
        self.master, self.replica = self.replica, self.master

    async def _is_begun(self) -> bool:
        """A Sentinel refuses until it has heard again from a replica that was paused."""
        try:
            await self.others[0].ask("SENTINEL", "FAILOVER", MASTER)
        except ResponseError as refused:
            if not str(refused).startswith("NOGOODSLAVE"):
                raise
            return False
        return True

    async def _leads(self, server: Server) -> bool:
        told: list[bytes] = await server.ask("ROLE")
        return told[0] == b"master"


@asynccontextmanager
async def sentinels(program: str, folder: Path) -> AsyncIterator[Nodes]:
    """A master, its replica, and three Sentinels of which two must agree."""
    ports = free_ports(5)
    quick = ("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1")
    master = Server(program, folder, ports[0], quick)
    replica = Server(program, folder, ports[1], (*quick, "--replicaof", f"{HERE} {ports[0]}"))
    watching = [Server(program, folder, port) for port in ports[2:]]
    for one in watching:
        (folder / f"{one.port}.conf").write_text(_sentinel(one, watching, ports[0], ports[1]))
    url = f"redis+sentinel://{','.join(f'{HERE}:{one.port}' for one in watching)}/{MASTER}"
    nodes = Nodes(url, master, replica, tuple(watching))
    try:
        await asyncio.gather(master.start(), replica.start())
        await nodes.followed()
        await asyncio.gather(*(one.start_sentinel() for one in watching))
        yield nodes
    finally:
        await asyncio.gather(*(one.stop() for one in (*watching, replica, master)))


def _sentinel(one: Server, all_: Sequence[Server], master: int, replica: int) -> str:
    """Each is told of the others, so that nothing waits until they have found each other."""
    known = "".join(
        f"sentinel known-sentinel {MASTER} {HERE} {other.port} {_name(other)}\n"
        for other in all_
        if other is not one
    )
    return (
        f"port {one.port}\nbind {HERE}\ndir {one.folder}\nsentinel myid {_name(one)}\n"
        f"sentinel monitor {MASTER} {HERE} {master} 2\nsentinel down-after-milliseconds {MASTER} 400\n"
        f"sentinel failover-timeout {MASTER} 3000\nsentinel known-replica {MASTER} {HERE} {replica}\n{known}"
    )


def _name(one: Server) -> str:
    return f"{one.port:040x}"


@asynccontextmanager
async def cluster(program: str, folder: Path) -> AsyncIterator[Nodes]:
    """Three masters, the first with our slot and a replica."""
    quick = ("--cluster-enabled", "yes", "--cluster-node-timeout", "600", "--repl-diskless-sync-delay", "0")
    servers = []
    ports = free_ports(8)
    for port, bus in zip(ports[:4], ports[4:], strict=True):
        options = (*quick, "--cluster-port", str(bus), "--cluster-config-file", f"{port}.nodes")
        servers.append(Server(program, folder, port, options))
    master, second, third, replica = servers
    url = f"redis+cluster://{HERE}:{third.port},{HERE}:{second.port}"
    try:
        await asyncio.gather(*(one.start() for one in servers))
        await _join(servers)
        nodes = Nodes(url, master, replica, (second, third))
        await nodes.followed()
        yield nodes
    finally:
        await asyncio.gather(*(one.stop() for one in servers))


async def _join(servers: Sequence[Server]) -> None:
    first, second, third, replica = servers
    await first.ask("CLUSTER", "ADDSLOTSRANGE", 0, SLOT)
    await second.ask("CLUSTER", "ADDSLOTSRANGE", SLOT + 1, SLOT + 100)
    await third.ask("CLUSTER", "ADDSLOTSRANGE", SLOT + 101, 16383)
    for number, one in enumerate(servers):
        await one.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    for one in servers[1:]:
        await first.ask("CLUSTER", "MEET", HERE, one.port, one.options[-3])
    await until(lambda: _all_know(servers), within=UP)
    await replica.ask("CLUSTER", "REPLICATE", str(await first.ask("CLUSTER", "MYID"), "ascii"))
    await until(lambda: _all_know(servers), within=UP)


async def _all_know(servers: Sequence[Server]) -> bool:
    told = [await one.client.cluster("INFO") for one in servers]
    return all(
        one["cluster_state"] == "ok" and int(one["cluster_known_nodes"]) == len(servers) for one in told
    )
