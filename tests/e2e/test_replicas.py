"""Two replicas on the real API server: one asleep, killed, or told to stop in the middle of a release."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from sandbox.kube.document import Document
from tests.e2e.cluster.audit import WRITES, Entry
from tests.e2e.replica import Replica
from tests.e2e.site import CHANNEL, PATIENCE, Site
from tests.e2e.sleeper import Bed
from tests.support.until import until, work

ASLEEP = 60.0
CONFLICT = 409


def asked(site: Site, *bots: Replica) -> list[Entry]:
    """Every write that these bots asked for, whatever came of it."""
    users = {bot.user for bot in bots}
    return [one for one in site.audit() if one.user in users and one.verb in WRITES]


def routes(site: Site) -> list[Entry]:
    """The writes of the route object by any bot that took effect."""
    return [one for one in asked(site, *site.bots) if one.resource == "virtualservices" and one.took_effect]


async def left(site: Site) -> dict[str, Document]:
    """What releases write, by kind and name, as people would read it."""
    return {
        f"{plural}/{found['metadata']['name']}": {
            "annotations": found["metadata"].get("annotations"),
            "spec": found["spec"],
        }
        for plural in ("deployments", "virtualservices", "destinationrules")
        for found in await site.api.listed(plural, site.namespace)
    }


async def falls_asleep(site: Site, pattern: str) -> Replica:
    """A release of payments by two replicas is promoted; one sleeps before the write that fits, and the other hears "rollback"."""
    bed = Bed(site.folder / "bed")
    bots = [await site.start_bot(program=bed.program) for _ in range(2)]
    await site.types("ana", "payments v1.3.0 canary 100% every 1s ask")
    await site.reaches("payments", "gate")
    bed.make(pattern)
    # Who sleeps may be the one that Slack waits for; the other does not wait, and may be at the same write.
    promoting = asyncio.create_task(site.types("bo", "promote payments"))
    sleeper, awake = await bed.sleeper(bots, PATIENCE)
    assert (await site.record("payments"))["phase"] in {"promoting", "finishing"}
    site.slack_calls(awake)
    await asyncio.gather(promoting, site.types("ana", "rollback payments"))
    return sleeper


async def is_rolled_back(site: Site) -> None:
    """Wait until the other has done it, to the very end: nothing is left that a replica would have to write."""
    await site.reaches("payments", "rolled_back")

    async def is_tidied() -> bool:
        return bool((await site.record("payments"))["tidied"])

    await until(is_tidied, within=PATIENCE)


async def wakes_in_vain(site: Site, sleeper: Replica) -> None:
    """It tries the write that it slept over, is refused, and lets it be; it is of use again, and ends in peace."""
    before, slept = await left(site), len(asked(site, sleeper))

    sleeper.wake()
    await until(lambda: len(asked(site, sleeper)) > slept, within=PATIENCE)
    site.slack_calls(sleeper)
    assert "Nothing is locked." in (await site.types("ana", "locks")).texts
    assert await sleeper.leave() == 0

    assert {one.code for one in asked(site, sleeper)[slept:]} == {CONFLICT}
    assert await left(site) == before
    assert (await site.weights("payments"), await site.version("payments")) == ((100, 0), "v1.2.9")


async def test_f07_a_replica_asleep_for_a_minute_in_mid_promotion_changes_nothing_when_it_wakes(
    site: Site,
) -> None:
    """It was about to give stable the new image."""
    sleeper = await falls_asleep(site, r"patch Deployment/payments .*v1\.3\.0")

    await asyncio.gather(work(ASLEEP), is_rolled_back(site))

    await wakes_in_vain(site, sleeper)


async def test_f07_a_replica_that_slept_over_its_last_write_to_the_route_finds_it_refused(site: Site) -> None:
    """Stable has the new image already, and gets the old one back."""
    sleeper = await falls_asleep(site, r"patch VirtualService/payments .*finishing")

    await is_rolled_back(site)

    await wakes_in_vain(site, sleeper)


def last_writer(site: Site, bots: Sequence[Replica]) -> tuple[Replica, Replica]:
    """Of two replicas the one that wrote the route last, and the other."""
    writer, other = sorted(bots, key=lambda bot: bot.user != routes(site)[-1].user)
    return writer, other


async def in_mid_stage(site: Site) -> tuple[Replica, Replica]:
    """A release at half of the traffic: the replica that brought it there, and the other, which hears of Slack from now on."""
    bots = [await site.start_bot() for _ in range(2)]
    await site.types("ana", "payments v1.3.0 canary 50% 100% every 10s auto")
    await site.weighs("payments", (50, 50))
    writer, other = last_writer(site, bots)
    site.slack_calls(other)
    return writer, other


async def goes_on(site: Site) -> None:
    """To its end, with each step done once, one canary, and one live message."""
    await site.reaches("payments", "promoted")

    assert await site.version("payments") == "v1.3.0"
    found = [one.result["metadata"]["annotations"] for one in routes(site) if one.result]
    revisions = [int(one["lockmaster.dev/revision"]) for one in found]
    assert revisions == list(range(revisions[0], revisions[0] + len(revisions)))
    created = [one.name for one in asked(site, *site.bots) if one.verb == "create" and one.took_effect]
    assert created == ["payments-canary"]
    posted = Counter(
        str(one.get("metadata", {}).get("event_payload", {}).get("key"))
        for one in site.slack.messages("ana", CHANNEL)
    )
    assert posted["R-1001:card"] == 1
    assert set(posted.values()) == {1}


async def test_f08_the_release_of_a_replica_killed_in_mid_stage_goes_on_at_the_other(site: Site) -> None:
    killed, _ = await in_mid_stage(site)

    await killed.kill()

    await goes_on(site)


async def test_f05_a_replica_told_to_stop_in_mid_stage_ends_in_peace_and_the_other_goes_on(
    site: Site,
) -> None:
    leaving, _ = await in_mid_stage(site)

    assert await leaving.leave() == 0

    await goes_on(site)
