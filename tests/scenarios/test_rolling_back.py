"""Back to stable: by button, by command, whatever else is away."""

from inspect import cleandoc as block

import pytest

from bot.ports.workloads import Track
from bot.release.phases import Phase
from tests.scenarios.theatre import Person, Theatre, baking

STABLE = "registry.example/shop/checkout:v1.2.9"


async def test_one_press_brings_everything_back(theatre: Theatre, ana: Person, dee: Person) -> None:
    await baking(theatre, ana)
    assert await dee.presses("Roll back") is None
    assert theatre.weights() == "100/0"
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○   25 %  50 %  100 %
        rolling back · 3 s
        traffic   ordered 0 %
        Rolling back: as asked (@dee)
        [Details]
        """)
    assert (
        await ana.types("rollback checkout")
        == "checkout v1.2.9 → v1.3.0 (R-1001) is being rolled back already."
    )
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.notice(-1) == block("""
        Rolled back   checkout v1.2.9 → v1.3.0 (R-1001)

        Trigger: a person: as asked (@dee)

        Exposed: up to 25 % for 3 s

        Restored: v1.2.9; stable serves everything, seen in the traffic
        Not undone: whatever the new version wrote, and configuration outside the Deployment.
        Next: /release show R-1001 tells everything; release a mended version when it is ready.
        """)


async def test_a_typed_rollback_says_why(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    answer = await ana.types("rollback checkout because the logs are full of nonsense")
    assert answer == "Rolling back checkout v1.2.9 → v1.3.0 (R-1001): traffic goes to v1.2.9."
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.thread()[-2:] == [
        "Rollback: the logs are full of nonsense",
        "Ended: stable serves everything, seen in the traffic",
    ]


async def test_a_live_release_goes_back_to_its_own_source_alone(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    assert await ana.types("rollback checkout to v1.2.7") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001) is live; it can only go back to v1.2.9.
        Roll it back first, and after its end type /release rollback checkout to v1.2.7.
        """)
    assert theatre.weights() == "75/25"
    assert (
        await ana.types("rollback checkout to v1.2.9")
        == "Rolling back checkout v1.2.9 → v1.3.0 (R-1001): traffic goes to v1.2.9."
    )
    assert theatre.weights() == "100/0"


async def test_before_any_traffic_moved_a_rollback_cancels(theatre: Theatre, ana: Person) -> None:
    theatre.cluster.slow = True
    await ana.types("checkout v1.3.0")
    answer = await ana.types("rollback checkout because wrong version")
    assert answer == "Cancelling checkout v1.2.9 → v1.3.0 (R-1001): no traffic has moved yet."
    await theatre.pass_(1)
    assert theatre.notice(-1) == block("""
        Cancelled   checkout v1.2.9 → v1.3.0 (R-1001): wrong version.
        v1.2.9 serves everything, as before.
        """)


@pytest.mark.parametrize("way", ["button", "command"])
async def test_a_rollback_needs_no_redis(theatre: Theatre, ana: Person, way: str) -> None:
    await baking(theatre, ana)
    theatre.redis.begin()
    await theatre.pass_(6)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○   25 %  50 %  100 %
        watching · 8 s · next decision in 10:00
        traffic   ordered 25 %   observed 25.0 %
        errors    canary 0.00 %    stable 0.00 %    limit 0.50 %   ✓
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   healthy, 250 requests
        The store cannot be reached: nothing moves forward; Roll back works.
        [Promote to 50 %] [Pause] [Roll back] [Details]
        """)
    if way == "button":
        assert await ana.presses("Roll back") is None
    else:
        await ana.types("rollback checkout")
    assert theatre.weights() == "100/0"
    await theatre.pass_(10)
    theatre.redis.end()
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.channel() == [
        "checkout v1.2.9 → v1.3.0 (R-1001): rolled back",
        "checkout v1.2.9 → v1.3.0 (R-1001) was rolled back.",
    ]
    await theatre.pass_(40)
    assert await ana.types("locks") == "Nothing is locked."


async def test_a_rollback_needs_neither_redis_nor_slack_nor_prometheus(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    theatre.redis.begin()
    theatre.directory.away = True
    theatre.metrics.away = "connection refused"
    await ana.types("rollback checkout")
    assert theatre.weights() == "100/0"


async def test_nothing_moves_forward_without_redis(theatre: Theatre, ana: Person, bo: Person) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10s auto")
    await theatre.until(Phase.BAKING)
    theatre.redis.begin()
    await theatre.pass_(60)
    assert theatre.weights() == "75/25"
    assert await bo.types("promote checkout") == block("""
        Redis cannot be reached (switched off by the test), so this cannot be done now.
        Try again in a minute. A rollback works all the same.
        """)
    theatre.redis.end()
    await theatre.until(Phase.PROMOTED)


async def test_rollback_wins_over_a_promotion_pressed_at_the_same_time(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await baking(theatre, ana)
    message = theatre.bot.front
    token = (await theatre.release()).token
    await message.pressed(bo.speaks(), "promote", token)
    await message.pressed(ana.speaks(), "roll_back", token)
    await theatre.tick()
    assert theatre.weights() == "100/0"
    await theatre.until(Phase.ROLLED_BACK)


async def test_without_a_ready_pod_of_stable_the_traffic_stays_on_the_better_side(
    theatre: Theatre, ana: Person
) -> None:
    await baking(theatre, ana)
    theatre.cluster.break_image(STABLE, "CrashLoopBackOff", "back-off restarting")
    assert await ana.presses("Roll back") is None
    assert theatre.weights() == "75/25"
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○   25 %  50 %  100 %
        stopped: somebody has to look · 3 s
        traffic   ordered 25 %
        Why: as asked; but stable has no ready pod to go back to.
        [Roll back] [Details]
        """)
    assert theatre.notice(-1) == block("""
        Stopped   checkout v1.2.9 → v1.3.0 (R-1001): as asked; but stable has no ready pod to go back to.
        Roll back is on its live message, for members of #shop-releases. /release show R-1001 tells
        everything.
        """)
    assert await ana.presses("Roll back") is None
    assert theatre.weights() == "75/25"
    theatre.cluster.heal_image(STABLE)
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.weights() == "100/0"


async def test_one_unready_pod_of_stable_stops_no_rollback(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    stable = theatre.cluster.deployed(theatre.service(), Track.STABLE)
    theatre.cluster.break_image(STABLE, "CrashLoopBackOff", "back-off restarting")
    stable.ready = 2
    await ana.presses("Roll back")
    assert theatre.weights() == "100/0"
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.notice(-1) == block("""
        Rolled back   checkout v1.2.9 → v1.3.0 (R-1001)

        Trigger: a person: as asked (@ana)

        Exposed: up to 25 % for 3 s

        Restored: v1.2.9; stable serves everything, seen in the traffic; not all of stable is well:
        CrashLoopBackOff: back-off restarting
        Not undone: whatever the new version wrote, and configuration outside the Deployment.
        Next: /release show R-1001 tells everything; release a mended version when it is ready.
        """)
