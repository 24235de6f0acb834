"""Where our keys live now, behind Sentinels or in a cluster: one node holds all of them, and after a failover another one does.

All keys share one hash tag, so a cluster is for us what Sentinels watch over: a master whose address has to be asked for.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError

from adapters.redis.addresses import Address, Kind

ASKING: Final = 0.4
"""Seconds in which those who know must have answered."""
GOOD_FOR: Final = 5.0
"""Seconds after which what they said is asked again, beside the work: replicas come and go without a failover."""


@dataclass(frozen=True, slots=True)
class Home:
    """The master of our keys; `replicas` counts those that belong to it, reachable or not. `epoch` grows with each failover."""

    host: str
    port: int
    replicas: int
    epoch: int
    beside: tuple[tuple[str, int], ...] = ()


class Seeker:
    """Asks for the home of a key. `home` is the last answer, None before the first."""

    def __init__(self, address: Address, key: str) -> None:
        self._address = address
        self._slot = key_slot(key.encode())
        self._asking: asyncio.Task[Home] | None = None
        self._late: set[asyncio.Task[Home | None]] = set()
        self._asked_at = 0.0
        self.home: Home | None = None

    async def seek(self) -> Home:
        """Ask now; those who ask meanwhile share the answer. Raises redis-py's `ConnectionError` when nobody knows."""
        return await asyncio.shield(self._ask_all())

    async def known(self) -> Home:
        """What was said last, without waiting for anybody unless it is the first time."""
        if self.home is None:
            return await self.seek()
        if asyncio.get_running_loop().time() - self._asked_at > GOOD_FOR:
            self._ask_all()
        return self.home

    async def aclose(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait((self._asking, *self._late))

    def _ask_all(self) -> asyncio.Task[Home]:
        if self._asking is None or self._asking.done():
            self._asked_at = asyncio.get_running_loop().time()
            self._asking = asyncio.create_task(self._seek(), name="where the keys live")
            # Nobody may be waiting for its failure any more.
            self._asking.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._asking

    def url(self, home: Home) -> str:
        """A plain URL of that node."""
        return self._address.of_node(home.host, home.port)

    async def _seek(self) -> Home:
        """The newest of what most of them say: one that was cut off may still name an old master."""
        beside = self.home.beside if self.home is not None else ()
        hosts = tuple(dict.fromkeys((*self._address.hosts, *beside)))
        asked = [asyncio.create_task(self._ask(*host)) for host in hosts]
        # Those who are late end by themselves soon: one that is cancelled while it connects would leave its socket open.
        self._late.update(asked)
        for task in asked:
            task.add_done_callback(self._late.discard)
        told: list[Home] = []
        try:
            async with asyncio.timeout(ASKING):
                await _most(asked, told)
        except TimeoutError:
            """Those who have answered must do."""
        if not told:
            raise Disconnected("nobody says where the keys live")
        self.home = max(told, key=lambda home: home.epoch)
        return self.home

    async def _ask(self, host: str, port: int) -> Home | None:
        """What one of them says; None where it does not answer, or knows of no master that is up."""
        quick: dict[str, Any] = {"socket_timeout": ASKING, "socket_connect_timeout": ASKING, "protocol": 2}
        client: Any = Redis.from_url(self._address.of_asked(host, port), retry=Retry(NoBackoff(), 0), **quick)
        try:
            if self._address.kind is Kind.SENTINEL:
                return _of_sentinel(await client.execute_command("SENTINEL MASTER", self._address.master))
            named = self._address.scheme == "rediss"
            return _of_cluster(await client.execute_command("CLUSTER NODES"), self._slot, host, named=named)
        except (RedisError, OSError):
            return None
        finally:
            await client.aclose()


async def _most(asked: Collection[asyncio.Task[Home | None]], told: list[Home]) -> None:
    """Take in what they say until most of them have spoken."""
    for answer in asyncio.as_completed(asked):
        if (home := await answer) is not None:
            told.append(home)
        if 2 * len(told) > len(asked):
            return


def _of_sentinel(master: dict[str, Any]) -> Home | None:
    if not master["is_master"] or master["is_sdown"] or master["is_odown"]:
        return None
    return Home(master["ip"], master["port"], master["num-slaves"], int(master["config-epoch"]))


def _of_cluster(nodes: Mapping[str, Mapping[str, Any]], slot: int, asked: str, *, named: bool) -> Home | None:
    """`named`: nodes are called by their host names where they have any, as their certificates do."""

    def place(at: str) -> tuple[str, int]:
        host, _, port = at.rpartition(":")
        # A node that never met another does not know its own address.
        return (named and nodes[at]["hostname"]) or host or asked, int(port)

    for at, node in nodes.items():
        flags = node["flags"].split(",")
        if "master" in flags and "fail" not in flags and _holds(node, slot):
            replicas = [other for other, its in nodes.items() if its["master_id"] == node["node_id"]]
            return Home(*place(at), len(replicas), int(node["epoch"]), tuple(map(place, (at, *replicas))))
    return None


def _holds(node: Mapping[str, Any], slot: int) -> bool:
    return any(int(span[0]) <= slot <= int(span[-1]) for span in node["slots"])
