"""Kill -9 at any moment: the release goes on by itself, with one live message and one canary."""

import pytest

from bot.release.phases import Phase
from tests.scenarios.killing import kill_at
from tests.scenarios.theatre import Person, Theatre


def cards(theatre: Theatre) -> int:
    """How many live messages were ever posted."""
    return sum(
        1
        for entry in theatre.chat.entries
        if entry.thread is None and "canary" in str(entry.versions[0].blocks[0])
    )


async def healthy_end(theatre: Theatre, seconds: int = 240) -> None:
    await theatre.pass_(seconds)
    release = await theatre.release()
    assert release.phase is Phase.PROMOTED
    assert release.tidied
    assert theatre.weights() == "100/0"
    assert theatre.cluster.deployments["shop", "checkout"].image.endswith(":v1.3.0")
    assert [one.verb for one in theatre.cluster.writes].count("ensure_canary") == 1
    assert [one.verb for one in theatre.cluster.writes].count("remove_canary") == 1
    assert theatre.channel() == [
        "checkout v1.2.9 → v1.3.0 (R-1001): done",
        "checkout v1.2.9 → v1.3.0 (R-1001): done.",
    ]
    revisions = [event.revision for event in await theatre.releases.events("R-1001")]
    assert revisions == list(range(len(revisions)))


@pytest.mark.parametrize(
    "phase", [Phase.PREPARING, Phase.SHIFTING, Phase.BAKING, Phase.PROMOTING, Phase.FINISHING, Phase.PROMOTED]
)
async def test_a_killed_bot_goes_on_where_it_was(theatre: Theatre, ana: Person, phase: Phase) -> None:
    theatre.cluster.slow = True
    await ana.types("checkout v1.3.0 canary 5% 50% every 10s auto")
    if phase is not Phase.PREPARING:
        theatre.cluster.roll_out()
    if phase not in (Phase.PREPARING, Phase.PROMOTING):
        theatre.cluster.slow = False
    for _ in range(200):
        theatre.cluster.roll_out()
        if (await theatre.release()).phase is phase:
            break
        await theatre.pass_(1)
    assert (await theatre.release()).phase is phase
    theatre.restart()
    theatre.cluster.slow = False
    theatre.cluster.roll_out()
    await healthy_end(theatre)


async def test_a_bot_killed_while_it_asks_still_takes_the_answer(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s")
    await theatre.until(Phase.GATE)
    theatre.restart()
    await theatre.pass_(1)
    assert await bo.presses("Promote to 100 %") is None
    await theatre.until(Phase.GATE)
    theatre.restart()
    await theatre.pass_(1)
    assert await bo.presses("Finish") is None
    await theatre.until(Phase.PROMOTED)
    assert theatre.channel() == [
        "checkout v1.2.9 → v1.3.0 (R-1001): done",
        "checkout v1.2.9 → v1.3.0 (R-1001) needs you: 50 % is healthy.",
        "checkout v1.2.9 → v1.3.0 (R-1001) needs you: 100 % is healthy.",
        "checkout v1.2.9 → v1.3.0 (R-1001): done.",
    ]


async def test_a_bot_killed_while_it_rolls_back_rolls_back(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10m")
    await theatre.until(Phase.BAKING)
    kill_at(theatre.releases, "save", after=False)
    await ana.types("rollback checkout")
    theatre.restart()
    assert theatre.weights() == "100/0"
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.thread()[-2:] == [
        "Rollback: as asked",
        "Ended: stable serves everything, seen in the traffic",
    ]
    assert theatre.channel() == [
        "checkout v1.2.9 → v1.3.0 (R-1001): rolled back",
        "checkout v1.2.9 → v1.3.0 (R-1001) was rolled back.",
    ]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("part", "verb", "fewest"),
    [
        ("traffic", "write", 5),
        ("releases", "save", 5),
        ("journal", "append", 5),
        ("outbox", "put", 5),
        ("workloads", "ensure_canary", 1),
        ("workloads", "scale_canary", 1),
        ("workloads", "set_stable_image", 1),
        ("workloads", "remove_canary", 1),
        ("locks", "free", 1),
    ],
)
async def test_a_bot_killed_at_any_call_ends_the_release_all_the_same(
    theatre: Theatre, ana: Person, part: str, verb: str, fewest: int, *, after: bool
) -> None:
    """One kill at the first such call of each step, in one and the same release."""
    deaths = kill_at(getattr(theatre, part), verb, after=after)
    await ana.types("checkout v1.3.0 canary 25% every 5s auto")
    theatre.restart()
    killed, died_at = 0, -1
    while not (release := await theatre.release()).tidied:
        if deaths:
            killed, died_at, deaths = killed + 1, release.revision, []
        if died_at not in (-1, release.revision):
            died_at, deaths = -1, kill_at(getattr(theatre, part), verb, after=after)
        await theatre.pass_(1)
    await healthy_end(theatre, 1)
    assert killed + len(deaths) >= fewest
    assert cards(theatre) == 1
