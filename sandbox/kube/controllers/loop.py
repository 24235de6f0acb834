"""One task that runs all controllers: told of a change, a controller names keys; each key is then looked at once."""

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import Protocol

from sandbox.kube.clock import Clock
from sandbox.kube.store import Change

_LOG = logging.getLogger(__name__)
_TURN = 0.005  # seconds of looks in a row before requests get their turn
_RETRY = 1.0  # seconds until a look that failed is repeated

Key = tuple[str, str]
"""Namespace and name, or whatever two words a controller tells its objects apart by."""


class Controller(Protocol):
    """Level-triggered: `look` reads what is there now and moves it one step towards what is wanted."""

    def keys(self, change: Change) -> Iterable[Key]:
        """What to look at after this change."""
        ...

    def look(self, key: Key) -> float | None:
        """Do what is due; the seconds until another look is needed, or None."""
        ...


class ControllerLoop:
    """Runs the controllers; a key that is named many times before its turn is looked at once."""

    def __init__(self, controllers: Iterable[Controller], clock: Clock) -> None:
        self._controllers = tuple(controllers)
        self._clock = clock
        self._due: dict[tuple[Controller, Key], None] = {}
        self._wake = asyncio.Event()
        self.failures: list[Exception] = []
        """What controllers raised: a bug each, kept so that a test can see it."""

    def tell(self, change: Change) -> None:
        """Note what the change makes due."""
        for controller in self._controllers:
            for key in controller.keys(change):
                self.enqueue(controller, key)

    def enqueue(self, controller: Controller, key: Key) -> None:
        """Have `key` looked at soon."""
        self._due[controller, key] = None
        self._wake.set()

    @property
    def idle(self) -> bool:
        """Whether nothing is due now; timers may still run."""
        return not self._due

    async def run(self) -> None:
        """Look at what is due, for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._due:
                turn_ends = time.monotonic() + _TURN
                while self._due and time.monotonic() < turn_ends:
                    entry = next(iter(self._due))
                    del self._due[entry]
                    self._look(*entry)
                await asyncio.sleep(0)

    def _look(self, controller: Controller, key: Key) -> None:
        try:
            again = controller.look(key)
        except Exception as error:  # noqa: BLE001 -- one bad look must not stop the cluster; tests read `failures`
            _LOG.exception("controller failed: %s %s", type(controller).__name__, key)
            self.failures.append(error)
            again = _RETRY
        if again is not None:
            self._clock.call_later(again, lambda: self.enqueue(controller, key))
