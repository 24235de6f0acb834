"""Where log lines go: through a thread, so that a full pipe or disk holds up nobody but itself."""

import json
import os
from queue import Full, Queue
from threading import Thread
from typing import Final

BOUND: Final = 10_000
"""Lines that wait at most; what comes while so many wait is lost, and counted."""


class Sink:
    """Writes to a file descriptor. Never blocks, never raises: a bot without a log rolls back all the same."""

    def __init__(self, descriptor: int, bound: int = BOUND) -> None:
        self._descriptor = descriptor
        self._lines: Queue[str] = Queue(bound)
        self._thread = Thread(target=self._pour, name="log", daemon=True)
        # Each has one writer: the callers' thread, and ours.
        self._dropped = 0
        self._failed = 0
        self._told = 0

    def write(self, text: str) -> None:
        """Take whole lines."""
        if not self._thread.is_alive():
            self._thread.start()
        try:
            self._lines.put_nowait(text)
        except Full:
            self._dropped += 1

    def flush(self) -> None:
        """Do nothing: nobody waits for the log. See `drain`."""

    def drain(self, seconds: float) -> None:
        """Wait until everything taken so far is written, at most for so long."""
        with self._lines.all_tasks_done:
            self._lines.all_tasks_done.wait_for(lambda: not self._lines.unfinished_tasks, seconds)

    def _pour(self) -> None:
        while True:
            text = self._lines.get()
            lost = self._dropped + self._failed - self._told
            try:
                self._write((_loss(lost) + text).encode(errors="replace"))
                self._told += lost
            except OSError:
                self._failed += 1
            finally:
                self._lines.task_done()

    def _write(self, rest: bytes) -> None:
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]


def _loss(lines: int) -> str:
    """What is missing just before the line that follows."""
    if not lines:
        return ""
    return json.dumps({"event": "log lines were lost", "level": "warning", "lines": lines}) + "\n"
