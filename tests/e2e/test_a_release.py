"""Whole releases by a bot of its own process, on the real API server, as its audit log has them."""

from itertools import groupby, pairwise

from sandbox.kube.document import Document
from tests.e2e.cluster.trouble import NOT_READY, strike
from tests.e2e.replica import Replica
from tests.e2e.site import Site


def routes(site: Site, bot: Replica) -> list[Document]:
    """The route object as it was after each write of the bot that took effect."""
    written = [one for one in site.audit(bot.user) if one.resource == "virtualservices" and one.took_effect]
    return [one.result for one in written if one.result]


def weights(found: list[Document]) -> list[tuple[int, ...]]:
    """The weights, each time they changed; empty before adoption."""
    all_of_them = (
        tuple(one["weight"] for one in route["spec"]["http"][0]["route"] if "weight" in one)
        for route in found
    )
    return [each for each, _ in groupby(all_of_them)]


def revisions(found: list[Document]) -> list[int]:
    return [int(route["metadata"]["annotations"]["lockmaster.dev/revision"]) for route in found]


def refused(site: Site, bot: Replica) -> list[str]:
    """What the server did not let the bot do: its own Role is enough."""
    return [f"{one.verb} {one.resource} {one.name}" for one in site.audit(bot.user) if one.code == 403]


async def fails_at(site: Site, percent: int) -> Replica:
    """A release of payments whose canary fails as soon as it has so much traffic."""
    bot = await site.start_bot()
    await site.types("ana", f"payments v1.3.0 canary {percent}% every 1h ask")
    await site.weighs("payments", (100 - percent, percent))
    return bot


async def test_a_service_that_was_never_released_is_adopted_and_promoted(site: Site) -> None:
    bot = await site.start_bot()

    await site.types("ana", "checkout v1.3.0 canary 5% 50% 100% every 1s auto")
    await site.reaches("checkout", "promoted")

    assert await site.version("checkout") == "v1.3.0"
    written = routes(site, bot)
    assert weights(written) == [(), (100, 0), (95, 5), (50, 50), (0, 100), (100, 0)]
    assert {later - earlier for earlier, later in pairwise(revisions(written))} == {1}
    assert refused(site, bot) == []


async def test_a_person_who_may_lets_it_go_on(site: Site) -> None:
    await site.start_bot()
    await site.types("ana", "payments v1.3.0 canary 100% every 1s ask")
    await site.reaches("payments", "gate")

    await site.types("bo", "promote payments")

    await site.reaches("payments", "promoted")
    assert await site.version("payments") == "v1.3.0"


async def test_a_canary_that_fails_loses_its_traffic_and_is_rolled_back(site: Site) -> None:
    bot = await fails_at(site, 10)

    site.figures.fail("payments")
    await site.reaches("payments", "rolled_back")

    assert await site.version("payments") == "v1.2.9"
    written = routes(site, bot)
    assert weights(written) == [(), (100, 0), (90, 10), (100, 0)]
    assert {later - earlier for earlier, later in pairwise(revisions(written))} == {1}
    assert refused(site, bot) == []


async def test_an_unready_pod_of_stable_does_not_hold_up_a_rollback(site: Site) -> None:
    bot = await fails_at(site, 10)
    of_stable = await site.api.listed("pods", site.namespace, "app=payments,lockmaster.dev/track=stable")
    await strike(site.api, of_stable[0], NOT_READY)

    site.figures.fail("payments")
    await site.weighs("payments", (100, 0))

    stable = await site.api.get("deployments", "payments", site.namespace)
    assert stable["status"]["readyReplicas"] == 1
    assert weights(routes(site, bot))[-2:] == [(90, 10), (100, 0)]
    await site.api.delete("pods", of_stable[0]["metadata"]["name"], site.namespace, grace=0)
    await site.reaches("payments", "rolled_back")
