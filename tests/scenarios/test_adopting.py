"""Preparing a service once, and taking that back."""

from inspect import cleandoc as block

import pytest

from bot.release.phases import Phase
from tests.scenarios.theatre import Person, Theatre


@pytest.mark.parametrize("adopted", [False])
async def test_a_service_is_adopted_step_by_step(theatre: Theatre, ana: Person) -> None:
    assert await ana.types("adopt checkout") == block("""
        checkout adoption (R-1001) has started.
        Follow it in #shop-releases.
        """)
    await theatre.pass_(3)
    assert theatre.card() == block("""
        checkout   adoption of v1.2.9   R-1001
        started by @ana
        getting ready · 0 s
        [Details]
        """)
    assert (
        await ana.types("pause checkout") == "checkout adoption (R-1001) cannot be paused now: getting ready."
    )
    await theatre.until(Phase.PROMOTED)
    assert theatre.weights() == "100/0"
    assert theatre.card() == block("""
        checkout   adoption of v1.2.9   R-1001
        started by @ana
        done · took 15 s
        Done: adopted (Lockmaster)
        [Details]
        """)
    assert theatre.notice(-1) == "Done   checkout adoption (R-1001): adopted."
    await theatre.pass_(40)
    assert theatre.thread() == [
        "Set out: holds the route object",
        "Adoption: the tracks exist beside the route",
        "Adopted: the route names both tracks, 100 and 0",
        "Ended: adopted",
    ]
    assert await ana.types("rollback checkout") == block("""
        No release is known that brought checkout v1.2.9, so the version before is not known.
        Name it: /release rollback checkout to VERSION.
        """)


@pytest.mark.parametrize("adopted", [False])
async def test_an_adoption_can_be_given_up(theatre: Theatre, ana: Person) -> None:
    await ana.types("adopt checkout")
    await theatre.pass_(3)
    assert (
        await ana.types("rollback checkout")
        == "Cancelling checkout adoption (R-1001): no traffic has moved yet."
    )
    await theatre.until(Phase.CANCELLED)
    assert theatre.notice(-1) == "Cancelled   checkout adoption (R-1001): as asked."


async def test_unadoption_gives_back_what_was_there(theatre: Theatre, ana: Person) -> None:
    assert await ana.types("unadopt checkout") == block("""
        checkout unadoption (R-1001) has started.
        Follow it in #shop-releases.
        """)
    await theatre.pass_(3)
    assert theatre.weights() == "-"
    assert theatre.card() == block("""
        checkout   unadoption of v1.2.9   R-1001
        started by @ana
        getting ready · 0 s
        [Details]
        """)
    assert (
        await ana.types("rollback checkout")
        == "checkout unadoption (R-1001) has left the route already, and ends by itself."
    )
    await theatre.until(Phase.PROMOTED)
    assert theatre.thread() == [
        "Unadopted: the route no longer names the tracks",
        "Tidied up: the tracks are gone",
        "Ended: as it was before adoption",
    ]
    stable = theatre.cluster.deployments["shop", "checkout"]
    route = theatre.cluster.route(theatre.service())
    assert (stable.track, stable.owner, route.subsets, route.managed) == (None, None, False, False)
    assert await ana.types("unadopt checkout") == "checkout is not adopted."
    assert await ana.types("status checkout") == "checkout             R-1001 unadoption: done 0 s ago"


async def test_unadoption_waits_for_the_pods_of_the_release_before(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    await theatre.until(Phase.PROMOTED)
    await ana.types("unadopt checkout")
    await theatre.pass_(10)
    assert theatre.weights() == "100/0"
    assert theatre.card("R-1002") == block("""
        checkout   unadoption of v1.3.0   R-1002
        started by @ana
        getting ready · 10 s · pods of the release before are still leaving
        [Details]
        """)
    await theatre.until(Phase.PROMOTED, "R-1002")
    assert ("shop", "checkout-canary") not in theatre.cluster.deployments


async def test_an_unadoption_that_has_not_begun_can_be_given_up(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    await theatre.until(Phase.PROMOTED)
    await ana.types("unadopt checkout")
    answer = await ana.types("rollback checkout because we need it")
    assert answer == "Cancelling checkout unadoption (R-1002): no traffic has moved yet."
    await theatre.until(Phase.CANCELLED, "R-1002")
    assert theatre.notice(-1) == "Cancelled   checkout unadoption (R-1002): we need it."
    assert theatre.weights() == "100/0"


async def test_somebody_else_s_canary_keeps_a_service_adopted(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    await theatre.until(Phase.PROMOTED)
    theatre.cluster.deployments["shop", "checkout-canary"].owner = None
    theatre.cluster.deployments["shop", "checkout-canary"].revision = 0
    await theatre.pass_(40)
    await ana.types("unadopt checkout")
    await theatre.until(Phase.CANCELLED, "R-1002", within=200)
    assert (
        theatre.notice(-1)
        == "Cancelled   checkout unadoption (R-1002): a canary Deployment is still there; delete it first."
    )


async def test_a_route_that_a_live_release_holds_is_not_unadopted(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10m")
    await theatre.until(Phase.BAKING)
    answer = await ana.types("unadopt checkout")
    assert answer == block("""
        checkout is locked: held by ana (R-1001) since 09:00 UTC (3 s): v1.2.9 → v1.3.0.
        /release locks shows all that is held.
        """)
    theatre.flush()
    assert await ana.types("unadopt checkout") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001) is live, started by ana at 09:00 UTC.
        /release status checkout says where it stands.
        """)
