"""What `Traffic` promises, on the fakes and on the real adapter."""

from dataclasses import replace

import pytest

from bot.errors import Conflict, ReasonCode, Refused, TargetGone, Unavailable
from bot.ports.traffic import Route, RouteWrite
from bot.ports.workloads import Track
from bot.release.grant import Grant
from bot.release.model import ALL_STABLE, Split
from bot.release.weight import Weight
from tests.support.worlds import CHECKOUT, World, until

GRANT = Grant("checkout", "R-7", 4)
LATER = Grant("checkout", "R-8", 9)
FIVE = Split.of(Weight.parse("5%"))


def change(revision: int, weights: Split | None, *, state: str = '{"phase":"shifting"}') -> RouteWrite:
    return RouteWrite(release="R-7", revision=revision, state=state, weights=weights)


def versionless(route: Route) -> Route:
    return replace(route, version="")


async def adopt(world: World) -> Route:
    await world.traffic.add_tracks(GRANT, CHECKOUT)
    seen = await world.traffic.read(CHECKOUT)
    return await world.traffic.write(GRANT, CHECKOUT, seen, change(4, ALL_STABLE))


NOT_ADOPTED = Route("checkout", "", weights=None, subsets=False, revision=0, release=None, state=None)
ADOPTED = Route(
    "checkout",
    "",
    weights=ALL_STABLE,
    subsets=True,
    revision=4,
    release="R-7",
    state='{"phase":"shifting"}',
)


async def test_a_route_that_names_no_tracks_is_not_adopted(world: World) -> None:
    route = await world.traffic.read(CHECKOUT)

    assert versionless(route) == NOT_ADOPTED
    assert not route.adopted


async def test_tracks_are_added_beside_the_route_and_again_without_effect(world: World) -> None:
    await world.traffic.add_tracks(GRANT, CHECKOUT)
    await world.traffic.add_tracks(GRANT, CHECKOUT)

    assert versionless(await world.traffic.read(CHECKOUT)) == replace(NOT_ADOPTED, subsets=True)


async def test_the_first_write_of_weights_names_the_tracks(world: World) -> None:
    written = await adopt(world)

    assert versionless(written) == ADOPTED
    assert await world.traffic.read(CHECKOUT) == written
    assert await world.traffic.read(CHECKOUT, fresh=True) == written


async def test_weights_without_tracks_are_refused_and_change_nothing(world: World) -> None:
    seen = await world.traffic.read(CHECKOUT)

    with pytest.raises(Refused) as refused:
        await world.traffic.write(GRANT, CHECKOUT, seen, change(4, ALL_STABLE))

    assert refused.value.reason.code is ReasonCode.NOT_ADOPTED
    assert await world.traffic.read(CHECKOUT, fresh=True) == seen


@pytest.mark.parametrize("share", ["5%", "0.5%", "50%", "99.99%", "100%"])
async def test_weights_are_written_with_the_annotations_and_read_back(world: World, share: str) -> None:
    seen = await adopt(world)
    split = Split.of(Weight.parse(share))

    await world.traffic.write(GRANT, CHECKOUT, seen, change(5, split, state='{"phase":"baking"}'))

    expected = replace(ADOPTED, weights=split, revision=5, state='{"phase":"baking"}')
    assert versionless(await world.traffic.read(CHECKOUT, fresh=True)) == expected


async def test_annotations_alone_leave_the_weights_as_they_are(world: World) -> None:
    seen = await adopt(world)
    seen = await world.traffic.write(GRANT, CHECKOUT, seen, change(5, FIVE))

    written = await world.traffic.write(replace(GRANT, revision=5), CHECKOUT, seen, change(6, None))

    assert versionless(written) == replace(ADOPTED, weights=FIVE, revision=6)


async def test_annotations_can_be_written_before_adoption(world: World) -> None:
    seen = await world.traffic.read(CHECKOUT)

    written = await world.traffic.write(GRANT, CHECKOUT, seen, change(1, None))

    assert versionless(written) == replace(ADOPTED, weights=None, subsets=False, revision=1)


async def test_a_write_against_an_older_version_is_a_conflict_and_changes_nothing(world: World) -> None:
    seen = await adopt(world)
    written = await world.traffic.write(GRANT, CHECKOUT, seen, change(5, FIVE))

    with pytest.raises(Conflict):
        await world.traffic.write(GRANT, CHECKOUT, seen, change(6, ALL_STABLE))

    assert await world.traffic.read(CHECKOUT, fresh=True) == written


