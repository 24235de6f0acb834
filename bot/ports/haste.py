"""Whether what is done now is done for a rollback: its requests go first, and it waits for no pass that is under way."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_HASTE: ContextVar[bool] = ContextVar("haste", default=False)
# A context variable, because every read and write beneath a pass would have to pass the word on without using it.


@contextmanager
def in_haste(*, really: bool = True) -> Iterator[None]:
    """Everything within, and every task begun within, is for a rollback; with `really` False nothing changes."""
    token = _HASTE.set(really or _HASTE.get())
    try:
        yield
    finally:
        _HASTE.reset(token)


def is_in_haste() -> bool:
    """Whether we are within `in_haste`."""
    return _HASTE.get()
