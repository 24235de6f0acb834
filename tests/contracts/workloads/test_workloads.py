"""What `Workloads` promises, on the fakes and on the real adapter."""

from collections.abc import Awaitable, Callable

import pytest

from bot.errors import Conflict, Refused, TargetGone, Unavailable
from bot.ports.workloads import Track, Workload, Workloads
from bot.release.grant import Grant
from tests.support.worlds import CHECKOUT, World, settled, until

OLD, NEW = f"{CHECKOUT.image}:v1.2.9", f"{CHECKOUT.image}:v1.3.0"
GRANT = Grant("checkout", "R-7", 4)
LATER = Grant("checkout", "R-8", 5)

STABLE = Workload(
    name="checkout",
    image=OLD,
    version="v1.2.9",
    track=None,
    replicas=3,
    ready=3,
    settled=True,
    owner=None,
    revision=0,
    pods=(),
)
CANARY = Workload(
    name="checkout-canary",
    image=NEW,
    version="v1.3.0",
    track="canary",
    replicas=1,
    ready=1,
    settled=True,
    owner="R-7",
    revision=4,
    pods=(),
)


def stamped(workload: Workload, **changes: object) -> Workload:
    fields = {name: getattr(workload, name) for name in workload.__slots__}
    return Workload(**(fields | {"owner": "R-7", "revision": 4} | changes))


async def start_canary(world: World, grant: Grant = GRANT, *, image: str = NEW) -> None:
    version = image.rpartition(":")[2]
    await world.workloads.ensure_canary(grant, CHECKOUT, image=image, version=version, replicas=1)


async def test_stable_is_read_as_it_runs(world: World) -> None:
    assert await settled(world, Track.STABLE) == STABLE


async def test_there_is_no_canary_before_a_release(world: World) -> None:
    assert await world.workloads.read(CHECKOUT, Track.CANARY) is None


async def test_a_canary_runs_beside_stable_with_a_track_of_its_own(world: World) -> None:
    await start_canary(world)

    assert await settled(world, Track.CANARY) == CANARY
    assert await settled(world, Track.STABLE) == STABLE


async def test_a_canary_asked_for_twice_is_one_canary(world: World) -> None:
    await start_canary(world)
    await start_canary(world)

    assert await settled(world, Track.CANARY) == CANARY


async def test_a_canary_that_is_left_over_gets_the_new_image(world: World) -> None:
    await start_canary(world, image=OLD)
    await settled(world, Track.CANARY)

    await start_canary(world, LATER)

    assert await settled(world, Track.CANARY) == stamped(CANARY, owner="R-8", revision=5)


async def test_the_pods_of_a_canary_say_which_release_they_are_for(world: World) -> None:
    await start_canary(world)
    await settled(world, Track.CANARY)
    assert await _releases_of_pods(world) == {"R-7"}

    await start_canary(world, LATER)
    await settled(world, Track.CANARY)

    async def replaced() -> bool:
        return await _releases_of_pods(world) == {"R-8"}

    await until(world, replaced)


async def _releases_of_pods(world: World) -> set[str | None]:
    found = await world.workloads.read(CHECKOUT, Track.CANARY)
    assert found is not None
    return {pod.release for pod in found.pods if not pod.terminating}


async def test_a_canary_is_scaled(world: World) -> None:
    await start_canary(world)

    await world.workloads.scale_canary(GRANT, CHECKOUT, 2)

    assert await settled(world, Track.CANARY) == stamped(CANARY, replicas=2, ready=2)


async def test_stable_gets_the_new_image_and_keeps_its_replicas(world: World) -> None:
    await world.workloads.set_stable_image(GRANT, CHECKOUT, image=NEW, version="v1.3.0")

    assert await settled(world, Track.STABLE) == stamped(STABLE, image=NEW, version="v1.3.0")


async def test_stable_is_marked_and_the_mark_is_taken_back_with_the_stamp(world: World) -> None:
    await world.workloads.mark_stable(GRANT, CHECKOUT)
    assert await settled(world, Track.STABLE) == stamped(STABLE, track="stable")

    await world.workloads.unmark_stable(GRANT, CHECKOUT)
    assert await settled(world, Track.STABLE) == STABLE


async def test_a_canary_is_removed_once_and_removing_it_again_does_nothing(world: World) -> None:
    await start_canary(world)
    await settled(world, Track.CANARY)

    await world.workloads.remove_canary(GRANT, CHECKOUT)
    await world.workloads.remove_canary(GRANT, CHECKOUT)

    assert await world.workloads.read(CHECKOUT, Track.CANARY) is None


