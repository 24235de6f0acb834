"""What the Kubernetes API may do to a request, and to a release whose requests they are."""

from collections.abc import Iterator
from itertools import count, groupby
from pathlib import Path

import pytest

from adapters.kubernetes import api
from bot.release.phases import Phase
from tests.faults.shop import shop
from tests.faults.wire import FINE, Fate, Sent
from tests.scenarios.conftest import quiet

__all__ = ["quiet"]

UNKNOWN = (
    Fate(arrives=True, heard=504),
    Fate(arrives=True, heard=None),
    Fate(arrives=False, heard=None),
    Fate(arrives=True, heard=500),
    Fate(arrives=False, heard=503),
    Fate(arrives=True, heard=0),
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "TOTAL_SECONDS", 0.3)


@pytest.mark.parametrize("first", [0, 3])
async def test_f19_a_write_of_unknown_result_is_read_again_and_never_done_twice(
    tmp_path: Path, first: int
) -> None:
    """Each write of a whole release fails in another way: most were done, some were not."""
    turns: Iterator[int] = count(first)

    def rule(sent: Sent) -> Fate:
        return UNKNOWN[next(turns) % len(UNKNOWN)] if sent.writes else FINE

    async with shop(tmp_path) as world:
        ana = world.person("U1ANA", "ana")
        world.wire.rule = rule

        await ana.types("checkout v1.3.0")
        await world.until(Phase.PROMOTED)
        world.wire.rule = lambda _: FINE
        await world.pass_(60)

        assert world.made == ["ADDED checkout-canary", "DELETED checkout-canary"]
        assert [revision for revision, _ in world.routes] == list(range(len(world.routes)))
        assert [weight for weight, _ in groupby(weight for _, weight in world.routes)] == [0, 50, 100, 0]
