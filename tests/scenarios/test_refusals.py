"""What is not done, and what its author alone is told instead."""

from inspect import cleandoc as block

import pytest

from bot.config.load import parse_catalogue
from bot.errors import Reason, ReasonCode
from bot.ports.workloads import Track
from bot.release.phases import Phase
from tests.scenarios.conftest import SERVICES
from tests.scenarios.theatre import CHANNEL, Person, Theatre


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
        There is no service `chekout` in the catalogue.
        Did you mean checkout?
        """)
    assert await ana.types("status zebra") == block("""
        There is no service `zebra` in the catalogue.
        There are: checkout, payments.
        """)


async def test_who_is_not_in_the_channel_may_not_start(theatre: Theatre, cy: Person) -> None:
    assert await cy.types("checkout v1.3.0") == block("""
        You may not start checkout: members of #shop-releases may, and you are not one.
        Join #shop-releases, or ask somebody there.
        """)
    assert await cy.types("lock checkout because I like it") == block("""
        You may not lock checkout: members of #shop-releases may, and you are not one.
        Join #shop-releases, or ask somebody there.
        """)
    assert theatre.cluster.writes == []
    assert theatre.audit() == [
        "cy: refused: not_a_member",
        "cy: refused: not_a_member",
    ]


async def test_who_is_not_in_the_group_may_not_promote(theatre: Theatre, ana: Person, dee: Person) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    assert await dee.presses("Promote to 25 %") == block("""
        You may not promote checkout: @shop-leads (not the requester) may.
        Ask somebody of @shop-leads.
        """)
    assert await dee.types("promote checkout") == block("""
        You may not promote checkout: @shop-leads (not the requester) may.
        Ask somebody of @shop-leads.
        """)
    assert theatre.weights() == "95/5"


async def test_the_requester_does_not_promote_her_own_release(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    assert await ana.presses("Promote to 25 %") == block("""
        You started this release, so somebody else has to promote it.
        Ask somebody else of @shop-leads.
        """)
    assert theatre.audit()[-1] == "ana: press promote: requester_excluded"


async def test_a_guest_or_somebody_deactivated_may_do_nothing(theatre: Theatre, ana: Person) -> None:
    theatre.directory.add("U5EVE", "eve", CHANNEL, active=False)
    eve = theatre.person("U5EVE", "eve")
    nobody = theatre.person("U9", "")
    assert await eve.types("checkout v1.3.0") == block("""
        You may not start checkout: only full, active members of this workspace may.
        Ask somebody in #shop-releases.
        """)
    assert await nobody.types("checkout v1.3.0") == await eve.types("checkout v1.3.0")
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    assert await eve.presses("Roll back") == block("""
        You may not roll back checkout: only full, active members of this workspace may.
        Ask somebody in #shop-releases.
        """)
    assert theatre.weights() == "95/5"


async def test_a_role_that_was_taken_away_counts_at_the_press(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    theatre.directory.team("@shop-leads", "U1ANA")
    assert await bo.presses("Promote to 25 %") == block("""
        You may not promote checkout: @shop-leads (not the requester) may.
        Ask somebody of @shop-leads.
        """)


async def test_while_slack_is_away_nobody_promotes_and_anybody_rolls_back(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    theatre.directory.away = True
    assert await bo.types("promote checkout") == block("""
        Slack cannot be asked who you are, so nobody may promote just now.
        Try again in a minute. A rollback works all the same.
        """)
    assert await bo.types("pause checkout") == block("""
        Slack cannot be asked who you are, so nobody may pause or resume just now.
        Try again in a minute. A rollback works all the same.
        """)
    assert theatre.weights() == "95/5"
    assert (
        await bo.types("rollback checkout")
        == "Rolling back checkout v1.2.9 → v1.3.0 (R-1001): traffic goes to v1.2.9."
    )
    assert theatre.weights() == "100/0"


async def test_nobody_with_no_right_to_it_rolls_back(theatre: Theatre, ana: Person, cy: Person) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.BAKING)
    assert await cy.presses("Roll back") == block("""
        You may not roll back checkout: members of #shop-releases may, and you are not one.
        Join #shop-releases, or ask somebody there.
        """)
    assert theatre.weights() == "95/5"


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
    await theatre.bot.front.pressed(ana.speaks(), "start_anyway", "checkout v1.3.0")
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
            Prepare it where its manifests are kept: lockmaster adopt --print writes them.
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
    answer = await theatre.bot.front.pressed(ana.speaks(), "start_anyway", "checkout v1.3.0")
    assert answer is not None
    assert answer.summary == "Namespace shop does not exist."


async def test_without_redis_no_release_starts(theatre: Theatre, ana: Person) -> None:
    theatre.redis.begin()
    assert await ana.types("checkout v1.3.0") == block("""
        Redis cannot be reached (switched off by the test), so this cannot be done now.
        Nothing was changed. Try again in a minute. A rollback works all the same.
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
        Nothing was changed. Try again in a minute. A rollback works all the same.
        """)
    assert theatre.cluster.writes == []


async def test_without_the_cluster_nothing_starts(theatre: Theatre, ana: Person) -> None:
    theatre.cluster.down = "no answer in 5 s"
    assert await ana.types("checkout v1.3.0") == block("""
        Kubernetes cannot be reached (no answer in 5 s), so this cannot be done now.
        Nothing was changed. Try again in a minute. Until it answers no traffic can be moved, not back
        either.
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
