"""The audit is written ahead while the store is away: on disk, in order, and brought home once."""

import asyncio
import fcntl
from pathlib import Path
from typing import BinaryIO

import pytest

from adapters.spill.journal import RETRY, JournalWithSpill
from bot.audit import AuditRecord
from bot.errors import Unavailable
from tests.fakes.clock import FakeClock
from tests.fakes.journal import FakeJournal
from tests.fakes.outage import Outage
from tests.support.values import audit


class Gap:
    """A durable journal that can go away, beneath one that does not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "audit"
        self.clock = FakeClock()
        self.outage = Outage()
        self.durable = FakeJournal(self.clock, self.outage)
        self.journal = self.another()

    def another(self) -> JournalWithSpill:
        """That of another process."""
        return JournalWithSpill(self.durable, self.clock, self.folder)

    def at_home(self) -> list[str]:
        return [record.text for record in self.durable.records]

    def waiting(self) -> int:
        return len(list(self.folder.glob("*"))) if self.folder.exists() else 0


@pytest.fixture
def gap(tmp_path: Path) -> Gap:
    return Gap(tmp_path)


async def test_what_was_written_ahead_comes_home_in_order_and_before_what_follows(gap: Gap) -> None:
    await gap.journal.append(audit("one"))
    gap.outage.begin()
    await gap.journal.append(audit("two"))
    await gap.journal.append(audit("three“\n"))
    gap.outage.end()
    gap.clock.step(RETRY)
    await gap.journal.append(audit("four"))
    assert gap.at_home() == ["one"]
    await gap.journal.bring_home()
    await gap.journal.append(audit("five"))
    assert gap.at_home() == ["one", "two", "three“\n", "four", "five"]
    assert gap.waiting() == 0


async def test_one_whose_answer_was_lost_is_kept_once(gap: Gap) -> None:
    class Deaf(FakeJournal):
        async def append(self, record: AuditRecord) -> None:
            await super().append(record)
            raise Unavailable("redis", "no answer in time")

    deaf = Deaf(gap.clock)
    hearing = JournalWithSpill(deaf, gap.clock, gap.folder)
    await hearing.append(audit("one"))
    gap.durable.records = deaf.records
    await hearing.aclose()
    assert gap.waiting() == 1
    await gap.another().bring_home()
    assert gap.at_home() == ["one"]


async def test_it_is_ready_only_once_all_is_at_home(gap: Gap) -> None:
    gap.outage.begin()
    await gap.journal.append(audit("one"))
    with pytest.raises(Unavailable):
        await gap.journal.ready()
    gap.outage.end()
    await gap.journal.ready()
    assert gap.at_home() == ["one"]


async def test_what_a_killed_process_left_is_found_by_the_next_and_half_a_line_is_none(gap: Gap) -> None:
    gap.outage.begin()
    killed = gap.another()
    await killed.append(audit("one"))
    (left,) = gap.folder.iterdir()
    with left.open("ab") as file:
        file.write(b'not a record\n{"at":"20')
    gap.outage.end()
    await gap.journal.bring_home()
    assert gap.at_home() == []
    killed._ahead.let_go()  # as the end of its process does
    await gap.journal.bring_home()
    assert gap.at_home() == ["one"]
    assert gap.waiting() == 0


async def test_the_absent_store_is_asked_once_a_second_and_brought_up_to_date_by_itself(gap: Gap) -> None:
    gap.outage.begin()
    running = asyncio.create_task(gap.journal.run())
    await gap.journal.append(audit("one"))
    await gap.clock.advance(3 * RETRY)
    gap.outage.end()
    assert gap.at_home() == []
    await gap.clock.advance(RETRY)
    assert gap.at_home() == ["one"]
    running.cancel()


async def test_where_nothing_can_be_kept_either_it_says_so(gap: Gap) -> None:
    gap.folder.write_text("no folder")
    gap.outage.begin()
    with pytest.raises(Unavailable, match="redis is unavailable: and no audit can be kept here: File exists"):
        await gap.journal.append(audit("one"))


async def test_what_cannot_be_read_holds_back_what_needs_an_audit_and_ends_nothing(gap: Gap) -> None:
    (gap.folder / "x.lines").mkdir(parents=True)
    with pytest.raises(
        Unavailable, match="redis is unavailable: and what waits here cannot be read: Is a directory"
    ):
        await gap.journal.ready()
    running = asyncio.create_task(gap.journal.run())
    await gap.clock.advance(2 * RETRY)
    assert not running.done()
    running.cancel()


async def test_of_two_in_one_folder_either_may_be_faster(gap: Gap) -> None:
    gap.outage.begin()
    for text in ("one", "two"):
        left = gap.another()
        await left.append(audit(text))
        left._ahead.let_go()
    gap.outage.end()
    taken = gap.another()._ahead.lines()
    path, _ = next(taken)
    for other in gap.folder.iterdir():
        if other != path:
            other.unlink()
    assert list(taken) == []


async def test_a_file_that_is_taken_away_before_it_is_held_is_made_anew(
    gap: Gap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process saw it between its creation and its lock, and took it for one that was left."""
    hold = fcntl.flock
    taken: list[str] = []

    def late(file: BinaryIO, how: int) -> None:
        if not taken:
            taken.append(file.name)
            Path(file.name).unlink()
        hold(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    gap.outage.begin()
    await gap.journal.append(audit("one"))
    gap.outage.end()
    await gap.journal.bring_home()
    assert taken
    assert gap.at_home() == ["one"]
