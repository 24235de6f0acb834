"""What the fakes do not model: several autoscalers, other targets, strange annotations, missing rights."""

from pathlib import Path
from typing import Any

import pytest

from adapters.clock import SystemClock
from adapters.cluster import Cluster
from adapters.workloads.autoscalers import scaled_by
from bot.errors import Reason
from bot.release.grant import Grant
from sandbox.kube import Interference
from sandbox.kube.resources import AUTOSCALER
from tests.support.until import until
from tests.support.worlds import APPS, AUTOSCALING, CATALOGUE, CHECKOUT, EmulatorWorld, autoscaler

GRANT = Grant("checkout", "R-7", 4)


def target(**fields: str) -> dict[str, Any]:
    return {"spec": {"scaleTargetRef": {"name": "checkout", **fields}}}


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (target(kind="Deployment", apiVersion="apps/v1"), "checkout"),
        (target(kind="Deployment"), "checkout"),
        (target(kind="StatefulSet", apiVersion="apps/v1"), None),
        (target(kind="Deployment", apiVersion="example.com/v1"), None),
    ],
)
def test_an_autoscaler_belongs_to_the_deployment_it_scales(found: dict[str, Any], name: str | None) -> None:
    assert scaled_by(found) == name


async def reasons(emulator: EmulatorWorld, directory: Path) -> list[Reason]:
    """Every read asks the server."""
    kubeconfig = emulator.kube.kubeconfig(directory / "unwatched")
    async with Cluster.connect(kubeconfig, CATALOGUE, SystemClock(), watch=False) as cluster:
        return list(await cluster.traffic.examine(CHECKOUT))


async def test_without_leave_to_look_for_autoscalers_nothing_is_released(
    emulator: EmulatorWorld, tmp_path: Path
) -> None:
    emulator.kube.interferences.add(Interference(path="/horizontalpodautoscalers", status=403, times=0))

    [reason] = await reasons(emulator, tmp_path)

    assert reason.text == ("Lockmaster may not list horizontalpodautoscalers.autoscaling in namespace shop")
    assert "the verb list on horizontalpodautoscalers.autoscaling" in str(reason.next_step)


async def test_two_autoscalers_of_one_deployment_are_said(emulator: EmulatorWorld, tmp_path: Path) -> None:
    for name in ("checkout", "second"):
        await emulator.send("POST", AUTOSCALING, "horizontalpodautoscalers", "", autoscaler(1, 5, name))
    other = autoscaler(1, 5, "payments")
    other["spec"]["scaleTargetRef"]["name"] = "payments"
    await emulator.send("POST", AUTOSCALING, "horizontalpodautoscalers", "", other)

    [reason] = await reasons(emulator, tmp_path)

    assert reason.text == (
        "HorizontalPodAutoscaler shop/checkout and HorizontalPodAutoscaler shop/second scale the same "
        "Deployment shop/checkout"
    )


async def test_a_note_that_somebody_spoilt_is_none(emulator: EmulatorWorld, tmp_path: Path) -> None:
    spoilt = autoscaler(2, 5)
    for note in ("{", "7", '{"was": 1}', '{"was": "x", "held": 2}'):
        spoilt["metadata"]["annotations"] = {"lockmaster.dev/floor": note}
        emulator.kube.seed([spoilt])
        kubeconfig = emulator.kube.kubeconfig(tmp_path / "unwatched")
        async with Cluster.connect(kubeconfig, CATALOGUE, SystemClock(), watch=False) as cluster:
            found = await cluster.autoscalers.read(CHECKOUT)
        assert found is not None
        assert (found.floor, found.held, found.was) == (2, None, None)
        emulator.kube.registry.delete(AUTOSCALER, ("shop", "checkout"))


async def test_an_autoscaler_that_vanishes_is_nothing_to_hold(emulator: EmulatorWorld) -> None:
    await emulator.autoscale(2, 5)

    async def is_seen() -> bool:
        return await emulator.autoscalers.read(CHECKOUT) is not None

    await until(is_seen)
    emulator.blind("horizontalpodautoscalers")
    await emulator.send("DELETE", AUTOSCALING, "horizontalpodautoscalers", "checkout")
    emulator.kube.interferences.lift_all()

    await emulator.autoscalers.hold(GRANT, CHECKOUT, 3)


async def test_a_selector_that_names_the_track_finds_no_canary(
    emulator: EmulatorWorld, tmp_path: Path
) -> None:
    await emulator.autoscale(2, 5)
    found = dict(await emulator.get(APPS, "deployments", "checkout"))
    await emulator.send("DELETE", APPS, "deployments", "checkout")
    labels = {"app": "checkout", "lockmaster.dev/track": "stable"}
    spec = found["spec"] | {"selector": {"matchLabels": labels}}
    spec["template"]["metadata"]["labels"] = labels
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "checkout"}, "spec": spec}
    kubeconfig = emulator.kube.kubeconfig(tmp_path / "unwatched")
    async with Cluster.connect(kubeconfig, CATALOGUE, SystemClock(), watch=False) as cluster:
        gone = await cluster.autoscalers.read(CHECKOUT)
        await emulator.send("POST", APPS, "deployments", "", body)
        apart = await cluster.autoscalers.read(CHECKOUT)
    assert [one.counts_canary for one in (gone, apart) if one is not None] == [False, False]
