"""From the command to the end, as ana and bo live it."""

from inspect import cleandoc as block

import pytest

from bot.release.phases import Phase
from tests.scenarios.theatre import Person, Theatre


async def test_a_release_starts_and_is_watched(theatre: Theatre, ana: Person) -> None:
    assert await ana.types("checkout v1.3.0 canary 5%") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001) has started.

        Stages: 5 %, 25 %, 50 %, 100 %.
        Follow it in #shop-releases.
        """)
    await theatre.until(Phase.BAKING)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○────○   5 %  25 %  50 %  100 %
        watching · 3 s · next decision in 1:00
        traffic   ordered 5 %   observed 5.0 %
        errors    canary 0.00 %    stable 0.00 %    limit 0.50 %   ✓
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   healthy, 50 requests
        [Promote to 25 %] [Pause] [Roll back] [Details]
        """)
    assert theatre.weights() == "95/5"


async def test_a_release_asks_with_numbers(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 5%")
    await theatre.until(Phase.GATE)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○────○   5 %  25 %  50 %  100 %
        needs you · 1 min
        traffic   ordered 5 %   observed 5.0 %
        errors    canary 0.00 %    stable 0.00 %    limit 0.50 %   ✓
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   healthy, 300 requests
        [Promote to 25 %] [Pause] [Roll back] [Details]
        """)
    assert theatre.notice(-1) == block("""
        Needs you   checkout v1.2.9 → v1.3.0 (R-1001): 5 % is healthy.
        The buttons are on its live message. To go on: @shop-leads (not the requester). To roll back:
        members of #shop-releases.
        """)


async def released(theatre: Theatre, ana: Person, bo: Person) -> None:
    await ana.types("checkout v1.3.0 canary 5% 50% every 10s")
    for label in ("Promote to 50 %", "Promote to 100 %", "Finish"):
        await theatre.until(Phase.GATE)
        assert await bo.presses(label) is None
    await theatre.until(Phase.PROMOTED)
    await theatre.pass_(40)


async def test_a_release_is_finished_by_a_press(theatre: Theatre, ana: Person, bo: Person) -> None:
    await ana.types("checkout v1.3.0 canary 5% 100%")
    await theatre.until(Phase.GATE)
    await bo.presses("Promote to 100 %")
    await theatre.until(Phase.GATE)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana · approved by @bo
        ●━━━━◐   5 %  100 %
        needs you · 2 min
        traffic   ordered 100 %   observed 100.0 %
        errors    canary 0.00 %    stable -         limit 0.50 %   ✓
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   healthy, 6,000 requests
        [Finish] [Pause] [Roll back] [Details]
        """)
    await bo.presses("Finish")
    await theatre.until(Phase.PROMOTED)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana · approved by @bo
        ●━━━━●   5 %  100 %
        done · took 2 min
        Promoted: stable serves everything, seen in the traffic (Lockmaster)
        [Details]
        """)
    assert theatre.weights() == "100/0"


async def test_the_channel_is_rung_when_somebody_is_needed_and_at_the_end(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await released(theatre, ana, bo)
    assert theatre.channel() == [
        "checkout v1.2.9 → v1.3.0 (R-1001): done",
        "checkout v1.2.9 → v1.3.0 (R-1001) needs you: 5 % is healthy.",
        "checkout v1.2.9 → v1.3.0 (R-1001) needs you: 50 % is healthy.",
        "checkout v1.2.9 → v1.3.0 (R-1001) needs you: 100 % is healthy.",
        "checkout v1.2.9 → v1.3.0 (R-1001): done.",
    ]
    assert theatre.scheduler.due == {}


async def test_every_step_is_told_in_the_thread(theatre: Theatre, ana: Person, bo: Person) -> None:
    await released(theatre, ana, bo)
    assert theatre.thread() == [
        "Set out: holds the route object",
        "Weight ordered: 5 % to the canary",
        "Weight in effect: 5.0 % of the requests reach the canary",
        "Asked: 5 % is healthy",
        "Next stage: 50 % of the requests",
        "Weight ordered: 50 % to the canary",
        "Weight in effect: 50.0 % of the requests reach the canary",
        "Asked: 50 % is healthy",
        "Next stage: 100 % of the requests",
        "Weight ordered: 100 % to the canary",
        "Weight in effect: 100.0 % of the requests reach the canary",
        "Asked: 100 % is healthy",
        "Next stage: promotion, stable is updated to v1.3.0",
        "Stable is ready: stable runs v1.3.0 on 3 pods",
        "Ended: stable serves everything, seen in the traffic",
        "Tidied up: no canary is left",
    ]


async def test_every_step_is_kept_for_the_audit(theatre: Theatre, ana: Person, bo: Person) -> None:
    await released(theatre, ana, bo)
    assert theatre.audit() == [
        "ana: start: done",
        "ana: claimed: done",
        "Lockmaster: weight_ordered: done",
        "Lockmaster: weight_observed: done",
        "Lockmaster: asked: done",
        "bo: stage_entered: done",
        "Lockmaster: weight_ordered: done",
        "Lockmaster: weight_observed: done",
        "Lockmaster: asked: done",
        "bo: stage_entered: done",
        "Lockmaster: weight_ordered: done",
        "Lockmaster: weight_observed: done",
        "Lockmaster: asked: done",
        "bo: stage_entered: done",
        "Lockmaster: stable_ready: done",
        "Lockmaster: ended: done",
        "Lockmaster: tidied: done",
    ]
    assert [f"{one.verb} {one.name}" for one in theatre.cluster.writes if one.verb != "write"] == [
        "ensure_canary checkout-canary",
        "scale_canary checkout-canary",
        "scale_canary checkout-canary",
        "set_stable_image checkout",
        "remove_canary checkout-canary",
    ]


@pytest.mark.parametrize("adopted", [False])
async def test_a_service_that_is_not_adopted_is_adopted_first(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 100% every 10s auto")
    assert theatre.weights() == "-"
    await theatre.pass_(13)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ○   100 %
        getting ready · 10 s · adoption: the tracks are being made known to every proxy
        traffic   ordered 0 %   observed 0.0 %
        [Pause] [Roll back] [Details]
        """)
    assert theatre.weights() == "-"
    await theatre.until(Phase.BAKING)
    assert theatre.weights() == "0/100"
    await theatre.until(Phase.PROMOTED)
    await theatre.pass_(40)

    assert theatre.thread() == [
        "Set out: holds the route object",
        "Adoption: the tracks exist beside the route",
        "Adopted: the route names both tracks, 100 and 0",
        "Weight ordered: 100 % to the canary",
        "Weight in effect: 100.0 % of the requests reach the canary",
        "Next stage: promotion, stable is updated to v1.3.0",
        "Stable is ready: stable runs v1.3.0 on 3 pods",
        "Ended: stable serves everything, seen in the traffic",
        "Tidied up: no canary is left",
    ]
    assert [f"{one.verb} {one.name}" for one in theatre.cluster.writes if one.verb != "write"] == [
        "mark_stable checkout",
        "add_tracks checkout",
        "ensure_canary checkout-canary",
        "set_stable_image checkout",
        "remove_canary checkout-canary",
    ]
    assert theatre.channel() == [
        "checkout v1.2.9 → v1.3.0 (R-1001): done",
        "checkout v1.2.9 → v1.3.0 (R-1001): done.",
    ]


