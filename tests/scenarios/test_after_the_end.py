"""Once stable is the new version, or about to be: the way back goes through its Deployment."""

from inspect import cleandoc as block

from bot.ports.workloads import Track
from bot.release.phases import Phase
from tests.scenarios.theatre import Person, Theatre

STABLE = "registry.example/shop/checkout:v1.2.9"


async def test_after_the_end_the_version_before_is_warmed_and_moved_in_one_step(
    theatre: Theatre, ana: Person, dee: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    await theatre.until(Phase.PROMOTED)
    await theatre.pass_(40)
    assert await dee.types("rollback checkout because customers complain") == block("""
        checkout v1.3.0 → v1.2.9 (R-1002) has started.

        Stages: 100 %.
        Follow it in #shop-releases.
        """)
    await theatre.until(Phase.PROMOTED, "R-1002")
    assert theatre.thread("R-1002") == [
        "Set out: holds the route object",
        "Weight ordered: 100 % to the canary",
        "Weight in effect: 100.0 % of the requests reach the canary",
        "Next stage: promotion, stable is updated to v1.2.9",
        "Stable is ready: stable runs v1.2.9 on 3 pods",
        "Ended: stable serves everything, seen in the traffic",
    ]
    assert theatre.card("R-1002") == block("""
        checkout   v1.3.0 → v1.2.9   restore   R-1002
        started by @dee · because “customers complain”
        ●   100 %
        done · took 7 s
        Promoted: stable serves everything, seen in the traffic (Lockmaster)
        [Details]
        """)
    await theatre.pass_(40)
    assert await ana.types("status checkout") == "checkout             R-1002 v1.3.0 → v1.2.9: done 40 s ago"
    assert await dee.types("rollback checkout to v1.2.8") == block("""
        checkout v1.2.9 → v1.2.8 (R-1003) has started.

        Stages: 100 %.
        Follow it in #shop-releases.
        """)
    await theatre.until(Phase.PROMOTED, "R-1003")
    assert (
        theatre.cluster.deployed(theatre.service(), Track.STABLE).image
        == "registry.example/shop/checkout:v1.2.8"
    )


async def test_a_restore_needs_no_prometheus(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    await theatre.until(Phase.PROMOTED)
    await theatre.pass_(40)
    theatre.metrics.away = "connection refused"
    await ana.types("rollback checkout")
    await theatre.until(Phase.PROMOTED, "R-1002")
    assert (
        theatre.thread("R-1002")[2]
        == "Weight in effect: not seen: no data: prometheus is unavailable: connection refused"
    )


async def test_stable_that_does_not_become_ready_stops_the_promotion(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% 100% every 10s")
    await theatre.until(Phase.GATE)
    await bo.presses("Promote to 100 %")
    await theatre.until(Phase.GATE)
    theatre.cluster.slow = True
    await bo.presses("Finish")
    await theatre.until(Phase.PROMOTING)
    await theatre.pass_(10)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana · approved by @bo
        ●━━━━●   50 %  100 %
        promoting: stable is being updated · 36 s · its pods are being replaced
        traffic   ordered 100 %   observed 100.0 %
        errors    canary 0.00 %    stable -         limit 0.50 %   ✓
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   healthy, 2,000 requests
        [Pause] [Roll back] [Details]
        """)
    await theatre.until(Phase.NEEDS_HUMAN, within=200)
    assert theatre.weights() == "0/100"
    assert theatre.notice(-1) == block("""
        Stopped   checkout v1.2.9 → v1.3.0 (R-1001): stable does not become ready with v1.3.0: its update
        does not end.
        Roll back is on its live message, for members of #shop-releases. /release show R-1001 tells
        everything.
        """)
    assert await ana.presses("Roll back") is None
    theatre.cluster.slow = False
    theatre.cluster.roll_out()
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.cluster.deployed(theatre.service(), Track.STABLE).image == STABLE
    assert theatre.weights() == "100/0"


async def test_a_rollback_after_stable_was_patched_patches_it_back(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    await theatre.until(Phase.FINISHING)
    theatre.cluster.slow = True
    assert await ana.presses("Roll back") is None
    await theatre.pass_(5)
    assert theatre.weights() == "100/0"
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ●━━━━◐   50 %  100 %
        rolling back · 31 s · stable is being brought back to v1.2.9
        traffic   ordered 0 %   observed 0.0 %
        Rolling back: as asked (@ana)
        [Details]
        """)
    theatre.cluster.roll_out()
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.cluster.deployed(theatre.service(), Track.STABLE).image == STABLE


async def test_bad_numbers_while_stable_is_updated_bring_the_old_version_back(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    await theatre.until(Phase.BAKING)
    theatre.cluster.slow = True
    await theatre.pass_(15)
    theatre.cluster.roll_out()
    await theatre.until(Phase.PROMOTING)
    theatre.failing["v1.3.0"] = 0.5
    await theatre.until(Phase.ROLLING_BACK, within=5)
    theatre.cluster.slow = False
    theatre.cluster.roll_out()
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.thread()[-4:] == [
        "Next stage: promotion, stable is updated to v1.3.0",
        "Rollback: errors 50.00 % in 10 s, limit 5.00 %",
        "Weight ordered: everything to stable",
        "Ended: stable serves everything, seen in the traffic",
    ]
    assert theatre.cluster.deployed(theatre.service(), Track.STABLE).image == STABLE


async def test_a_hotfix_that_somebody_gave_stable_meanwhile_is_left_alone(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10m")
    await theatre.until(Phase.BAKING)
    theatre.cluster.deployed(theatre.service(), Track.STABLE).image = "registry.example/shop/checkout:v1.2.10"
    await ana.presses("Roll back")
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.cluster.deployed(theatre.service(), Track.STABLE).image.endswith("v1.2.10")
