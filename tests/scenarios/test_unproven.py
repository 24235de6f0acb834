"""What cannot be shown healthy gains no traffic: it is held, and people are asked."""

from inspect import cleandoc as block

from bot.release.model import ALL_STABLE
from bot.release.phases import Phase
from tests.scenarios.theatre import Person, Theatre


async def test_prometheus_away_for_three_minutes_neither_rolls_back_nor_promotes(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 30s auto")
    await theatre.until(Phase.BAKING)
    theatre.metrics.away = "connection refused"
    await theatre.pass_(180)
    assert theatre.weights() == "50/50"
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○   50 %  100 %
        watching · 3 min
        traffic   ordered 50 %
        verdict   no data: prometheus is unavailable: connection refused
        [Wait longer] [Go on anyway] [Pause] [Roll back] [Details]
        """)
    theatre.metrics.away = None
    await theatre.until(Phase.PROMOTED)


async def test_errors_that_stable_has_too_hold_and_ask(theatre: Theatre, ana: Person) -> None:
    theatre.failing |= {"v1.3.0": 0.2, "v1.2.9": 0.2}
    await ana.types("checkout v1.3.0 canary 50% every 30s auto")
    await theatre.until(Phase.BAKING)
    await theatre.until(Phase.GATE, within=240)
    assert theatre.weights() == "50/50"
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○   50 %  100 %
        needs you · 3 min
        traffic   ordered 50 %   observed 50.0 %
        errors    canary 20.00 %   stable 20.00 %   limit 0.50 %   …
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   errors 20.00 % in 10 s, but stable has 20.00 % too: the cause lies elsewhere
        [Wait longer] [Go on anyway] [Pause] [Roll back] [Details]
        """)
    assert theatre.notice(-1) == block("""
        Needs you   checkout v1.2.9 → v1.3.0 (R-1001): errors 20.00 % in 10 s, but stable has 20.00 % too:
        the cause lies elsewhere.
        The buttons are on its live message. To go on: @shop-leads (not the requester). To roll back:
        members of #shop-releases.
        """)
    theatre.failing.clear()
    await theatre.until(Phase.PROMOTED)


async def test_too_few_requests_hold_and_ask_at_the_deadline(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 30s")
    await theatre.until(Phase.BAKING)
    theatre.rates["checkout"] = 0.2
    await theatre.pass_(60)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○   50 %  100 %
        watching · 1 min
        traffic   ordered 50 %   observed 50.0 %
        errors    canary -         stable -         limit 0.50 %   …
        p95       canary -         stable -         limit +20 %    …
        verdict   not enough traffic: 1 of 20 requests in 10 s
        [Wait longer] [Go on anyway] [Pause] [Roll back] [Details]
        """)
    await theatre.until(Phase.GATE, within=240)
    assert (
        theatre.channel()[-1]
        == "checkout v1.2.9 → v1.3.0 (R-1001) needs you: not enough traffic: 1 of 20 requests in 10 s."
    )
    assert await bo.presses("Wait longer") is None
    assert theatre.thread()[-1] == "Prolonged: waits longer"
    await theatre.pass_(170)
    assert len(theatre.channel()) == 2
    await theatre.pass_(11)
    assert theatre.channel()[-1] == theatre.channel()[-2]
    assert await ana.presses("Go on anyway") == block("""
        You started this release, so somebody else has to promote it.
        Ask somebody else of @shop-leads.
        """)
    assert await bo.presses("Go on anyway") == "dialog: Go on anyway"
    assert await bo.submits("  ") == "A reason is needed to go on without data."
    assert await bo.submits("it is night, nobody buys") is None
    assert theatre.thread()[-2:] == [
        "Next stage: 100 % of the requests, because “it is night, nobody buys”",
        "Weight ordered: 100 % to the canary",
    ]
    assert theatre.weights() == "0/100"
    assert await bo.submits("it is night, nobody buys") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001): moving traffic at 100 %. That was meant for an earlier moment;
        nothing was done.
        """)


async def test_wait_longer_before_the_deadline_puts_it_off(theatre: Theatre, ana: Person, bo: Person) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 30s")
    await theatre.until(Phase.BAKING)
    theatre.rates["checkout"] = 0.2
    await theatre.pass_(100)
    assert await bo.presses("Wait longer") is None
    await theatre.pass_(170)
    assert (await theatre.release()).phase is Phase.BAKING
    await theatre.until(Phase.GATE, within=30)


async def test_a_weight_that_is_not_in_effect_is_said_and_asked_about(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    theatre.stuck["checkout"] = ALL_STABLE
    await ana.types("checkout v1.3.0 canary 5% 50% every 30s")
    await theatre.pass_(40)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○   5 %  50 %  100 %
        moving traffic · 40 s
        traffic   ordered 5 %   observed 0.0 %
        errors    canary -         stable -         limit 0.50 %   …
        p95       canary -         stable -         limit +20 %    …
        verdict   not enough traffic: 0 of 20 requests in 10 s
        The weight is not in effect: 0.0 % of the requests reach the canary, 5 % is ordered; istiod may be
        away, or proxies refuse some object; istioctl proxy-status tells.
        [Wait longer] [Go on anyway] [Pause] [Roll back] [Details]
        """)
    await theatre.pass_(180)
    assert (await theatre.release()).phase is Phase.SHIFTING
    assert theatre.notice(-1) == block("""
        Needs you   checkout v1.2.9 → v1.3.0 (R-1001): the weight is not in effect: 0.0 % of the requests
        reach the canary, 5 % is ordered; istiod may be away, or proxies refuse some object; istioctl
        proxy-status tells.
        The buttons are on its live message. To go on: @shop-leads (not the requester). To roll back:
        members of #shop-releases.
        """)
    assert await bo.presses("Wait longer") is None
    assert await bo.presses("Go on anyway") == "dialog: Go on anyway"
    assert await bo.submits("the mesh is blind, the logs are fine") is None
    assert (
        theatre.thread()[-1] == "Weight in effect: taken as in effect: the mesh is blind, the logs are fine"
    )
    assert (await theatre.release()).phase is Phase.BAKING


async def test_no_metrics_at_all_hold_the_first_weight(theatre: Theatre, ana: Person) -> None:
    theatre.metrics.away = "no route to host"
    await ana.types("checkout v1.3.0 canary 5% 50% every 30s auto")
    await theatre.pass_(190)
    assert theatre.weights() == "95/5"
    assert theatre.notice(-1) == block("""
        Needs you   checkout v1.2.9 → v1.3.0 (R-1001): the weight is not in effect: no data: prometheus is
        unavailable: no route to host.
        The buttons are on its live message. To go on: @shop-leads (not the requester). To roll back:
        members of #shop-releases.
        """)
