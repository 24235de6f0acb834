"""Promotions, pauses, and what a release waits for by itself."""

from inspect import cleandoc as block

from bot.release.phases import Phase
from tests.scenarios.theatre import Person, Theatre


async def test_a_promotion_during_the_bake_ends_it(theatre: Theatre, ana: Person, bo: Person) -> None:
    await ana.types("checkout v1.3.0 every 10m")
    await theatre.until(Phase.BAKING)
    answer = await bo.types("promote checkout because it is urgent")
    assert answer == "checkout v1.2.9 → v1.3.0 (R-1001) goes to 25 %."
    await theatre.until(Phase.BAKING)
    assert theatre.weights() == "75/25"
    assert theatre.thread()[-2] == "Weight ordered: 25 % to the canary, because “it is urgent”"


async def test_full_promotion_asks_no_more(theatre: Theatre, ana: Person, bo: Person) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.BAKING)
    answer = await bo.types("promote checkout --full")
    assert answer == "checkout v1.2.9 → v1.3.0 (R-1001) goes to 100 %, then it is promoted."
    await theatre.until(Phase.PROMOTED)
    assert theatre.channel() == [
        "checkout v1.2.9 → v1.3.0 (R-1001): done",
        "checkout v1.2.9 → v1.3.0 (R-1001): done.",
    ]


async def test_a_pause_holds_a_release_where_it_is(theatre: Theatre, ana: Person, dee: Person) -> None:
    await ana.types("checkout v1.3.0 every 10s auto")
    await theatre.until(Phase.BAKING)
    assert await dee.types("pause checkout because lunch") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001) is paused.
        It still rolls back by itself when it has to.
        """)
    await theatre.pass_(60)
    assert theatre.weights() == "95/5"
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○────○   5 %  25 %  50 %  100 %
        watching · 1 min
        traffic   ordered 5 %   observed 5.0 %
        errors    canary 0.00 %    stable 0.00 %    limit 0.50 %   ✓
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   healthy, 300 requests
        Paused by @dee: lunch.
        [Resume] [Roll back] [Details]
        """)
    assert await dee.types("pause checkout") == "checkout v1.2.9 → v1.3.0 (R-1001) is paused already, by dee."
    assert await ana.presses("Resume") is None
    assert await ana.types("resume checkout") == "checkout v1.2.9 → v1.3.0 (R-1001) is not paused."
    await theatre.until(Phase.PROMOTED)


async def test_the_canary_gets_enough_pods_before_it_gets_more_traffic(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 5% 50% every 10s")
    await theatre.until(Phase.GATE)
    theatre.cluster.slow = True
    await bo.presses("Promote to 50 %")
    await theatre.pass_(30)
    assert theatre.weights() == "95/5"
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana · approved by @bo
        ●━━━━◐────○   5 %  50 %  100 %
        moving traffic · 43 s · more canary pods are starting
        traffic   ordered 5 %   observed 5.0 %
        errors    canary 0.00 %    stable 0.00 %    limit 0.50 %   ✓
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   healthy, 150 requests
        [Pause] [Roll back] [Details]
        """)
    theatre.cluster.roll_out()
    await theatre.until(Phase.BAKING)
    assert theatre.weights() == "50/50"


async def test_the_next_release_waits_for_the_pods_of_the_one_before(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    await theatre.until(Phase.PROMOTED)
    await ana.types("checkout v1.4.0 canary 50%")
    await theatre.pass_(10)
    assert theatre.card("R-1002") == block("""
        checkout   v1.3.0 → v1.4.0   canary   R-1002
        started by @ana
        ○────○   50 %  100 %
        getting ready · 10 s · pods of the release before are still leaving
        traffic   ordered 0 %   observed 0.0 %
        [Pause] [Roll back] [Details]
        """)
    assert theatre.cluster.deployments["shop", "checkout-canary"].image.endswith(":v1.3.0")
    await theatre.until(Phase.BAKING, "R-1002")
    assert theatre.cluster.deployments["shop", "checkout-canary"].image.endswith(":v1.4.0")
    assert await bo.presses("Promote to 100 %", "R-1002") is None
