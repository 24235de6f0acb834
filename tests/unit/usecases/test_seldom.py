"""What seldom happens to a use case: presses, races, answers that do not come."""

from inspect import cleandoc as block

import pytest

from bot.errors import ReasonCode, refuse
from bot.ports.desks import Alert
from bot.ports.workloads import Track
from bot.reconciler.registry import Registry
from bot.release.phases import Phase
from bot.usecases import alerting
from tests.scenarios.conftest import adopted, ana, bo, theatre
from tests.scenarios.theatre import Person, Theatre, baking

__all__ = ["adopted", "ana", "bo", "theatre"]  # the fixtures of the scenarios


async def test_pause_is_a_button_too(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    assert await ana.presses("Pause") is None
    assert theatre.buttons() == [
        "Resume",
        "Roll back",
        "Details",
    ]


async def test_a_press_without_redis_is_answered(theatre: Theatre, ana: Person, bo: Person) -> None:
    await baking(theatre, ana)
    theatre.redis.begin()
    assert await bo.presses("Promote to 50 %") == block("""
        Redis cannot be reached (switched off by the test), so this cannot be done now.
        Try again in a minute. A rollback works all the same.
        """)


async def test_an_unlock_with_nobody_waiting_tells_nobody(theatre: Theatre, ana: Person) -> None:
    await ana.types("lock checkout migration")
    assert await ana.types("unlock checkout") == block("""
        checkout is unlocked.
        ana had locked it: migration.
        """)
    assert theatre.chat.whispers == []


async def test_going_on_is_refused_once_it_fails(theatre: Theatre, ana: Person, bo: Person) -> None:
    await baking(theatre, ana)
    theatre.rates["checkout"] = 0.0
    await theatre.until(Phase.GATE, within=800)
    await bo.presses("Go on anyway")
    theatre.rates["checkout"], theatre.failing["v1.3.0"] = 100.0, 0.9
    theatre._serve()
    theatre.bot.sampler._wake = theatre.quiet
    await theatre.bot.sampler.look()
    assert await bo.submits("it is fine") == "checkout v1.2.9 → v1.3.0 (R-1001) is failing; it cannot go on."


async def test_a_deployment_that_goes_between_two_looks_is_named(
    theatre: Theatre, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object, **__: object) -> tuple[()]:
        return ()

    theatre.cluster.delete_deployment(theatre.service(), Track.STABLE)
    monkeypatch.setattr(theatre.traffic, "examine", nothing)
    assert await ana.types("checkout v1.3.0") == "There is no Deployment shop/checkout."


async def test_a_route_of_a_wrong_shape_still_says_whose_it_is(
    theatre: Theatre, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await baking(theatre, ana)

    async def wrong(*_: object, **__: object) -> None:
        raise refuse(ReasonCode.NOT_READY, "two routes lead to it")

    monkeypatch.setattr(theatre.traffic, "read", wrong)
    found = await Registry(theatre.catalogue, theatre.traffic).of("checkout")
    assert found is not None
    assert found.id == "R-1001"


@pytest.mark.parametrize("tag", ["latest", "main-2"])
async def test_a_tag_that_would_not_be_released_is_brought_back(
    theatre: Theatre, ana: Person, tag: str
) -> None:
    image = f"registry.example/shop/checkout:{tag}"
    theatre.cluster.deployed(theatre.service(), Track.STABLE).image = image
    await ana.types("checkout v1.3.0 canary 50% every 5s auto")
    await theatre.until(Phase.FINISHING)
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    stable = theatre.cluster.deployed(theatre.service(), Track.STABLE)
    assert (stable.image, stable.version) == (image, tag)
    await theatre.pass_(40)
    await ana.presses_again("checkout v1.3.0 canary 50% every 5s auto")
    await theatre.until(Phase.PROMOTED, "R-1002")
    await theatre.pass_(40)
    await ana.types("rollback checkout")
    await theatre.until(Phase.PROMOTED, "R-1003")
    assert stable.image == image


async def test_a_number_that_is_another_releases_is_drawn_again(theatre: Theatre, ana: Person) -> None:
    """The store had forgotten that it gave it away, and remembers what came after."""
    await baking(theatre, ana)
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    theatre.bot.office.drawn[:] = ["R-1001"]
    answer = await ana.types("checkout v1.4.0")
    assert answer.startswith("checkout v1.2.9 → v1.4.0 (R-1003) has started.")


async def test_a_number_that_was_drawn_long_ago_is_as_good_as_any(theatre: Theatre, ana: Person) -> None:
    """By a replica at which nobody has typed since. The release before, started at another one, has a higher number."""
    await baking(theatre, ana)
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    theatre.bot.office.drawn[:] = ["R-7"]
    answer = await ana.types("checkout v1.4.0 canary 50% every 5s auto")
    assert answer.startswith("checkout v1.2.9 → v1.4.0 (R-7) has started.")
    await theatre.until(Phase.PROMOTED, "R-7")


async def test_alerts_that_broke_long_ago_are_forgotten(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerting, "REMEMBERED", 1)

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    desk = theatre.bot.alerts
    monkeypatch.setattr(desk, "_one", broken)
    for name in ("first", "second"):
        for _ in range(alerting.TRIES):
            alert = Alert("firing", {"alertname": name}, {}, theatre.clock.now(), name)
            last = await desk.fired((alert,))
        assert last.reasons == (alerting.ASIDE,)
    assert len(desk._broken) == 1
