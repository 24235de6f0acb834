"""What a release stands on is gone, taken over, unreadable, or does not take a write."""

from inspect import cleandoc as block

from bot.ports.workloads import Track
from bot.release.phases import Phase
from tests.scenarios.theatre import Person, Theatre


async def test_a_route_deleted_in_mid_release_stops_it_and_creates_nothing(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    theatre.cluster.delete_route(theatre.service())
    await theatre.pass_(10)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○   25 %  50 %  100 %
        stopped: somebody has to look · 10 s
        traffic   ordered 25 %
        Why: the route object of checkout no longer exists.
        [Roll back] [Details]
        """)
    assert theatre.notice(-1) == block("""
        Stopped   checkout v1.2.9 → v1.3.0 (R-1001): the route object of checkout no longer exists.
        Roll back is on its live message, for members of #shop-releases. /release show R-1001 tells
        everything.
        """)
    assert await ana.presses("Roll back") is None
    await theatre.until(Phase.CANCELLED)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○   25 %  50 %  100 %
        cancelled · took 13 s
        Cancelled: the route object of checkout no longer exists (Lockmaster)
        [Details]
        """)
    await theatre.pass_(40)
    assert theatre.cluster.routes == {
        ("shop", "payments"): theatre.cluster.route(theatre.service("payments"))
    }
    assert ("shop", "checkout-canary") not in theatre.cluster.deployments
    assert await bo.types("locks") == "Nothing is locked."


async def test_a_route_that_came_back_without_us_is_turned_back_when_asked(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    route = theatre.cluster.route(theatre.service())
    route.release = route.state = None
    route.revision = 0
    theatre.cluster.touch(route)
    await theatre.pass_(6)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○   25 %  50 %  100 %
        stopped: somebody has to look · 5 s
        traffic   ordered 25 %
        Why: somebody removed R-1001 from the route object.
        [Roll back] [Details]
        """)
    assert await ana.presses("Roll back") is None
    assert theatre.weights() == "100/0"
    await theatre.until(Phase.ROLLED_BACK)


async def test_a_route_that_came_back_unadopted_ends_the_release_when_asked(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    route = theatre.cluster.route(theatre.service())
    route.release = route.state = route.weights = None
    theatre.cluster.touch(route)
    await theatre.pass_(6)
    await ana.types("rollback checkout")
    await theatre.until(Phase.CANCELLED)


async def test_tracks_taken_out_of_the_route_stop_the_release_until_it_is_rolled_back(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    theatre.cluster.edit_route(theatre.service(), None)
    await theatre.pass_(6)
    assert theatre.notice(-1) == block("""
        Stopped   checkout v1.2.9 → v1.3.0 (R-1001): the route no longer names the tracks.
        Roll back is on its live message, for members of #shop-releases. /release show R-1001 tells
        everything.
        """)
    assert await ana.presses("Roll back") is None
    assert theatre.weights() == "100/0"
    await theatre.until(Phase.ROLLED_BACK)


async def test_a_route_that_another_release_took_is_left_to_it(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    route = theatre.cluster.route(theatre.service())
    other = (await theatre.release()).model_copy(update={"id": "R-77", "target": "v1.9.0"})
    route.release, route.state = "R-77", other.for_storage()
    theatre.cluster.touch(route)
    await theatre.pass_(10)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○   25 %  50 %  100 %
        stopped: somebody has to look · 10 s
        traffic   ordered 25 %
        Why: the route object now belongs to R-77 (v1.9.0, by ana, since 09:00 UTC).
        [Roll back] [Details]
        """)
    writes = len(theatre.cluster.writes)
    front = theatre.bot.front
    await front.pressed(ana.speaks(), "roll_back", (await theatre.release()).token)
    await theatre.pass_(6)
    assert (await theatre.release()).phase is Phase.CANCELLED
    assert [one.verb for one in theatre.cluster.writes[writes:]].count("write") == 0


async def test_a_deployment_deleted_in_mid_release_ends_it(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    theatre.cluster.delete_deployment(theatre.service(), Track.STABLE)
    await theatre.until(Phase.CANCELLED, within=10)
    assert (
        theatre.notice(-1)
        == "Cancelled   checkout v1.2.9 → v1.3.0 (R-1001): Deployment shop/checkout no longer exists."
    )
    assert await ana.types("locks") == "Nothing is locked."


async def test_a_namespace_deleted_in_mid_release_ends_it(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    theatre.cluster.delete_namespace("shop")
    await theatre.until(Phase.CANCELLED, within=10)
    assert (
        theatre.notice(-1)
        == "Cancelled   checkout v1.2.9 → v1.3.0 (R-1001): Namespace shop no longer exists."
    )
    await theatre.pass_(40)
    assert theatre.scheduler.due == {}


async def test_the_answer_to_a_write_that_was_lost_is_read_back(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    theatre.cluster.lose_next_answer()
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    events = await theatre.releases.events("R-1001")
    assert [event.revision for event in events] == list(range(len(events)))


async def test_a_cluster_that_is_away_holds_the_release_and_goes_on(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    await theatre.until(Phase.BAKING)
    theatre.cluster.down = "no answer in 5 s"
    await theatre.pass_(60)
    theatre.cluster.down = None
    await theatre.until(Phase.PROMOTED)
