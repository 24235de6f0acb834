"""Answers that may be asked for once in a while, however many ask."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.ports.clock import Clock

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Answer]):
    answer: Answer
    until: float


class Fresh(Generic[Key, Answer]):
    """Keeps an answer for `seconds` after it was asked for; those who ask meanwhile share one question.

    Nothing older is ever given. A question that fails fails for all who share it and is asked anew by the next.
    """

    def __init__(self, clock: Clock, seconds: float, ask: Callable[[Key], Awaitable[Answer]]) -> None:
        self._clock = clock
        self._seconds = seconds
        self._ask = ask
        self._kept: dict[Key, _Kept[Answer]] = {}
        self._asking: dict[Key, asyncio.Task[Answer]] = {}

    async def get(self, key: Key) -> Answer:
        """The answer for that key, at most `seconds` old."""
        kept = self._kept.get(key)
        if kept is not None and self._clock.monotonic() < kept.until:
            return kept.answer
        task = self._asking.get(key)
        if task is None:
            self._asking[key] = task = asyncio.create_task(self._asked(key))
            task.add_done_callback(lambda done: self._forget_question(key, done))
        # shielded: one who gives up takes the answer from nobody else
        return await asyncio.shield(task)

    async def _asked(self, key: Key) -> Answer:
        asked_at = self._clock.monotonic()
        answer = await self._ask(key)
        self._forget_old()
        self._kept[key] = _Kept(answer, asked_at + self._seconds)
        return answer

    def _forget_question(self, key: Key, done: asyncio.Task[Answer]) -> None:
        del self._asking[key]
        if not done.cancelled():
            done.exception()  # looked at, in case everybody who asked has given up

    def _forget_old(self) -> None:
        now = self._clock.monotonic()
        self._kept = {key: kept for key, kept in self._kept.items() if now < kept.until}
