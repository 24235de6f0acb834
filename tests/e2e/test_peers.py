"""Four ways in which Argo Rollouts and Flagger were measured to fail their users, on the real API server.

The fourth, an unready pod of stable that holds up a rollback, stands in `test_a_release`.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.clock import SystemClock
from adapters.cluster import Cluster
from bench.services import names
from bot.config.load import parse_catalogue
from bot.reconciler.cadence import BEHIND, LOOKS
from bot.release.phases import Phase
from sandbox.world.alerts import notice
from tests.e2e.cluster.plane import BOTS, Plane
from tests.e2e.installed import RealTheatre
from tests.e2e.replica import Replica
from tests.e2e.site import Site, staged
from tests.support.until import until

LATE, NEVER = 30.0, 3600.0
CROWD = names(200)
BUSY = 300.0
FROZEN = 5.0
"""Seconds for which a bot is stopped: longer than it may be behind unnoticed."""
SOON = 30.0
"""Seconds in which a bot that is behind must have said so to people; it remembers it for a minute."""


class SilentSlack:
    """Slack answers every call so many seconds late. `asked` are the calls that came since, `answered` those that got an answer."""

    def __init__(self, site: Site, seconds: float) -> None:
        self._slack = site.slack
        self._answered_before = len(site.slack.calls)
        self.asked: list[str] = []
        take = site.slack.faults.take
        site.slack.faults.delay("*", seconds)

        def noted(method: str) -> list[object]:
            self.asked.append(method)
            return [*take(method)]

        site.slack.faults.take = noted  # type: ignore[method-assign,assignment]

    @property
    def answered(self) -> list[str]:
        return [call.method for call in self._slack.calls[self._answered_before :]]


async def fires(site: Site, bot: Replica, service: str) -> None:
    """An alert about the new version."""
    body = notice(service, site.namespace, "v1.3.0", datetime.now(UTC))
    headers = {"authorization": f"Bearer {site.credentials.alert_token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(bot.alerts_url, json=body, headers=headers) as answer,
    ):
        assert answer.status == 200, await answer.text()


@pytest.mark.parametrize("seconds", [LATE, NEVER])
async def test_a_slack_that_answers_late_or_never_does_not_hold_up_a_rollback(
    site: Site, seconds: float
) -> None:
    bot = await site.start_bot()
    for service in ("checkout", "payments"):
        await site.types("ana", f"{service} v1.3.0 canary 10% every 1h ask")
    for service in ("checkout", "payments"):
        await site.reaches(service, "baking")
    slack = SilentSlack(site, seconds)
    await until(lambda: bool(slack.asked), within=BUSY)

    site.figures.fail("payments")
    await fires(site, bot, "checkout")
    for service in ("checkout", "payments"):
        await site.weighs(service, (100, 0))

    assert slack.asked, "somebody is to be told, and waited for"
    assert slack.answered == []


@pytest.fixture
async def theatre(site: Site) -> AsyncIterator[RealTheatre]:
    """The core in this process, so that its minutes pass at once; the cluster is real."""
    kubeconfig = site.plane.kubeconfig(site.folder / "kubeconfig", BOTS[0])
    catalogue = parse_catalogue((site.folder / "services.yaml").read_text(), "services.yaml")
    async with Cluster.connect(kubeconfig, catalogue, SystemClock()) as cluster:
        yield RealTheatre(catalogue, cluster)


async def test_a_prometheus_that_is_away_for_three_minutes_turns_nothing_back_and_promotes_nothing(
    site: Site, theatre: RealTheatre
) -> None:
    ana = theatre.person("U1ANA", "ana")
    await ana.types("checkout v1.3.0 canary 25% 100% every 1m auto")
    await ana.types("payments v1.3.0 canary 50% 100% every 1m auto")
    for release in ("R-1001", "R-1002"):
        await theatre.until(Phase.BAKING, release)

    theatre.metrics.away = "connection refused"
    await theatre.pass_(180)

    assert (await site.weights("checkout"), await site.weights("payments")) == ((75, 25), (50, 50))
    stand = [(await theatre.release(release)).phase for release in ("R-1001", "R-1002")]
    assert set(stand) <= {Phase.BAKING, Phase.GATE}
    theatre.metrics.away = None
    for release in ("R-1001", "R-1002"):
        await theatre.until(Phase.PROMOTED, release, within=400)


async def late(bot: Replica) -> dict[str, float]:
    """Seconds that the bot was behind its cadence, by what it does, as Prometheus is told."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{bot.admin}/metrics") as answer,
    ):
        text = await answer.text()
    [family] = [one for one in text_string_to_metric_families(text) if one.name == "lockmaster_late_seconds"]
    return {sample.labels["what"]: sample.value for sample in family.samples}


async def told(site: Site) -> bool:
    """Whether people are told that the bot is behind."""
    seen = str(await site.types("ana", f"status {CROWD[0]}"))
    return "does not keep its cadence" in seen


async def test_two_hundred_live_releases_keep_their_cadence_or_say_that_they_do_not(
    plane: Plane, tmp_path: Path
) -> None:
    async with staged(plane, tmp_path, CROWD) as site:
        bot = await site.start_bot()
        for service in CROWD:
            await site.types("ana", f"{service} v1.3.0 canary 5% every 1h ask")
        for service in CROWD:
            await site.reaches(service, "baking", within=BUSY)

        async def agrees() -> bool:
            return await told(site) == any(seconds > BEHIND for seconds in (await late(bot)).values())

        await until(agrees, within=BUSY)
        bot.freeze()
        await asyncio.sleep(FROZEN)  # the process is stopped: no clock of ours can do that
        bot.wake()

        async def is_noticed() -> bool:
            return (await late(bot)).get(LOOKS, 0.0) > BEHIND

        async def is_told() -> bool:
            return await told(site)  # whatever waited for Redis while it was stopped may be out of time first

        await until(is_noticed, within=BUSY)
        await until(is_told, within=SOON)
        assert "behind the cadence" in bot.logged()