async def test_a_grant_older_than_the_route_writes_nothing(world: World) -> None:
    seen = await adopt(world)
    written = await world.traffic.write(LATER, CHECKOUT, seen, change(9, FIVE))

    with pytest.raises(Conflict):
        await world.traffic.write(GRANT, CHECKOUT, written, change(10, ALL_STABLE))

    assert await world.traffic.read(CHECKOUT, fresh=True) == written


async def test_a_revision_never_goes_back(world: World) -> None:
    seen = await adopt(world)

    with pytest.raises(Conflict):
        await world.traffic.write(LATER, CHECKOUT, seen, change(3, FIVE))


async def test_what_a_person_changed_is_seen_and_not_written_over(world: World) -> None:
    seen = await adopt(world)
    await world.edit_weights(FIVE)

    async def noticed() -> bool:
        return (await world.traffic.read(CHECKOUT)).weights == FIVE

    await until(world, noticed)
    with pytest.raises(Conflict):
        await world.traffic.write(GRANT, CHECKOUT, seen, change(5, ALL_STABLE))
    assert versionless(await world.traffic.read(CHECKOUT, fresh=True)) == replace(ADOPTED, weights=FIVE)


async def test_a_deleted_route_is_gone_and_is_not_created_again(world: World) -> None:
    seen = await adopt(world)
    await world.delete_route()

    for verb in (
        world.traffic.read(CHECKOUT, fresh=True),
        world.traffic.write(GRANT, CHECKOUT, seen, change(5, FIVE)),
        world.traffic.unadopt(GRANT, CHECKOUT, seen),
    ):
        with pytest.raises(TargetGone, match="VirtualService shop/checkout does not exist"):
            await verb


async def test_unadopting_gives_back_what_was_there(world: World) -> None:
    before = await world.traffic.read(CHECKOUT)
    seen = await adopt(world)
    seen = await world.traffic.write(GRANT, CHECKOUT, seen, change(4, FIVE))

    await world.traffic.unadopt(GRANT, CHECKOUT, seen)
    assert versionless(await world.traffic.read(CHECKOUT)) == replace(NOT_ADOPTED, subsets=True)

    await world.traffic.drop_tracks(GRANT, CHECKOUT)
    await world.traffic.drop_tracks(GRANT, CHECKOUT)
    assert versionless(await world.traffic.read(CHECKOUT)) == versionless(before)
    assert await world.traffic.managed() == ()


async def test_unadopting_against_an_older_version_is_a_conflict(world: World) -> None:
    seen = await adopt(world)
    written = await world.traffic.write(GRANT, CHECKOUT, seen, change(4, FIVE))

    with pytest.raises(Conflict):
        await world.traffic.unadopt(GRANT, CHECKOUT, seen)

    assert await world.traffic.read(CHECKOUT) == written


async def test_tracks_that_the_route_names_are_not_dropped(world: World) -> None:
    written = await adopt(world)

    with pytest.raises(Refused, match="the route of checkout still names the tracks"):
        await world.traffic.drop_tracks(GRANT, CHECKOUT)

    assert await world.traffic.read(CHECKOUT) == written


async def test_routes_that_a_release_wrote_are_listed(world: World) -> None:
    assert await world.traffic.managed() == ()

    written = await adopt(world)

    assert await world.traffic.managed() == (written,)


async def test_a_service_in_order_has_nothing_to_mend_before_and_after_adoption(world: World) -> None:
    assert await world.traffic.examine(CHECKOUT) == ()

    await adopt(world)

    assert await world.traffic.examine(CHECKOUT) == ()


async def test_everything_missing_is_said_at_once_with_a_next_step(world: World) -> None:
    await world.delete_route()
    await world.delete_deployment(Track.STABLE)

    missing = await world.traffic.examine(CHECKOUT)

    assert sorted(reason.text for reason in missing) == [
        "Deployment shop/checkout does not exist",
        "VirtualService shop/checkout does not exist",
    ]
    assert {reason.code for reason in missing} == {ReasonCode.NOT_READY}
    assert all(reason.next_step for reason in missing)


async def test_a_write_whose_answer_is_lost_is_unavailable_and_then_read_as_done(world: World) -> None:
    seen = await adopt(world)
    await world.lose_next_answer()

    with pytest.raises(Unavailable):
        await world.traffic.write(GRANT, CHECKOUT, seen, change(5, FIVE))

    assert versionless(await world.traffic.read(CHECKOUT)) == replace(ADOPTED, weights=FIVE, revision=5)


async def test_a_write_that_the_cluster_denies_is_refused_and_changes_nothing(world: World) -> None:
    seen = await adopt(world)
    await world.deny_next_write()

    with pytest.raises(Refused):
        await world.traffic.write(GRANT, CHECKOUT, seen, change(5, FIVE))

    assert await world.traffic.read(CHECKOUT) == seen
