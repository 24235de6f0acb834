"""What is not done, and what its author alone is told instead."""

from inspect import cleandoc as block

import pytest

from bot.config.load import parse_catalogue
from bot.errors import Reason, ReasonCode
from bot.ports.workloads import Track
from bot.release.phases import Phase
from tests.scenarios.conftest import SERVICES
from tests.scenarios.theatre import Person, Theatre


async def test_a_malformed_command_is_answered_with_its_column(theatre: Theatre, ana: Person) -> None:
    assert await ana.types("checkout v1.3.0 canry 5%") == block("""
        Column 17: "canry" is not known here
        /release checkout v1.3.0 canry 5%
                                 ▲
        Expected canary, or every, or auto, or ask, or because, or the end.

        Nearest valid command: `/release checkout v1.3.0 canary 5%`
        Nothing was done. `/release help` explains every word.
        """)
    assert theatre.channel() == []
    assert theatre.audit() == [
        "ana: typed: bad_command",
    ]


async def test_an_unknown_service_gets_the_closest_names(theatre: Theatre, ana: Person) -> None:
    assert await ana.types("chekout v1.3.0") == block("""
        There is no service “chekout” in the catalogue.
        Did you mean checkout?
        """)
    assert await ana.types("status zebra") == block("""
        There is no service “zebra” in the catalogue.
        There are: checkout, payments.
        """)


async def test_a_version_that_runs_already_is_not_released(theatre: Theatre, ana: Person) -> None:
    assert await ana.types("checkout v1.2.9") == block("""
        checkout runs v1.2.9 already.
        Nothing was done.
        """)


