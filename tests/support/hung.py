"""A test that hangs fails after a while, with its name, and says what each of its tasks waits for."""

import asyncio
import gc
import signal
import sys
from collections.abc import Generator, Iterator
from types import FrameType
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer() -> Generator[None, Any, Any]:
    """Tell before the test is ended: its tasks go with it."""
    answer = yield
    end: Any = signal.getsignal(signal.SIGALRM)

    def tell(number: int, frame: FrameType | None) -> None:
        sys.stdout.write(waiting())
        end(number, frame)

    signal.signal(signal.SIGALRM, tell)
    return answer


def waiting() -> str:
    """Each task that is not done, from its outermost await to its innermost."""
    found = [one for one in gc.get_objects() if isinstance(one, asyncio.Task) and not one.done()]
    return "".join("\n  ".join([task.get_name(), *_awaits(task)]) + "\n" for task in found)


def _awaits(task: "asyncio.Task[Any]") -> Iterator[str]:
    awaited: Any = task.get_coro()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is None:
            yield repr(awaited)
            return
        yield f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
