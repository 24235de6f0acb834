"""The loop that empties the outbox into the chat, at a pace the chat service bears."""

import asyncio
from collections import Counter, defaultdict
from contextlib import suppress
from enum import Enum

import structlog

from adapters.slack.pace import Pace
from bot.errors import Refused, Unavailable
from bot.ports.chat import Chat, Posted, RateLimited
from bot.ports.clock import Clock
from bot.ports.outbox import Outbox, Parcel, Urgency

LANES = 8
LANES_FOR_URGENT = 2
IDLE = 1.0
CROWDED = 0.25
LONGEST_PAUSE = 30.0
GIVE_UP_AFTER = 5
# Slack takes about one post a second in a channel, so at most 5 in 5 s, and 50 edits a minute in the whole workspace;
# burst and pace together stay within that
POST_EVERY, POST_BURST = 1.25, 2
EDIT_EVERY, EDIT_BURST = 60 / 45, 5
log = structlog.get_logger()


class _Verb(Enum):
    POST = "post"
    EDIT = "edit"
    WHISPER = "whisper"


class Deliverer:
    """Says each parcel once. `fallback_channel` gets what its own channel does not take; without one it is dropped."""

    def __init__(
        self, outbox: Outbox, chat: Chat, clock: Clock, *, holder: str, fallback_channel: str | None = None
    ) -> None:
        self._outbox = outbox
        self._chat = chat
        self._clock = clock
        self._holder = holder
        self._fallback = fallback_channel
        self._edits = Pace(EDIT_EVERY, EDIT_BURST)
        self._posts: defaultdict[str, Pace] = defaultdict(lambda: Pace(POST_EVERY, POST_BURST))
        self._in_order: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._turns: dict[str, float] = {}
        self._limited_until: dict[tuple[_Verb, str], float] = {}
        self._broken: Counter[str] = Counter()
        self._resume_at = 0.0
        self._pause = 0.0
        self._unhurried = 0
        self.rounds = 0

    async def run(self) -> None:
        """Deliver until cancelled. What is under way then is put back: another says it at once, and the chat drops what it has."""
        lanes = asyncio.Semaphore(LANES)
        async with asyncio.TaskGroup() as group:
            while True:
                self.rounds += 1
                await lanes.acquire()
                parcel = await self._next()
                if parcel is None:
                    lanes.release()
                    continue
                group.create_task(self._delivered(parcel)).add_done_callback(lambda _: lanes.release())
                await asyncio.sleep(0)

    async def _next(self) -> Parcel | None:
        try:
            await self._rest()
            parcel = await self._outbox.take(self._holder)
            if parcel is None:
                await self._outbox.wait(IDLE)
        except Unavailable as error:
            log.warning("the outbox cannot be read", why=str(error))
            await self._clock.sleep(IDLE)
        except Exception:
            log.exception("reading the outbox broke")
            await self._clock.sleep(IDLE)
        else:
            return parcel
        return None

    async def _rest(self) -> None:
        """While the chat is away, ask it only now and then, and when there is something new to say."""
        remaining = self._resume_at - self._clock.monotonic()
        if remaining > 0:
            await self._clock.sleep(min(remaining, IDLE))
            if remaining > IDLE:
                await self._outbox.wait(remaining - IDLE)

    async def _delivered(self, parcel: Parcel) -> None:
        """One parcel, come what may: said, put back or dropped."""
        urgent = parcel.urgency is Urgency.URGENT
        try:
            if not urgent and self._unhurried >= LANES - LANES_FOR_URGENT:
                await self._outbox.put_back(parcel, CROWDED)
                return
            self._unhurried += not urgent
            try:
                await self._attempt(parcel)
            finally:
                self._unhurried -= not urgent
        except Unavailable as error:
            # the lease ends by itself; the same key is not said twice
            log.warning("a delivery could not be noted", key=parcel.key, why=str(error))
        except asyncio.CancelledError:
            with suppress(Unavailable):
                await self._outbox.put_back(parcel, 0.0)
            raise
        except Exception:
            log.exception("noting a delivery broke", key=parcel.key)

    async def _attempt(self, parcel: Parcel) -> None:
        place = None if parcel.whisper_to else await self._outbox.place(parcel.key)
        verb = _Verb.WHISPER if parcel.whisper_to else _Verb.EDIT if place else _Verb.POST
        wait = self._wait(parcel, verb)
        if wait > 0:
            await self._outbox.put_back(parcel, wait)
            return
        try:
            said = await self._said(parcel, place)
        except RateLimited as limited:
            self._limited_until[_scope(parcel, verb)] = self._clock.monotonic() + limited.seconds
            await self._outbox.put_back(parcel, limited.seconds)
        except Unavailable as error:
            self._back_off(error)
            await self._outbox.put_back(parcel, IDLE)
        except Exception as error:  # noqa: BLE001  logged there; the others have to go on
            await self._broke(parcel, error)
        else:
            self._pause = self._resume_at = 0.0
            self._broken.pop(parcel.key, None)
            await self._outbox.done(parcel, said)

    def _wait(self, parcel: Parcel, verb: _Verb) -> float:
        """How many seconds this parcel has to wait for its turn."""
        now = self._clock.monotonic()
        limited = self._limited_until.get(_scope(parcel, verb), 0.0) - now
        if limited > 0 or verb is _Verb.WHISPER:
            return max(0.0, limited)
        pace = self._edits if verb is _Verb.EDIT else self._posts[parcel.channel]
        if parcel.urgency is Urgency.URGENT:
            pace.reserve(now)  # those behind wait for it, it waits for nobody
            return 0.0
        turn = self._turns.pop(parcel.key, None) or pace.reserve(now)
        if turn > now:
            self._turns[parcel.key] = turn
        return turn - now

    async def _said(self, parcel: Parcel, place: Posted | None) -> Posted | None:
        try:
            if parcel.whisper_to:
                await self._chat.whisper(parcel.channel, parcel.whisper_to, parcel.message)
                return None
            if place:
                await self._chat.update(place, parcel.message)
                return place
            return await self._posted(parcel, parcel.key)
        except Refused as refused:
            if place:
                log.warning("a message is gone and said anew", key=parcel.key, why=str(refused))
                return await self._posted_anew(parcel, f"{parcel.key}~{place.ts}")
            return await self._at_fallback(parcel, refused)

    async def _posted(self, parcel: Parcel, key: str) -> Posted:
        parent = await self._outbox.place(parcel.thread) if parcel.thread else None
        channel = parent.channel if parent else parcel.channel
        async with self._in_order[channel]:
            return await self._chat.post(
                channel, parcel.message, key=key, thread=parent.ts if parent else None
            )

    async def _posted_anew(self, parcel: Parcel, key: str) -> Posted | None:
        try:
            return await self._posted(parcel, key)
        except Refused as refused:
            return await self._at_fallback(parcel, refused)

    async def _at_fallback(self, parcel: Parcel, refused: Refused) -> Posted | None:
        """Say in the fallback channel what its own channel refused; a whisper is for one person and goes nowhere else."""
        try:
            if self._fallback and not parcel.whisper_to:
                return await self._chat.post(self._fallback, parcel.message, key=f"{parcel.key}~fallback")
        except Refused as again:
            refused = again
        log.error("a message was dropped", key=parcel.key, channel=parcel.channel, why=str(refused))
        return None

    def _back_off(self, error: Unavailable) -> None:
        now = self._clock.monotonic()
        if now >= self._resume_at:
            self._pause = min(LONGEST_PAUSE, max(IDLE, 2 * self._pause))
            self._resume_at = now + self._pause
            log.warning("the chat is away", why=str(error), again_in=self._pause)

    async def _broke(self, parcel: Parcel, error: Exception) -> None:
        """A bug met this parcel: others go on, and it is tried a few times more before it is dropped."""
        self._broken[parcel.key] += 1
        tries = self._broken[parcel.key]
        if tries < GIVE_UP_AFTER:
            log.warning("saying a message broke", key=parcel.key, why=repr(error), tries=tries)
            await self._outbox.put_back(parcel, 2.0**tries)
        else:
            kept = parcel.model_dump_json()
            log.error(
                "a message broke too often and was dropped", key=parcel.key, parcel=kept, exc_info=error
            )
            del self._broken[parcel.key]
            await self._outbox.done(parcel, None)


def _scope(parcel: Parcel, verb: _Verb) -> tuple[_Verb, str]:
    """Where a limit counts: edits in the whole workspace, everything else in its channel."""
    return (verb, "" if verb is _Verb.EDIT else parcel.channel)