async def test_a_version_that_was_rolled_back_is_released_again_after_a_question(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50%")
    await theatre.until(Phase.BAKING)
    await ana.types("rollback checkout because it smells")
    await theatre.until(Phase.ROLLED_BACK)
    await theatre.pass_(40)

    assert await ana.types("checkout v1.3.0") == block("""
        checkout v1.3.0 was rolled back in R-1001: it smells. Release it again?
        [Release it again]
        """)
    assert await theatre.releases.load("R-1002") is None
    assert await ana.presses_again("checkout v1.3.0") == block("""
        checkout v1.2.9 → v1.3.0 (R-1002) has started.

        Stages: 5 %, 25 %, 50 %, 100 %.
        Follow it in #shop-releases.
        """)
    assert (await theatre.release("R-1002")).target == "v1.3.0"


@pytest.mark.parametrize(("adopt", "adopted"), [("ask", False), ("never", False)])
async def test_a_service_that_may_not_be_adopted_by_the_way_is_refused(
    theatre: Theatre, ana: Person, adopt: str
) -> None:
    catalogue = parse_catalogue(
        SERVICES.replace("defaults:", f"defaults:\n  adopt: {adopt}"), "services.yaml"
    )
    theatre.catalogue = catalogue
    theatre.restart()
    answers = {
        "ask": block("""
            checkout is not prepared for releases yet.
            Type /release adopt checkout first.
            """),
        "never": block("""
            checkout is not prepared for releases yet.
            Prepare it where its manifests are kept: lockmaster adopt --print checkout writes them.
            """),
    }
    assert await ana.types("checkout v1.3.0") == answers[adopt]
    assert await ana.types("rollback checkout to v1.2.8") == answers[adopt]
    started = "checkout adoption (R-1001) has started.\nFollow it in #shop-releases."
    assert await ana.types("adopt checkout") == (answers["never"] if adopt == "never" else started)


async def test_what_is_missing_is_said_all_at_once(theatre: Theatre, ana: Person) -> None:
    reason = Reason(
        ReasonCode.NOT_READY, "2 routes of VirtualService shop/checkout lead to checkout.", "Leave one."
    )
    theatre.traffic.wrong["checkout"] = (reason,)
    theatre.cluster.delete_deployment(theatre.service(), Track.STABLE)
    assert await ana.types("checkout v1.3.0") == block("""
        checkout is not ready for this release; nothing was touched.

        • Deployment shop/checkout does not exist. Deploy the service once.

        • 2 routes of VirtualService shop/checkout lead to checkout. Leave one.
        """)
    assert await ana.types("check checkout") == block("""
        checkout is not ready for releases:

        • Deployment shop/checkout does not exist. Deploy the service once.

        • 2 routes of VirtualService shop/checkout lead to checkout. Leave one.
        """)
    assert await ana.types("check payments") == "payments is ready for releases (adopted)."
    theatre.traffic.wrong.clear()
    assert await ana.types("checkout v1.3.0") == block("""
        Deployment shop/checkout does not exist.
        Deploy the service once.
        """)


async def test_a_namespace_that_is_gone_is_named(theatre: Theatre, ana: Person) -> None:
    theatre.cluster.delete_namespace("shop")
    assert await ana.types("checkout v1.3.0") == "Namespace shop does not exist."
    assert await ana.presses_again("checkout v1.3.0") == "Namespace shop does not exist."


async def test_without_redis_no_release_starts(theatre: Theatre, ana: Person) -> None:
    theatre.redis.begin()
    assert await ana.types("checkout v1.3.0") == block("""
        Redis cannot be reached (switched off by the test), so this cannot be done now.
        Try again in a minute. A rollback works all the same.
        """)
    assert await ana.types("lock checkout because") == block("""
        Column 22: the command is not complete
        /release lock checkout because
                                      ▲
        Expected a reason such as "JIRA-12".

        Nearest valid command: `/release lock checkout "JIRA-12"`
        Nothing was done. `/release help` explains every word.
        """)
    assert await ana.types("locks") == block("""
        Redis cannot be reached (switched off by the test), so this cannot be done now.
        Try again in a minute. A rollback works all the same.
        """)
    assert theatre.cluster.writes == []


async def test_without_the_cluster_nothing_starts(theatre: Theatre, ana: Person) -> None:
    theatre.cluster.down = "no answer in 5 s"
    assert await ana.types("checkout v1.3.0") == block("""
        Kubernetes cannot be reached (no answer in 5 s), so this cannot be done now.
        Try again in a minute. Until it answers no traffic can be moved, not back either.
        """)


async def test_what_nobody_released_cannot_be_moved(theatre: Theatre, ana: Person) -> None:
    for command in ("promote", "pause", "resume"):
        assert await ana.types(f"{command} checkout") == block("""
            No release of checkout is live.
            /release history checkout lists the past ones.
            """)
    assert await ana.types("rollback checkout") == block("""
        No release is known that brought checkout v1.2.9, so the version before is not known.
        Name it: /release rollback checkout to VERSION.
        """)
    assert await ana.types("rollback checkout to v1.2.9") == "checkout runs v1.2.9 already."
    assert await ana.types("show R-7") == block("""
        There is no release R-7.
        /release history SERVICE lists the releases of a service.
        """)
    assert await ana.types("history checkout") == "checkout has not been released yet."
    assert await ana.types("unlock checkout") == "checkout is not locked."
    assert await ana.types("adopt checkout") == "checkout is adopted already."


async def test_a_release_cannot_be_promoted_before_it_was_watched(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    theatre.cluster.slow = True
    await ana.types("checkout v1.3.0")
    assert await bo.types("promote checkout") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001) cannot be promoted now: getting ready.
        Its message offers the button when it can.
        """)


async def test_a_paused_or_failing_or_unproven_release_is_not_promoted(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 every 10m")
    await theatre.until(Phase.BAKING)
    await ana.types("pause checkout")
    assert await bo.types("promote checkout") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001) is paused by ana.
        Resume it first.
        """)
    await ana.types("resume checkout")
    theatre.rates["checkout"] = 0.0
    await theatre.pass_(2)
    assert await bo.types("promote checkout") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001) cannot be shown healthy: not enough traffic: 0 of 20 requests in
        10 s.
        Wait for more requests, or press Go on anyway on its message, with a reason, when it is offered.
        """)
    theatre.rates["checkout"] = 100.0
    theatre.failing["v1.3.0"] = 0.5
    theatre._serve()
    theatre.bot.sampler._wake = theatre.quiet
    await theatre.bot.sampler.look()
    assert await bo.types("promote checkout") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001) is not healthy: errors 50.00 % in 10 s, limit 5.00 %.
        It rolls back by itself.
        """)
    theatre.restart()
    await theatre.pass_(1)
    assert await bo.types("promote checkout") == "checkout v1.2.9 → v1.3.0 (R-1001): rolling back."
    assert await bo.types("pause checkout") == "checkout v1.2.9 → v1.3.0 (R-1001): rolling back."


async def test_too_many_stages_are_refused(theatre: Theatre, ana: Person) -> None:
    weights = " ".join(f"{weight}%" for weight in range(1, 21))
    assert await ana.types(f"checkout v1.3.0 canary {weights}") == block("""
        21 stages are too many; at most 20 are possible.
        Leave some weights out, e.g. `canary 5% 25% 50% 100%`.
        """)
