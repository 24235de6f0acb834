"""Several people at once, old buttons, doubled presses."""

import asyncio
from inspect import cleandoc as block

from bot.messages.model import Message
from bot.messages.terminal import render
from bot.release.phases import Phase
from tests.scenarios.theatre import CHANNEL, Person, Theatre


async def test_of_two_engineers_at_once_one_wins(theatre: Theatre, ana: Person, dee: Person) -> None:
    answers = await asyncio.gather(ana.types("checkout v1.3.0 canary 5%"), dee.types("checkout v1.4.0"))
    assert list(answers) == [
        block("""
            checkout v1.2.9 → v1.3.0 (R-1001) has started.

            Stages: 5 %, 25 %, 50 %, 100 %.
            Follow it in #shop-releases.
            """),
        block("""
            checkout is locked: held by ana (R-1001) since 09:00 UTC (0 s): v1.2.9 → v1.3.0.
            You are number 1 in the queue, and are told when it is free; nothing starts by itself.
            """),
    ]
    await theatre.until(Phase.BAKING)
    assert [one.target for one in await theatre.releases.history("checkout", 9)] == ["v1.3.0"]


async def test_of_two_hundred_at_once_one_wins_and_each_other_gets_a_place(theatre: Theatre) -> None:
    crowd = []
    for number in range(200):
        theatre.directory.add(f"U{number}", f"engineer {number}", CHANNEL)
        crowd.append(theatre.person(f"U{number}", f"engineer {number}"))
    front = theatre.bot.front
    answers = [
        render(one)
        for one in await asyncio.gather(*(front.typed(one.speaks(), "checkout v1.3.0") for one in crowd))
    ]
    assert answers[0] == block("""
        checkout v1.2.9 → v1.3.0 (R-1001) has started.

        Stages: 5 %, 25 %, 50 %, 100 %.
        Follow it in #shop-releases.
        """)
    assert answers[1] == block("""
        checkout is locked: held by engineer 0 (R-1001) since 09:00 UTC (0 s): v1.2.9 → v1.3.0.
        You are number 1 in the queue, and are told when it is free; nothing starts by itself.
        """)
    assert answers[199] == block("""
        checkout is locked: held by engineer 0 (R-1001) since 09:00 UTC (0 s): v1.2.9 → v1.3.0.
        You are number 199 in the queue, and are told when it is free; nothing starts by itself.
        """)
    assert len(set(answers)) == 200
    await theatre.until(Phase.BAKING)
    assert [one.verb for one in theatre.cluster.writes].count("ensure_canary") == 1


async def test_who_waits_first_is_told_when_the_service_is_free(
    theatre: Theatre, ana: Person, dee: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10m")
    await dee.types("checkout v1.4.0 canary 1%")
    assert await bo.types("checkout v1.5.0") == block("""
        checkout is locked: held by ana (R-1001) since 09:00 UTC (0 s): v1.2.9 → v1.3.0.
        You are number 2 in the queue, and are told when it is free; nothing starts by itself.
        """)
    assert await bo.types("checkout v1.5.0") == block("""
        checkout is locked: held by ana (R-1001) since 09:00 UTC (0 s): v1.2.9 → v1.3.0.
        You are number 2 in the queue, and are told when it is free; nothing starts by itself.
        """)
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    await theatre.pass_(2)
    assert theatre.whispered("U4DEE") == [
        block("""
            checkout is free now, and you are the first who waited. Nothing was started; type `/release checkout
            v1.4.0 canary 1%` to go.
            """),
    ]
    assert theatre.whispered("U2BO") == []
    assert await theatre.releases.load("R-1004") is None


async def test_a_second_press_changes_nothing_and_tells_its_presser(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    seen = theatre.standing()
    assert await bo.presses_on(seen, "Promote to 25 %") is None
    assert await bo.presses_on(seen, "Promote to 25 %") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001): moving traffic at 25 %. That was meant for an earlier moment;
        nothing was done.
        """)
    await theatre.until(Phase.GATE)
    assert theatre.weights() == "75/25"
    assert await bo.presses_on(seen, "Promote to 25 %") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001): needs you at 25 %. That was meant for an earlier moment; nothing
        was done.
        """)
    assert theatre.weights() == "75/25"


async def test_two_presses_in_one_moment_promote_once(theatre: Theatre, ana: Person, bo: Person) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    token = (await theatre.release()).token
    front = theatre.bot.front
    await asyncio.gather(*(front.pressed(bo.speaks(), "promote", token) for _ in range(3)))
    await theatre.pass_(5)
    assert theatre.weights() == "75/25"
    assert (await theatre.releases.recall("R-1001"))[1] == ()


async def test_a_button_of_an_ended_release_says_so(theatre: Theatre, ana: Person, bo: Person) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    seen = theatre.standing()
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    answer = await bo.presses_on(seen, "Promote to 25 %")
    assert answer == "checkout v1.2.9 → v1.3.0 (R-1001): rolled back. It has ended; nothing was done."
    assert await bo.presses_on(seen, "Roll back") == await bo.presses_on(seen, "Promote to 25 %")


async def test_a_button_nobody_knows_is_refused(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0")
    front, said = theatre.bot.front, []
    for action, value in (
        ("explode", "R-1001:0:2"),
        ("start_anyway", "status"),
        ("start_anyway", "???"),
        ("promote", "R-9:0:1"),
    ):
        answer = await front.pressed(ana.speaks(), action, value)
        assert isinstance(answer, Message)
        said.append(answer.summary)
    assert said == [
        "This button is not known any more.",
        "This button is not known any more.",
        'Column 1: "???" is not a service: a name has letters, digits and hyphens',
        "There is no release R-9.",
    ]
    answer = await theatre.bot.front.submitted(ana.speaks(), "explode", "R-1001:0:2", "why not")
    assert answer is not None
    assert answer.summary == "This dialog is not known any more."


async def test_two_approvals_are_needed_where_the_catalogue_says_so(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    theatre.approvers('{group: "@shop-leads", count: 2}')
    await ana.types("checkout v1.3.0 canary 50% every 10s")
    await theatre.until(Phase.GATE)
    assert (
        await bo.types("promote checkout")
        == "Your approval of checkout v1.2.9 → v1.3.0 (R-1001) counts; 2 people have to promote."
    )
    await theatre.pass_(6)
    assert theatre.weights() == "50/50"
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○   50 %  100 %
        needs you · 18 s
        traffic   ordered 50 %   observed 50.0 %
        errors    canary 0.00 %    stable 0.00 %    limit 0.50 %   ✓
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   healthy, 500 requests
        Approved so far by @bo; more have to.
        [Promote to 100 %] [Pause] [Roll back] [Details]
        """)
    assert await bo.presses("Promote to 100 %") is None
    await theatre.pass_(6)
    assert theatre.weights() == "50/50"
    assert await ana.presses("Promote to 100 %") is None
    await theatre.until(Phase.SHIFTING)
    assert theatre.card().splitlines()[1] == "started by @ana · approved by @bo, @ana"
