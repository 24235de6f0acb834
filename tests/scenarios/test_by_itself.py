"""What Lockmaster rolls back by itself, and what it holds instead."""

from inspect import cleandoc as block

from bot.ports.workloads import Track
from bot.release.model import ALL_STABLE
from bot.release.phases import Phase
from tests.scenarios.theatre import Person, Theatre

IMAGE = "registry.example/shop/checkout:v1.3.0"


async def baking(theatre: Theatre, ana: Person, options: str = "canary 50% every 10m") -> None:
    await ana.types(f"checkout v1.3.0 {options}")
    await theatre.until(Phase.BAKING)
    await theatre.pass_(20)


async def test_a_hard_limit_rolls_back_at_the_first_look(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    theatre.failing["v1.3.0"] = 0.2
    await theatre.pass_(1)
    assert theatre.weights() == "100/0"
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○   50 %  100 %
        rolling back · 24 s
        traffic   ordered 0 %
        Rolling back: errors 20.00 % in 10 s, limit 5.00 % (Lockmaster)
        [Details]
        """)
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○   50 %  100 %
        rolled back · took 27 s
        Rolled back: errors 20.00 % in 10 s, limit 5.00 % (Lockmaster)
        [Details]
        """)
    assert theatre.notice(-1) == block("""
        Rolled back   checkout v1.2.9 → v1.3.0 (R-1001)

        Trigger: the metrics: errors 20.00 % in 10 s, limit 5.00 % (Lockmaster)

        Sample: canary 20.00 %, stable 0.00 %, limit 5.00 %

        Exposed: up to 50 % for 24 s

        Restored: v1.2.9; stable serves everything, seen in the traffic
        Not undone: whatever the new version wrote, and configuration outside the Deployment.
        Next: /release show R-1001 tells everything; release a mended version when it is ready.
        """)
    await theatre.pass_(40)
    assert ("shop", "checkout-canary") not in theatre.cluster.deployments
    assert theatre.thread()[-5:] == [
        "Weight ordered: 50 % to the canary",
        "Weight in effect: 50.0 % of the requests reach the canary",
        "Rollback: errors 20.00 % in 10 s, limit 5.00 %",
        "Ended: stable serves everything, seen in the traffic",
        "Tidied up: no canary is left",
    ]


async def test_a_limit_counts_once_its_window_has_passed(theatre: Theatre, ana: Person) -> None:
    theatre.failing["v1.3.0"] = 0.01
    await baking(theatre, ana)
    await theatre.pass_(60)
    assert theatre.weights() == "50/50"
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○   50 %  100 %
        watching · 1 min · next decision in 8:50
        traffic   ordered 50 %   observed 50.0 %
        errors    canary 1.00 %    stable 0.00 %    limit 0.50 %   …
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   errors 1.00 % in 1 min, limit 0.50 %, so far
        [Pause] [Roll back] [Details]
        """)
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.notice(-1) == block("""
        Rolled back   checkout v1.2.9 → v1.3.0 (R-1001)

        Trigger: the metrics: errors 1.00 % in 2 min, limit 0.50 % (Lockmaster)

        Sample: canary 1.00 %, stable 0.00 %, limit 0.50 %

        Exposed: up to 50 % for 2 min

        Restored: v1.2.9; stable serves everything, seen in the traffic
        Not undone: whatever the new version wrote, and configuration outside the Deployment.
        Next: /release show R-1001 tells everything; release a mended version when it is ready.
        """)


async def test_a_slow_canary_rolls_back(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    theatre.slow["v1.3.0"] = 350.0
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.channel()[-1] == "checkout v1.2.9 → v1.3.0 (R-1001) was rolled back."
    assert theatre.thread()[-2:] == [
        "Rollback: p95 350 ms in 10 s, stable 100 ms, limit +100 %",
        "Ended: stable serves everything, seen in the traffic",
    ]


async def test_a_paused_release_rolls_back_all_the_same(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    await ana.types("pause checkout")
    theatre.failing["v1.3.0"] = 0.2
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.weights() == "100/0"


async def test_pods_that_crash_under_traffic_roll_back_without_a_look_at_the_metrics(
    theatre: Theatre, ana: Person
) -> None:
    await baking(theatre, ana)
    theatre.metrics.away = "connection refused"
    theatre.cluster.break_image(IMAGE, "CrashLoopBackOff", "back-off 40s restarting failed container=app")
    await theatre.until(Phase.ROLLING_BACK, within=6)
    assert theatre.weights() == "100/0"
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.notice(-1) == block("""
        Rolled back   checkout v1.2.9 → v1.3.0 (R-1001)

        Trigger: the canary's pods: CrashLoopBackOff: back-off 40s restarting failed container=app
        (Lockmaster)

        Exposed: up to 50 % for 24 s

        Restored: v1.2.9; everything is ordered to stable; not seen in the traffic: no data: prometheus is
        unavailable: connection refused
        Not undone: whatever the new version wrote, and configuration outside the Deployment.
        Next: /release show R-1001 tells everything; release a mended version when it is ready.
        """)


async def test_a_canary_that_was_deleted_rolls_back(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    theatre.cluster.delete_deployment(theatre.service(), Track.CANARY)
    await theatre.until(Phase.ROLLING_BACK, within=6)
    assert theatre.thread()[-1] == "Rollback: the canary Deployment is gone"


async def test_a_canary_that_cannot_start_is_cancelled_with_its_pod_s_words(
    theatre: Theatre, ana: Person
) -> None:
    theatre.cluster.break_image(IMAGE, "ImagePullBackOff", f'Back-off pulling image "{IMAGE}"')
    await ana.types("checkout v1.3.0")
    await theatre.pass_(10)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ○────○────○────○   5 %  25 %  50 %  100 %
        getting ready · 10 s
        traffic   ordered 0 %   observed 0.0 %
        Canary pods: ImagePullBackOff: Back-off pulling image "registry.example/shop/checkout:v1.3.0"
        [Pause] [Roll back] [Details]
        """)
    await theatre.until(Phase.CANCELLED)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ○────○────○────○   5 %  25 %  50 %  100 %
        cancelled · took 30 s
        Cancelled: ImagePullBackOff: Back-off pulling image "registry.example/shop/checkout:v1.3.0"
        (Lockmaster)
        [Details]
        """)
    assert theatre.notice(-1) == block("""
        Cancelled   checkout v1.2.9 → v1.3.0 (R-1001): ImagePullBackOff: Back-off pulling image
        "registry.example/shop/checkout:v1.3.0".
        v1.2.9 serves everything, as before.
        """)
    assert theatre.cluster.route(theatre.service()).weights == ALL_STABLE
    assert all("to the canary" not in line for line in theatre.thread())
    await theatre.pass_(40)
    assert ("shop", "checkout-canary") not in theatre.cluster.deployments


async def test_a_canary_that_is_not_ready_in_time_is_cancelled(theatre: Theatre, ana: Person) -> None:
    theatre.cluster.slow = True
    await ana.types("checkout v1.3.0")
    await theatre.pass_(175)
    assert (await theatre.release()).phase is Phase.PREPARING
    await theatre.until(Phase.CANCELLED, within=10)
    assert theatre.notice(-1) == block("""
        Cancelled   checkout v1.2.9 → v1.3.0 (R-1001): not ready in time: 0 of 1 pods ready.
        v1.2.9 serves everything, as before.
        """)
