"""The API cannot be reached for ten minutes: everything is held, people are told once, and it goes on."""

import pytest

from bot.errors import Unavailable
from bot.release.phases import Phase
from tests.scenarios.conftest import adopted, ana, bo, dee, quiet, theatre
from tests.scenarios.theatre import Person, Theatre

__all__ = ["adopted", "ana", "bo", "dee", "quiet", "theatre"]

TOLD = """\
Needs you   checkout v1.2.9 → v1.3.0 (R-1001): Kubernetes cannot be reached.
The canary keeps 5 %. Until it answers nothing moves, and nothing is rolled back by itself, whatever
the metrics say. Roll back is remembered and goes first then. Whoever can reach the cluster by
another way can set the weights by hand."""
CARD = """\
checkout   v1.2.9 → v1.3.0   canary   R-1001
started by @ana
◐────○────○────○   5 %  25 %  50 %  100 %
watching · 9 min
traffic   ordered 5 %
verdict   Kubernetes cannot be reached
Kubernetes cannot be reached. Until it answers nothing moves, and nothing is rolled back by itself,
whatever the metrics say. Roll back is remembered and goes first then."""
ORDERED = "Kubernetes cannot be reached. A rollback is ordered; it goes first when Kubernetes answers."
REMEMBERED = """\
Kubernetes cannot be reached. The rollback of checkout v1.2.9 → v1.3.0 (R-1001) is remembered and
goes first when it answers."""


async def away(theatre: Theatre, ana: Person, seconds: int) -> None:
    """A release bakes, and the API has been away for so long."""
    await ana.types("checkout v1.3.0 every 5m")
    await theatre.until(Phase.BAKING)
    theatre.cluster.down = "no answer in time"
    await theatre.pass_(seconds)


async def test_f22_ten_minutes_without_the_api_are_held_told_once_and_gone_on_from(
    theatre: Theatre, ana: Person
) -> None:
    await away(theatre, ana, 28)
    assert len(theatre.channel()) == 1

    await theatre.pass_(572)

    assert [theatre.notice(n).strip() for n in range(1, len(theatre.channel()))] == [TOLD]
    assert theatre.card().startswith(CARD)
    assert theatre.weights() == "95/5"
    theatre.cluster.down = None
    await theatre.pass_(2)
    assert theatre.channel() == [
        "checkout v1.2.9 → v1.3.0 (R-1001): needs you",
        "checkout v1.2.9 → v1.3.0 (R-1001) goes on: Kubernetes answers again after 10 min.",
        "checkout v1.2.9 → v1.3.0 (R-1001) needs you: 5 % is healthy.",
    ]


async def test_f22_what_failed_meanwhile_is_rolled_back_when_it_is_seen_and_not_before(
    theatre: Theatre, ana: Person
) -> None:
    await away(theatre, ana, 300)
    theatre.failing["v1.3.0"] = 0.5
    await theatre.pass_(300)
    assert theatre.weights() == "95/5"

    theatre.cluster.down = None
    await theatre.until(Phase.ROLLED_BACK)

    assert theatre.weights() == "100/0"


@pytest.mark.parametrize("how", ["typed", "pressed", "alert"])
async def test_f22_a_rollback_ordered_meanwhile_goes_first_when_the_api_answers(
    theatre: Theatre, ana: Person, how: str
) -> None:
    await away(theatre, ana, 120)
    if how == "typed":
        assert (await ana.types("rollback checkout")).strip() == REMEMBERED
    elif how == "pressed":
        assert await ana.presses("Roll back") is None
    else:
        said = await theatre.alert({"track": "canary"})
        assert said == "checkout v1.2.9 → v1.3.0 (R-1001): rolled back"
    await theatre.pass_(10)
    assert ORDERED in theatre.card().replace("\n", " ")

    theatre.cluster.down = None
    await theatre.pass_(2)

    assert theatre.weights() == "100/0"


async def test_f22_without_api_and_store_nobody_knows_what_is_live_and_says_so(
    theatre: Theatre, ana: Person
) -> None:
    await away(theatre, ana, 60)
    theatre.redis.begin()

    said = await ana.types("rollback checkout")

    assert said.strip() == (
        "Kubernetes cannot be reached (no answer in time), so this cannot be done now.\n"
        "Try again in a minute. Until it answers no traffic can be moved, not back either."
    )
    with pytest.raises(Unavailable):
        await theatre.alert({"track": "canary"})


async def test_f22_nothing_is_remembered_for_a_service_without_a_release(
    theatre: Theatre, ana: Person
) -> None:
    theatre.cluster.down = "no answer in time"

    said = await ana.types("rollback payments")

    assert said.startswith("Kubernetes cannot be reached (no answer in time), so this cannot be done now.")


async def test_f22_an_ended_release_that_cannot_be_tidied_rings_nobody(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 every 5m")
    await theatre.until(Phase.BAKING)
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    before = theatre.channel()
    theatre.cluster.down = "no answer in time"

    await theatre.pass_(120)

    assert theatre.channel() == before
