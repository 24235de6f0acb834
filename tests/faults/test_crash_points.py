"""A thin slice of the crash-point matrix: one place to die at for each way it can go wrong. `make crash` runs all of it."""

from collections import Counter
from pathlib import Path

import pytest

from tests.faults.births import nursery
from tests.faults.bots import Nursery
from tests.faults.crash_points import FEW, Point, from_the_rollback_on, outcome, points
from tests.faults.stories import PROMOTED, ROLLED_BACK

__all__ = ["nursery"]

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="module")]
ROUTE = "kubernetes patch VirtualService/checkout"


async def dies_well(nursery: Nursery, folder: Path, point: Point) -> None:
    found = await outcome(folder, nursery, point)
    assert (found.died, found.wrong) == (True, ())


async def test_f01_killed_after_the_lock_was_taken_it_claims_the_route_once_it_is_back(
    nursery: Nursery, tmp_path: Path
) -> None:
    await dies_well(nursery, tmp_path, Point(ROLLED_BACK.name, "redis admit", 2, "after"))


async def test_f02_killed_after_a_weight_was_written_it_adopts_the_step_and_writes_it_once(
    nursery: Nursery, tmp_path: Path
) -> None:
    await dies_well(nursery, tmp_path, Point(PROMOTED.name, ROUTE, 2, "after"))


async def test_f03_killed_after_the_card_was_posted_it_posts_no_second_one(
    nursery: Nursery, tmp_path: Path
) -> None:
    await dies_well(nursery, tmp_path, Point(ROLLED_BACK.name, "slack chat.postMessage", 1, "after"))


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_f04_killed_in_a_rollback_it_finishes_that_first(
    nursery: Nursery, tmp_path: Path, moment: str
) -> None:
    await dies_well(nursery, tmp_path, Point(ROLLED_BACK.name, ROUTE, 4, moment))


async def test_a_matrix_has_every_write_before_and_after_and_some_reads_before() -> None:
    made = ["redis admit", *["redis HGET"] * 9, ROUTE, "redis instruct", ROUTE, *["redis begin"] * 9]
    found = Counter((point.name, point.moment) for point in points(ROLLED_BACK, made))
    assert found == {
        ("redis admit", "before"): 1,
        ("redis admit", "after"): 1,
        ("redis HGET", "before"): FEW,
        (ROUTE, "before"): 2,
        (ROUTE, "after"): 2,
        ("redis instruct", "before"): 1,
        ("redis instruct", "after"): 1,
        ("redis begin", "before"): 6,
        ("redis begin", "after"): 6,
    }
    late = {
        str(point) for point in from_the_rollback_on(made, points(ROLLED_BACK, made)) if point.name == ROUTE
    }
    assert late == {f"rolled back: before {ROUTE} no. 2", f"rolled back: after {ROUTE} no. 2"}
