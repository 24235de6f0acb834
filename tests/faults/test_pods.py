"""Pods that fail, by the API of a cluster and the real adapters: what the release does, and what people read."""

from pathlib import Path

import pytest

from bot.ports.workloads import Track
from bot.release.phases import Phase
from sandbox.kube import Fault, FaultKind
from sandbox.kube.document import Document
from sandbox.kube.resources import QUOTA
from tests.faults.nodes import Nodes, nodes
from tests.scenarios.conftest import quiet

__all__ = ["quiet"]

CANARY = "lockmaster.dev/track=canary"
PULL = (
    'ImagePullBackOff: Back-off pulling image "registry.example/shop/checkout:v1.3.0": '
    "ErrImagePull: manifest unknown"
)
NO_ROOM = "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available."


async def baking(world: Nodes) -> None:
    await world.types("checkout v1.3.0")
    await world.until(Phase.BAKING)
    assert (world.canary, len(world.pods())) == (50, 2)


def quota(pods: int) -> Document:
    spec = {"hard": {"pods": str(pods)}}
    meta = {"name": "shop", "namespace": "shop"}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": meta, "spec": spec}


async def test_f28_an_image_that_cannot_be_pulled_never_gets_traffic_and_its_reason_is_told(
    tmp_path: Path,
) -> None:
    async with nodes(tmp_path) as world:
        world.kube.faults.set(Fault(FaultKind.IMAGE_PULL, labels=CANARY, message="manifest unknown"))

        await world.types("checkout v1.3.0")
        await world.until(Phase.CANCELLED)

        assert {weight for _, weight in world.routes} == {0}
        assert world.thread()[-1] == f"Ended: {PULL}"


async def test_f28_an_image_that_is_gone_when_more_pods_are_needed_holds_and_then_fails(
    tmp_path: Path,
) -> None:
    async with nodes(tmp_path) as world:
        await baking(world)
        world.kube.faults.set(Fault(FaultKind.IMAGE_PULL, labels=CANARY, message="manifest unknown"))
        await world.until(Phase.SHIFTING)
        await world.pass_(25)
        assert (world.canary, len(world.pods())) == (50, 4)

        await world.until(Phase.ROLLED_BACK)
        assert f"Rollback: not ready in time: {PULL}" in world.thread()


async def test_f29_a_crash_loop_under_traffic_loses_it_at_once_without_a_look_at_the_metrics(
    tmp_path: Path,
) -> None:
    async with nodes(tmp_path) as world:
        await baking(world)
        world.metrics.away = "connection refused"
        world.kube.faults.set(Fault(FaultKind.CRASH_LOOP, labels=CANARY, message="no such table"))
        await world.sees(lambda canary: all(pod.crashed for pod in canary.pods))

        await world.at_once(lambda: world.canary == 0)

        assert (await world.release()).phase is Phase.ROLLING_BACK
        assert world.thread()[-1] == "Rollback: Error: Error, exit code 1: no such table"


async def test_f29_one_crash_of_one_pod_of_several_is_no_crash_loop_and_the_second_is(tmp_path: Path) -> None:
    async with nodes(tmp_path) as world:
        await baking(world)
        first, _ = world.pods()
        await world.crash(first)
        await world.sees(lambda canary: any(pod.crashed for pod in canary.pods) and canary.ready == 2)
        await world.pass_(8)
        assert (world.canary, (await world.release()).phase) == (50, Phase.BAKING)

        world.mark(first, FaultKind.CRASH_LOOP)
        await world.sees(lambda canary: any(pod.reason == "CrashLoopBackOff" for pod in canary.pods))
        await world.at_once(lambda: world.canary == 0)
        assert (await world.release()).phase is Phase.ROLLING_BACK


async def test_f30_a_canary_killed_for_memory_before_it_is_ready_is_given_up_with_that_reason(
    tmp_path: Path,
) -> None:
    async with nodes(tmp_path) as world:
        world.kube.faults.set(Fault(FaultKind.CRASH_LOOP, labels=CANARY, reason="OOMKilled"))

        await world.types("checkout v1.3.0")
        await world.until(Phase.CANCELLED)

        assert {weight for _, weight in world.routes} == {0}
        said = world.thread()[-1]
        assert said.startswith("Ended: CrashLoopBackOff: back-off")
        assert said.endswith("; before: OOMKilled, exit code 137")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (FaultKind.NOT_READY, "0 of 2 pods ready, containers with unready status: [checkout]"),
        (FaultKind.PENDING, f"Unschedulable: {NO_ROOM}"),
    ],
)
async def test_f30_a_canary_that_is_not_ready_or_finds_no_node_is_held_then_fails_at_the_deadline(
    tmp_path: Path, kind: FaultKind, words: str
) -> None:
    async with nodes(tmp_path) as world:
        world.kube.faults.set(Fault(kind, labels=CANARY))

        await world.types("checkout v1.3.0")
        await world.pass_(28)
        assert (await world.release()).phase is Phase.PREPARING

        await world.until(Phase.CANCELLED)
        assert world.thread()[-1] == f"Ended: not ready in time: {words}"
        assert {weight for _, weight in world.routes} == {0}


