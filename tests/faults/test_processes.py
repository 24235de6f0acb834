"""Several bots on one cluster and one store: killed, stopped in peace, paused, blocked, and started anew."""

import asyncio
import signal

import pytest

from sandbox.kube import Interference
from tests.faults.births import nursery, world
from tests.faults.bots import Bot, Death
from tests.faults.stand import ANA, BO, PATIENCE, STABLE, TARGET, Stand
from tests.faults.stories import PROMOTED, ROLLED_BACK, SERVICE, Story, Telling, violations
from tests.support.until import until

__all__ = ["nursery", "world"]

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="module")]
WRITE = f"kubernetes patch VirtualService/{SERVICE}"
START = f"{SERVICE} {TARGET} canary 50% 100% every 1s ask"


async def bots(world: Stand, *deaths: Death) -> list[Bot]:
    """One bot a death, all ready; Slack calls the last."""
    started = [await world.start_bot(death) for death in deaths]
    await asyncio.gather(*(bot.ready(world.http) for bot in started))
    return started


async def ended(world: Stand, story: Story) -> None:
    """The rest of a story, by whoever is alive; and nothing is wrong with it."""
    await Telling(world, story).goes_on()
    assert await violations(world, story) == []


async def test_f05_told_to_stop_it_takes_no_more_work_and_hands_over_what_it_has(world: Stand) -> None:
    staying, leaving = await bots(world, Death(), Death())
    await world.types(START)
    await world.reaches(SERVICE, "gate")
    world.kube.interferences.add(Interference(method="PATCH", path="virtualservices", delay=60.0))
    await world.types(f"promote {SERVICE}", BO)
    leaving.send(signal.SIGTERM)
    answers = set()
    while not leaving.ended.done():
        answers.add(await leaving.status("readyz", world.http))
    assert answers - {200} == {503, 0}
    assert leaving.ended.result() == 0
    assert await world.types(f"status {SERVICE}") == ['/release failed with the error "dispatch_failed"']
    world.call(staying)
    await ended(world, PROMOTED)


async def test_f05_a_rolling_upgrade_with_a_live_release_loses_nothing(world: Stand) -> None:
    old = await bots(world, Death(), Death())
    await world.types(START)
    await world.reaches(SERVICE, "shifting")
    for each in old:
        await bots(world, Death())
        each.send(signal.SIGTERM)
        assert await each.ended == 0
    await ended(world, PROMOTED)


async def test_f07_a_bot_paused_before_its_write_finds_it_refused_when_it_wakes(world: Stand) -> None:
    _, sleeper = await bots(world, Death(), Death(WRITE, 2, "before", manner="stop"))
    await world.types(START)
    world.call(world.bots[0])
    await world.reaches(SERVICE, "baking", "gate")
    before = len(world.routes[SERVICE])
    sleeper.send(signal.SIGCONT)
    await until(
        lambda: "step" in sleeper.log.read_text() and len(world.routes[SERVICE]) > before, within=PATIENCE
    )
    await ended(world, PROMOTED)


async def test_f07_a_bot_paused_before_it_promotes_does_nothing_after_a_rollback(world: Stand) -> None:
    _, sleeper = await bots(world, Death(), Death(WRITE, 4, "before", manner="stop"))
    await world.types(START)
    await world.reaches(SERVICE, "gate")
    world.call(world.bots[0])
    await world.types(f"rollback {SERVICE}", ANA)
    await world.reaches(SERVICE, "rolled_back")
    sleeper.send(signal.SIGCONT)
    await ended(world, ROLLED_BACK)


async def test_f08_two_bots_that_resume_one_release_write_each_step_once(world: Stand) -> None:
    (first,) = await bots(world, Death())
    await world.types(START)
    await world.reaches(SERVICE, "shifting")
    await first.kill()
    await bots(world, Death(), Death())
    await ended(world, PROMOTED)


async def test_f09_a_bot_whose_loop_is_blocked_does_not_answer_the_probe_and_loses_its_turn(
    world: Stand,
) -> None:
    _, blocked = await bots(world, Death(), Death(WRITE, 2, "before", manner="block"))
    await world.types(START)
    world.call(world.bots[0])
    await world.reaches(SERVICE, "baking", "gate")
    assert await blocked.status("livez", world.http) == 0
    await blocked.ready(world.http)
    await ended(world, PROMOTED)


async def test_any_bot_takes_a_command_a_press_and_an_alert(world: Stand) -> None:
    third, second, _ = await bots(world, Death(), Death(), Death())
    await world.types(START)
    await until(
        lambda: f"{SERVICE} {STABLE} → {TARGET} (R-1001) has started." in world.whispers(ANA), within=PATIENCE
    )
    await world.reaches(SERVICE, "gate")
    world.call(second)
    token = f"R-1001:0:{world.route(SERVICE).state['attempt']}"
    await until(lambda: (world.offers("Promote to 100 %") or ("", "", ""))[2] == token, within=PATIENCE)
    assert await world.presses("Promote to 100 %") is None
    await until(lambda: world.route(SERVICE).canary == 100, within=PATIENCE)
    assert (await world.alerts(SERVICE, third)).endswith("rolled back")
    await world.reaches(SERVICE, "rolling_back")


@pytest.mark.parametrize(
    "death",
    [
        Death(WRITE, 1, "before"),
        Death("redis save", 2, "before"),
    ],
    ids=str,
)
async def test_a_killed_bots_release_goes_on_at_another(world: Stand, death: Death) -> None:
    _, mortal = await bots(world, Death(), death)
    await world.types(START)
    await mortal.ended
    world.call(world.bots[0])
    await ended(world, PROMOTED)