async def test_the_history_tells_who_did_what(theatre: Theatre, ana: Person, bo: Person) -> None:
    await ana.types('checkout v1.3.0 canary 50% every 10s because "JIRA-12"')
    await theatre.until(Phase.GATE)
    await bo.types("promote checkout --full because we agreed")
    await theatre.until(Phase.PROMOTED)
    await theatre.pass_(40)

    assert await ana.types("show R-1001") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001): done, started by ana

        Because “JIRA-12”
        09:00:00  Started: v1.2.9 → v1.3.0 (ana)
        09:00:00  Set out: holds the route object (ana)
        09:00:00  Weight ordered: 50 % to the canary (Lockmaster)
        09:00:03  Weight in effect: 50.0 % of the requests reach the canary (Lockmaster)
        09:00:13  Asked: 50 % is healthy (Lockmaster)
        09:00:13  Next stage: 100 % of the requests, because “we agreed” (bo)
        09:00:13  Weight ordered: 100 % to the canary (Lockmaster)
        09:00:16  Weight in effect: 100.0 % of the requests reach the canary (Lockmaster)
        09:00:26  Next stage: promotion, stable is updated to v1.3.0 (Lockmaster)
        09:00:26  Stable is ready: stable runs v1.3.0 on 3 pods (Lockmaster)
        09:00:29  Ended: stable serves everything, seen in the traffic (Lockmaster)
        09:00:59  Tidied up: no canary is left (Lockmaster)
        """)
    past = await ana.types("history checkout")
    assert (
        past
        == "R-1001   v1.2.9 → v1.3.0          done: stable serves everything, seen in the traffic (ana, 1 min ago)"
    )
    assert await ana.types("status") == block("""
        checkout             R-1001 v1.2.9 → v1.3.0: done 40 s ago
        payments             no release yet
        """)
    assert await ana.types("status checkout") == "checkout             R-1001 v1.2.9 → v1.3.0: done 40 s ago"
    assert await ana.presses("Details") == await ana.types("show R-1001")


async def test_a_release_that_goes_on_by_itself_asks_nobody(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 10% 50% every 10s auto")
    await theatre.until(Phase.PROMOTED)
    assert theatre.channel() == [
        "checkout v1.2.9 → v1.3.0 (R-1001): done",
        "checkout v1.2.9 → v1.3.0 (R-1001): done.",
    ]