async def test_f30_pods_that_a_quota_forbids_are_said_in_the_words_of_the_api(tmp_path: Path) -> None:
    async with nodes(tmp_path) as world:
        world.kube.seed([quota(4)])

        await world.types("checkout v1.3.0")
        await world.until(Phase.CANCELLED)

        assert (
            "is forbidden: exceeded quota: shop, requested: pods=1, used: pods=4, limited: pods=4"
            in (world.thread()[-1])
        )
        assert world.thread()[-1].startswith('Ended: not ready in time: FailedCreate: pods "checkout-canary-')


async def test_f30_a_quota_that_lets_too_few_pods_in_keeps_the_weight_and_lets_go_on_when_raised(
    tmp_path: Path,
) -> None:
    async with nodes(tmp_path) as world:
        world.kube.seed([quota(6)])
        await baking(world)
        await world.until(Phase.SHIFTING)
        await world.pass_(20)
        assert world.canary == 50
        assert "exceeded quota: shop" in " ".join(world.card().split())

        world.kube.registry.delete(QUOTA, ("shop", "shop"))
        await world.in_time(lambda: world.canary == 100)


async def test_f31_an_unready_pod_of_stable_does_not_hold_up_a_rollback_and_is_told(tmp_path: Path) -> None:
    async with nodes(tmp_path) as world:
        await baking(world)
        for pod in world.pods("stable")[:3]:
            world.mark(pod, FaultKind.NOT_READY)
        await world.sees(lambda stable: stable.ready == 1, Track.STABLE)

        await world.types("rollback checkout")

        assert world.canary == 0
        await world.tick()
        assert world.thread()[-1] == "Rollback: as asked; stable has 1 of 4 pods ready"


async def test_f31_a_stable_without_any_ready_pod_is_not_gone_back_to_until_it_has_one(
    tmp_path: Path,
) -> None:
    async with nodes(tmp_path) as world:
        await baking(world)
        for pod in world.pods("stable"):
            world.mark(pod, FaultKind.NOT_READY)
        await world.sees(lambda stable: stable.ready == 0, Track.STABLE)

        await world.types("rollback checkout")
        await world.pass_(10)

        assert (world.canary, (await world.release()).phase) == (50, Phase.NEEDS_HUMAN)
        assert world.channel()[-1] == (
            "checkout v1.2.9 → v1.3.0 (R-1001) stopped: as asked; but stable has no ready pod to go back to."
        )

        world.mark(world.pods("stable")[0], None)
        await world.sees(lambda stable: stable.ready == 1, Track.STABLE)
        await world.at_once(lambda: world.canary == 0)
        assert (await world.release()).phase is Phase.ROLLING_BACK


async def test_f32_a_canary_pod_that_is_drained_holds_the_release_and_fails_nothing(tmp_path: Path) -> None:
    async with nodes(tmp_path) as world:
        await baking(world)
        full = world.kube.faults.set(Fault(FaultKind.PENDING, labels=CANARY))
        await world.evict(world.pods()[0])
        await world.sees(lambda canary: canary.ready == 1 and any(not pod.ready for pod in canary.pods))
        await world.pass_(25)

        assert (world.canary, (await world.release()).phase) == (50, Phase.BAKING)
        assert world.thread()[-1] == (
            f"Canary pods missing: 1 of 2 ready, Unschedulable: {NO_ROOM}; nothing goes on without them"
        )

        world.kube.faults.lift(full)
        await world.in_time(lambda: "Canary pods are back: 2 ready" in world.thread())
        await world.until(Phase.PROMOTED)


async def test_f32_a_canary_drained_away_altogether_lends_its_traffic_to_stable_and_gets_it_back(
    tmp_path: Path,
) -> None:
    async with nodes(tmp_path) as world:
        await baking(world)
        full = world.kube.faults.set(Fault(FaultKind.PENDING, labels=CANARY))
        await world.evict(*world.pods())
        await world.sees(lambda canary: canary.ready == 0)

        await world.at_once(lambda: world.canary == 0)

        assert (await world.release()).phase is Phase.SHIFTING
        assert world.thread()[-1].startswith(
            "Weight ordered: 0 % to the canary until its pods are back, they were taken away: "
        )

        await world.pass_(20)
        world.kube.faults.lift(full)
        await world.in_time(lambda: world.canary == 50)
        await world.until(Phase.PROMOTED)


async def test_f32_a_canary_that_finds_no_node_again_is_rolled_back_at_the_deadline(tmp_path: Path) -> None:
    async with nodes(tmp_path) as world:
        await baking(world)
        world.kube.faults.set(Fault(FaultKind.PENDING, labels=CANARY))
        await world.evict(*world.pods())

        await world.until(Phase.ROLLED_BACK)

        assert f"Rollback: not ready in time: Unschedulable: {NO_ROOM}" in world.thread()
