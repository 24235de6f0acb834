"""What moves traffic forward waits for its turn in the mesh; a rollback waits for nothing."""

from inspect import cleandoc as block

import pytest

from bot.release.phases import Phase
from tests.scenarios.conftest import ana, bo, quiet, theatre
from tests.scenarios.theatre import Person, Theatre

__all__ = ["ana", "bo", "quiet", "theatre"]  # the fixtures of the scenarios


@pytest.fixture
def adopted() -> bool:
    return True


async def crowd(theatre: Theatre, ahead: int) -> None:
    """So many others stand in the queue before whoever asks next, and one goes a second."""
    theatre.pace.most = 1
    for number in range(ahead + 1):
        await theatre.pace.ask(f"R-{number}:1")


async def waiting(theatre: Theatre, ana: Person, bo: Person) -> None:
    """5 % is healthy, 50 % is approved of, and thirty others are before it."""
    await ana.types("checkout v1.3.0 canary 5% 50% every 30s")
    await theatre.until(Phase.GATE)
    await crowd(theatre, 30)
    assert await bo.presses("Promote to 50 %") is None


async def test_a_release_says_that_it_waits_for_its_turn_and_goes_on_by_itself(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await waiting(theatre, ana, bo)
    assert theatre.weights() == "95/5"
    await theatre.pass_(5)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana · approved by @bo
        ●━━━━◐────○   5 %  50 %  100 %
        moving traffic · 38 s
        traffic   ordered 5 %   observed 5.0 %
        errors    canary 0.00 %    stable 0.00 %    limit 0.50 %   ✓
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   healthy, 150 requests
        Its turn to move traffic comes in 0:30: the mesh takes few changes a second.
        [Pause] [Roll back] [Details]
        """)
    await theatre.pass_(40)
    assert theatre.weights() == "50/50"


async def test_a_rollback_of_a_release_that_waits_for_its_turn_acts_at_once(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await waiting(theatre, ana, bo)
    assert await ana.types("rollback checkout") == block("""
        Rolling back checkout v1.2.9 → v1.3.0 (R-1001): traffic goes to v1.2.9.
        """)
    assert theatre.weights() == "100/0"
    await theatre.until(Phase.ROLLED_BACK)


async def test_a_canary_that_fails_while_it_waits_for_its_turn_is_rolled_back_and_its_turn_lapses(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await waiting(theatre, ana, bo)
    theatre.failing["v1.3.0"] = 0.5
    await theatre.pass_(2)
    assert theatre.weights() == "100/0"
    await theatre.pass_(60)
    assert not any(write.startswith("R-1001") for write in theatre.pace.given[2:])


async def test_nothing_moves_forward_when_the_store_goes_away_before_its_turn_and_a_rollback_does(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await waiting(theatre, ana, bo)
    theatre.redis.begin()
    await theatre.pass_(60)
    assert theatre.weights() == "95/5"
    await ana.types("rollback checkout")
    assert theatre.weights() == "100/0"


async def test_a_restore_takes_no_turn(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 30s auto")
    await theatre.until(Phase.PROMOTED)
    await crowd(theatre, 100)
    await theatre.pass_(40)
    await crowd(theatre, 100)
    await ana.types("rollback checkout")
    await theatre.until(Phase.BAKING, "R-1002", within=30)
    assert theatre.weights() == "0/100"


class TestNotYetAdopted:
    @pytest.fixture
    def adopted(self) -> bool:
        return False

    async def test_what_adoption_writes_in_the_mesh_takes_a_turn_each(
        self, theatre: Theatre, ana: Person
    ) -> None:
        await ana.types("adopt checkout")
        await theatre.until(Phase.PROMOTED)
        assert theatre.pace.given == ["R-1001:1", "R-1001:2"]
        assert [one.verb for one in theatre.cluster.writes if one.verb == "add_tracks"] == ["add_tracks"]

    async def test_adoption_waits_for_its_turn_too(self, theatre: Theatre, ana: Person) -> None:
        await crowd(theatre, 10)
        await ana.types("adopt checkout")
        await theatre.pass_(5)
        assert [one.verb for one in theatre.cluster.writes if one.verb == "add_tracks"] == []
        await theatre.until(Phase.PROMOTED)
