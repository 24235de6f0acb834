"""Questions: answered to their author alone, and nothing is changed."""

from inspect import cleandoc as block

import pytest

from bot.release.phases import Phase
from tests.scenarios.theatre import Person, Theatre


async def test_a_plan_says_what_would_be_checked_and_done(theatre: Theatre, ana: Person) -> None:
    assert await ana.types("plan checkout v1.3.0 canary 5% 100% every 2m auto") == block("""
        Plan: checkout v1.2.9 → v1.3.0
        lock      checkout, told in #shop-releases
        canary    checkout-canary with registry.example/shop/checkout:v1.3.0
        stage 1   5 %, 1 pod, watch 2 min, then go on when healthy
        stage 2   100 %, 3 pods, watch 2 min, then go on when healthy
        promote   checkout gets the image, traffic returns to it, the canary goes
        rules     errors over 0.5 % in 2 min roll back
        rules     errors over 5 % in 10 s roll back at once
        rules     p95 over +20 % of stable in 2 min rolls back
        rules     p95 over +100 % of stable in 10 s rolls back at once
        who       promotes: @shop-leads (not the requester); rolls back: members of #shop-releases
        note      selectors that name the app label alone (an HPA's, a PDB's) count canary pods too
        It could start now. Nothing was done.
        """)
    assert theatre.cluster.writes == []
    assert theatre.channel() == []


@pytest.mark.parametrize(
    ("floor", "ceiling", "line"),
    [
        (2, 10, "keeps at least 3 pods while the release lives, not 2; given back after"),
        (
            1,
            2,
            "keeps at least 2 pods, the most it allows, while the release lives, not 1; given back after",
        ),
        (3, 10, "keeps at least 3 pods already"),
    ],
)
async def test_a_plan_says_what_becomes_of_an_autoscaler_and_that_it_counts_the_canary(
    theatre: Theatre, ana: Person, floor: int, ceiling: int, line: str
) -> None:
    theatre.cluster.autoscale(theatre.service(), floor, ceiling)
    assert (await ana.types("plan checkout v1.3.0")).splitlines()[2:4] == [
        f"floor     HorizontalPodAutoscaler shop/checkout {line}",
        "          it counts the canary's pods too: they have the labels it finds its own by",
    ]
    assert theatre.cluster.writes == []


async def test_a_plan_says_nothing_of_an_autoscaler_that_counts_stable_alone(
    theatre: Theatre, ana: Person
) -> None:
    theatre.cluster.autoscale(theatre.service(), floor=3).counts_canary = False
    assert (await ana.types("plan checkout v1.3.0")).splitlines()[2:4] == [
        "floor     HorizontalPodAutoscaler shop/checkout keeps at least 3 pods already",
        "canary    checkout-canary with registry.example/shop/checkout:v1.3.0",
    ]


@pytest.mark.parametrize("adopted", [False])
async def test_a_plan_says_what_adoption_changes(theatre: Theatre, ana: Person) -> None:
    assert (await ana.types("plan checkout v1.3.0")).splitlines()[:8] == [
        "Plan: checkout v1.2.9 → v1.3.0",
        "lock      checkout, told in #shop-releases",
        "adopt     pods of checkout get the label lockmaster.dev/track: stable (one rolling update)",
        "          DestinationRule checkout gets the subsets stable and canary",
        "          15 s later VirtualService checkout names them, 100 and 0",
        "canary    checkout-canary with registry.example/shop/checkout:v1.3.0",
        "stage 1   5 %, 1 pod, watch 1 min, then ask",
        "stage 2   25 %, 1 pod, watch 1 min, then ask",
    ]
    answer = await ana.types("check checkout")
    assert (
        answer
        == "checkout is ready for releases (not adopted yet; the first release does that as its first stage)."
    )


async def test_a_plan_says_what_would_refuse_it(theatre: Theatre, ana: Person, cy: Person) -> None:
    await ana.types("checkout v1.3.0")
    assert (await cy.types("plan checkout v1.2.9")).splitlines()[-9:] == [
        "who       promotes: @shop-leads (not the requester); rolls back: members of #shop-releases",
        "note      selectors that name the app label alone (an HPA's, a PDB's) count canary pods too",
        "✗ You may not start checkout: members of #shop-releases may, and you are not one. Join",
        "#shop-releases, or ask somebody there.",
        "",
        "✗ checkout runs v1.2.9 already. Nothing was done.",
        "",
        "✗ Locked: held by ana (R-1001) since 09:00 UTC (0 s): v1.2.9 → v1.3.0.",
        "It would be refused now. Nothing was done.",
    ]


async def test_a_plan_works_without_redis(theatre: Theatre, ana: Person) -> None:
    theatre.redis.begin()
    lines = (await ana.types("plan checkout v1.3.0")).splitlines()
    assert lines[-1] == "It could start now. Nothing was done."


async def test_what_can_be_told_without_redis_is_told(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    theatre.redis.begin()
    assert await ana.types("status") == block("""
        checkout             R-1001 v1.2.9 → v1.3.0 at 25 %, watching (ana, 3 s)
        payments             no release yet
        """)
    assert await ana.types("show R-1001") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001): watching, started by ana
        09:00:00  Started: v1.2.9 → v1.3.0 (ana)
        09:00:00  Set out: holds the route object (ana)
        09:00:00  Weight ordered: 25 % to the canary (Lockmaster)
        09:00:03  Weight in effect: 25.0 % of the requests reach the canary (Lockmaster)
        """)
    assert await ana.types("history checkout") == block("""
        Redis cannot be reached (switched off by the test), so this cannot be done now.
        Try again in a minute. A rollback works all the same.
        """)


async def test_status_tells_what_is_live_and_who_waits(theatre: Theatre, ana: Person, dee: Person) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    await dee.types("pause checkout")
    await dee.types("lock payments incident for 1h")
    assert await ana.types("status") == block("""
        checkout             R-1001 v1.2.9 → v1.3.0 at 25 %, watching, paused (ana, 3 s)
        payments             no release yet
        """)
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    await theatre.pass_(60)
    assert (
        await ana.types("status checkout")
        == "checkout             R-1001 v1.2.9 → v1.3.0: rolled back 1 min ago"
    )


async def test_help_explains_every_word(theatre: Theatre, ana: Person) -> None:
    assert await ana.types("") == await ana.types("help")
    assert (await ana.types("help")).splitlines()[:5] == [
        "/release SERVICE VERSION [canary WEIGHT…] [every DURATION] [auto|ask] [because REASON]",
        "/release plan SERVICE VERSION …",
        "/release status [SERVICE]",
        "/release show RELEASE",
        "/release history SERVICE",
    ]
    assert await ana.types("help rollback") == block("""
        /release rollback SERVICE [to VERSION] [because REASON]
        Bring traffic back to stable at once; after the end, to the version before, warmed first.
          e.g. /release rollback checkout
          e.g. /release rollback checkout to v1.2.9
          e.g. /release rollback checkout because payments fail
        """)


async def test_a_long_story_leaves_out_its_beginning(theatre: Theatre, ana: Person, dee: Person) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    for _ in range(20):
        await dee.types("pause checkout")
        await dee.types("resume checkout")
    shown = (await ana.types("show R-1001")).splitlines()
    assert (len(shown), shown[-1]) == (42, "4 earlier events are left out.")
