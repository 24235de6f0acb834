"""Alerts: one that speaks of the new version rolls it back, once; one of the service alone asks; others change nothing."""

from inspect import cleandoc as block

import pytest

from bot.release.phases import Phase
from tests.scenarios.theatre import Person, Theatre, baking


async def test_an_alert_of_the_new_version_rolls_back_once_however_often_it_comes(
    theatre: Theatre, ana: Person
) -> None:
    await baking(theatre, ana)
    answers = [await theatre.alert({"version": "v1.3.0"}) for _ in range(20)]
    assert sorted(set(answers)) == [
        "R-1001 is being rolled back already",
        "checkout v1.2.9 → v1.3.0 (R-1001): rolled back",
    ]
    assert answers.count(answers[0]) == 1
    assert theatre.weights() == "100/0"
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.channel() == [
        "checkout v1.2.9 → v1.3.0 (R-1001): rolled back",
        "checkout v1.2.9 → v1.3.0 (R-1001) was rolled back.",
    ]
    assert theatre.notice(-1) == block("""
        Rolled back   checkout v1.2.9 → v1.3.0 (R-1001)

        Trigger: an alert: HighErrorRate: too many errors (alert HighErrorRate)

        Exposed: up to 25 % for 3 s

        Restored: v1.2.9; stable serves everything, seen in the traffic
        Not undone: whatever the new version wrote, and configuration outside the Deployment.
        Next: /release show R-1001 tells everything; release a mended version when it is ready.
        """)
    assert [line for line in theatre.audit() if line.startswith("alert")] == [
        "alert HighErrorRate: rollback_ordered: done",
        "alert HighErrorRate: alert: roll_back: done",
        "alert HighErrorRate: ended: done",
    ]


@pytest.mark.parametrize("label", [{"workload": "checkout-canary"}, {"track": "canary"}])
async def test_an_alert_of_the_canary_rolls_back(
    theatre: Theatre, ana: Person, label: dict[str, str]
) -> None:
    await baking(theatre, ana)
    answer = await theatre.alert(label)
    assert answer == "checkout v1.2.9 → v1.3.0 (R-1001): rolled back"
    assert theatre.weights() == "100/0"


@pytest.mark.parametrize(
    ("alert", "answer"),
    [
        ({"version": "v1.4.0"}, "it speaks of another version than v1.3.0: nothing done"),
        ({"workload": "checkout"}, "it speaks of another version than v1.3.0: nothing done"),
        (
            {"version": "v1.3.0", "namespace": "staging"},
            "its labels name no service of the catalogue: nothing done",
        ),
        (
            {"version": "v1.3.0", "service": "zebra"},
            "its labels name no service of the catalogue: nothing done",
        ),
        ({"version": "v1.3.0", "service": "payments"}, "no release of payments is live: nothing done"),
    ],
)
async def test_any_other_alert_changes_nothing(
    theatre: Theatre, ana: Person, alert: dict[str, str], answer: str
) -> None:
    await baking(theatre, ana)
    assert await theatre.alert(alert) == answer
    assert theatre.weights() == "75/25"
    assert (await theatre.release()).paused is None


async def test_a_resolved_alert_changes_nothing(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    answer = await theatre.alert({"version": "v1.3.0"}, status="resolved")
    assert answer == "not firing (resolved): nothing done"
    assert theatre.weights() == "75/25"


async def test_an_alert_older_than_the_release_changes_nothing(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    assert await theatre.alert({"version": "v1.3.0"}, age=60) == "it is older than R-1001: nothing done"
    assert theatre.weights() == "75/25"


async def test_an_alert_of_the_service_alone_pauses_and_asks(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await baking(theatre, ana)
    answer = await theatre.alert({})
    assert answer == "checkout v1.2.9 → v1.3.0 (R-1001): paused"
    assert theatre.notice(-1) == block("""
        Needs you   checkout v1.2.9 → v1.3.0 (R-1001): HighErrorRate: too many errors.
        The buttons are on its live message. To go on: @shop-leads (not the requester). To roll back:
        members of #shop-releases.
        """)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○   25 %  50 %  100 %
        watching · 3 s
        traffic   ordered 25 %
        errors    canary 0.00 %    stable 0.00 %    limit 0.50 %   ✓
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   healthy, 250 requests
        Paused by alert HighErrorRate: HighErrorRate: too many errors.
        [Resume] [Roll back] [Details]
        """)
    assert theatre.weights() == "75/25"
    assert await theatre.alert({}) == "R-1001 was told already"
    assert await bo.presses("Resume") is None
    assert (await theatre.release()).paused is None


async def test_an_alert_while_people_are_asked_already_changes_nothing(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    theatre.cluster.delete_route(theatre.service())
    await theatre.until(Phase.NEEDS_HUMAN, within=10)
    assert await theatre.alert({}) == "R-1001 waits for people already: nothing done"


async def test_an_alert_of_a_version_given_as_a_digest_is_understood_by_its_label(
    theatre: Theatre, ana: Person
) -> None:
    digest = "sha256:" + "ab" * 32
    await ana.types(f"checkout {digest} canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    await theatre.alert({"version": "sha256-abababababab"})
    assert theatre.weights() == "100/0"


async def test_an_alert_rolls_back_without_redis(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    theatre.redis.begin()
    assert await theatre.alert({"version": "v1.3.0"}) == "checkout v1.2.9 → v1.3.0 (R-1001): rolled back"
    assert await theatre.alert({"version": "v1.3.0"}) == "R-1001 is being rolled back already"
    assert theatre.weights() == "100/0"