async def test_the_canary_of_a_newer_release_stays(world: World) -> None:
    await start_canary(world, LATER)

    await world.workloads.remove_canary(GRANT, CHECKOUT)

    assert await settled(world, Track.CANARY) == stamped(CANARY, owner="R-8", revision=5)


Write = Callable[[Workloads, Grant], Awaitable[None]]
STABLE_WRITES: dict[str, Write] = {
    "set_stable_image": lambda workloads, grant: workloads.set_stable_image(
        grant, CHECKOUT, image=NEW, version="v1.3.0"
    ),
    "mark_stable": lambda workloads, grant: workloads.mark_stable(grant, CHECKOUT),
    "unmark_stable": lambda workloads, grant: workloads.unmark_stable(grant, CHECKOUT),
}
CANARY_WRITES: dict[str, Write] = {
    "ensure_canary": lambda workloads, grant: workloads.ensure_canary(
        grant, CHECKOUT, image=OLD, version="v1.2.9", replicas=3
    ),
    "scale_canary": lambda workloads, grant: workloads.scale_canary(grant, CHECKOUT, 3),
}


@pytest.mark.parametrize("write", STABLE_WRITES.values(), ids=STABLE_WRITES)
async def test_stable_stamped_by_a_newer_revision_is_not_written(world: World, write: Write) -> None:
    await world.workloads.mark_stable(LATER, CHECKOUT)
    before = await settled(world, Track.STABLE)

    with pytest.raises(Conflict, match="Deployment shop/checkout belongs to revision 5, not to 4"):
        await write(world.workloads, GRANT)

    assert await settled(world, Track.STABLE) == before


@pytest.mark.parametrize("write", CANARY_WRITES.values(), ids=CANARY_WRITES)
async def test_a_canary_stamped_by_a_newer_revision_is_not_written(world: World, write: Write) -> None:
    await start_canary(world, LATER)
    before = await settled(world, Track.CANARY)

    with pytest.raises(Conflict, match="Deployment shop/checkout-canary belongs to revision 5, not to 4"):
        await write(world.workloads, GRANT)

    assert await settled(world, Track.CANARY) == before


async def test_a_deployment_that_somebody_deleted_reads_as_none_and_cannot_be_written(world: World) -> None:
    await world.delete_deployment(Track.STABLE)

    async def gone() -> bool:
        return await world.workloads.read(CHECKOUT, Track.STABLE) is None

    await until(world, gone)
    with pytest.raises(TargetGone, match="Deployment shop/checkout does not exist"):
        await world.workloads.set_stable_image(GRANT, CHECKOUT, image=NEW, version="v1.3.0")


async def test_a_canary_that_is_not_there_cannot_be_scaled(world: World) -> None:
    with pytest.raises(TargetGone, match="Deployment shop/checkout-canary does not exist"):
        await world.workloads.scale_canary(GRANT, CHECKOUT, 2)


async def test_a_deleted_namespace_is_said_to_be_gone(world: World) -> None:
    await world.delete_namespace()

    async def gone() -> bool:
        try:
            await world.workloads.read(CHECKOUT, Track.STABLE)
        except TargetGone as missing:
            return missing.what == "Namespace shop"
        return False

    await until(world, gone)


async def test_a_pod_says_in_its_own_words_why_it_is_not_ready(world: World) -> None:
    await world.break_image(NEW)
    await start_canary(world)
    said: list[tuple[bool, str | None, str | None]] = []

    async def explained() -> bool:
        found = await world.workloads.read(CHECKOUT, Track.CANARY)
        said[:] = [(pod.ready, pod.reason, pod.message) for pod in found.pods] if found else []
        return any(reason == "ImagePullBackOff" for _, reason, _ in said)

    await until(world, explained)
    [(ready, reason, message)] = said
    assert (ready, reason) == (False, "ImagePullBackOff")
    assert (message or "").startswith(f'Back-off pulling image "{NEW}"')
    found = await world.workloads.read(CHECKOUT, Track.CANARY)
    assert found is not None
    assert (found.ready, found.settled) == (0, False)


async def test_a_write_whose_answer_is_lost_is_unavailable_and_then_read_as_done(world: World) -> None:
    await world.lose_next_answer()

    with pytest.raises(Unavailable):
        await world.workloads.mark_stable(GRANT, CHECKOUT)

    assert await settled(world, Track.STABLE) == stamped(STABLE, track="stable")


async def test_a_write_that_the_cluster_denies_is_refused_and_changes_nothing(world: World) -> None:
    await world.deny_next_write()

    with pytest.raises(Refused):
        await world.workloads.mark_stable(GRANT, CHECKOUT)

    assert await settled(world, Track.STABLE) == STABLE
