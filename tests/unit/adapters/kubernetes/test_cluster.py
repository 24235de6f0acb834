"""The cluster as it is put together: with and without watches, and with nobody there."""

import asyncio
import socket
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.clock import SystemClock
from adapters.cluster import Cluster
from adapters.kubernetes import door
from bot.config.catalogue import Catalogue
from bot.errors import Refused, TargetGone, Unavailable
from bot.ports.changes import Change
from bot.ports.traffic import RouteWrite
from bot.ports.workloads import Track
from bot.release.grant import Grant
from sandbox.kube import Interference
from tests.fakes.clock import FakeClock
from tests.support.worlds import CATALOGUE, CHECKOUT, ISTIO, EmulatorWorld, settled, told, until
from tests.unit.adapters.kubernetes.server import Script

GRANT = Grant("checkout", "R-7", 1)


async def test_a_command_in_a_terminal_reads_the_same_without_watches(
    emulator: EmulatorWorld, tmp_path: Path
) -> None:
    seen = await emulator.traffic.read(CHECKOUT)
    written = await emulator.traffic.write(GRANT, CHECKOUT, seen, RouteWrite("R-7", 1, "{}", None))
    await emulator.workloads.ensure_canary(GRANT, CHECKOUT, image="x:v2", version="v2", replicas=1)
    await settled(emulator, Track.CANARY)
    kubeconfig = emulator.kube.kubeconfig(tmp_path / "terminal")

    async with Cluster.connect(kubeconfig, CATALOGUE, SystemClock(), watch=False) as terminal:
        assert await terminal.traffic.read(CHECKOUT) == written
        assert await terminal.traffic.managed() == (written,)
        for track in Track:
            watched = await emulator.workloads.read(CHECKOUT, track)
            assert await terminal.workloads.read(CHECKOUT, track) == watched
        assert await terminal.identity() == "system:admin"
        assert terminal.age() == 0


async def test_a_namespace_that_may_not_be_looked_at_hides_no_release_of_another(
    emulator: EmulatorWorld, tmp_path: Path
) -> None:
    seen = await emulator.traffic.read(CHECKOUT)
    written = await emulator.traffic.write(GRANT, CHECKOUT, seen, RouteWrite("R-7", 1, "{}", None))
    hidden = CHECKOUT.model_copy(update={"name": "cart", "namespace": "attic"})
    catalogue = Catalogue(services={"cart": hidden, "checkout": CHECKOUT})
    kubeconfig = emulator.kube.kubeconfig(tmp_path / "terminal")
    denied = emulator.kube.interferences.add(Interference(path="namespaces/attic/", status=403, times=0))

    async with Cluster.connect(kubeconfig, catalogue, SystemClock(), watch=False) as cluster:
        with capture_logs() as logs:
            assert [await cluster.traffic.managed() for _ in range(2)] == [(written,)] * 2
            emulator.kube.interferences.lift(denied)
            assert await cluster.traffic.managed() == (written,)

    assert logs == [
        {
            "event": "a namespace cannot be looked at",
            "namespace": "attic",
            "why": "Lockmaster may not list virtualservices.networking.istio.io in namespace attic",
            "log_level": "warning",
        }
    ]


async def test_what_the_watch_saw_deleted_is_gone_also_for_whom_the_right_to_look_went_with_it(
    emulator: EmulatorWorld,
) -> None:
    emulator.kube.interferences.add(
        Interference(method="GET", path="virtualservices/checkout", status=403, times=0)
    )
    with pytest.raises(Refused, match="may not get"):
        await emulator.traffic.read(CHECKOUT, fresh=True)

    async def is_gone() -> bool:
        try:
            await emulator.traffic.read(CHECKOUT, fresh=True)
        except Refused:
            return False
        except TargetGone as gone:
            return gone.what == "VirtualService shop/checkout"
        raise AssertionError("it was read all the same")

    await emulator.delete_route()
    await until(emulator, is_gone)


class Hurried(FakeClock):
    """Sleeps are over at once."""

    async def sleep(self, seconds: float) -> None:
        self.step(seconds)
        await asyncio.sleep(0)


async def test_the_cluster_is_there_before_its_api_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "FIRST_LIST_SECONDS", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    nobody = Script(url=f"http://127.0.0.1:{port}").kubeconfig(tmp_path)

    async with Cluster.connect(nobody, CATALOGUE, Hurried()) as cluster:
        assert cluster.age() == float("inf")
        with pytest.raises(Unavailable, match="get VirtualService shop/checkout"):
            await cluster.traffic.read(CHECKOUT)
        assert await cluster.identity() == "ana"


async def test_a_change_of_the_subsets_is_told_as_one_of_the_route(emulator: EmulatorWorld) -> None:
    changes = told(emulator)

    await emulator.merge(ISTIO, "destinationrules", "checkout", {"metadata": {"labels": {"a": "b"}}})

    async def heard() -> bool:
        return changes == [Change("route", "shop", "checkout")]

    await until(emulator, heard)
