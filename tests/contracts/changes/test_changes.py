"""What `Changes` promises, on the fakes and on the real adapter."""

from bot.ports.changes import Change
from bot.ports.traffic import RouteWrite
from bot.ports.workloads import Track
from bot.release.grant import Grant
from tests.support.worlds import CHECKOUT, World, settled, told, until

GRANT = Grant("checkout", "R-7", 1)


async def test_a_written_route_is_told(world: World) -> None:
    changes = told(world)
    seen = await world.traffic.read(CHECKOUT)

    await world.traffic.write(GRANT, CHECKOUT, seen, RouteWrite("R-7", 1, "{}", None))

    assert Change("route", "shop", "checkout") in changes


async def test_a_route_that_a_person_deletes_is_told(world: World) -> None:
    changes = told(world)

    await world.delete_route()

    async def heard() -> bool:
        return Change("route", "shop", "checkout") in changes

    await until(world, heard)


async def test_deployments_and_pods_are_told_by_the_name_of_the_deployment(world: World) -> None:
    changes = told(world)

    await world.workloads.ensure_canary(
        GRANT, CHECKOUT, image=f"{CHECKOUT.image}:v1.3.0", version="v1.3.0", replicas=1
    )
    await settled(world, Track.CANARY)

    canary = CHECKOUT.canary
    assert {Change("deployment", "shop", canary), Change("pod", "shop", canary)} <= set(changes)
