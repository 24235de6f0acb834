"""What people are told of a release: one live message, its thread, and the few notices that ring."""

from datetime import datetime

import structlog

from bot.config.catalogue import Service
from bot.errors import Reason, Unavailable
from bot.messages.card import card
from bot.messages.model import Message
from bot.messages.notices import broke, denied, in_reach, notice, out_of_reach, thread_note
from bot.messages.parked import brought_home, parked
from bot.messages.queue import service_is_free
from bot.ports.clock import Clock
from bot.ports.locks import Waiter
from bot.ports.outbox import Outbox, Parcel, Urgency
from bot.release.model import Event, Release
from bot.release.observed import Observed
from bot.release.stored import Newer

log = structlog.get_logger()

REFRESH = 5.0
"""Seconds between two edits of a card that nobody waits for."""


def card_key(release: Release) -> str:
    """The name of a release's live message, for good."""
    return f"{release.id}:card"


def _reach_key(release: Release) -> str:
    return f"{release.id}:{release.revision}:reach"


class Teller:
    """Leaves messages in the outbox; never waits for them to be said."""

    def __init__(self, outbox: Outbox, clock: Clock, command: str) -> None:
        self._outbox = outbox
        self._clock = clock
        self._command = command
        self._shown: dict[str, tuple[float, int]] = {}

    async def happened(self, release: Release, service: Service, event: Event) -> None:
        """A transition: a line in the thread, and a notice where somebody is needed or all is over."""
        key = f"{release.id}:{event.revision}:{event.kind}"
        note = thread_note(release, event)
        await self._put(key, release.channel, note, Urgency.NOTICE, thread=card_key(release))
        ringing = notice(release, service, event, self._command)
        if ringing is not None:
            await self._put(f"{key}:notice", release.channel, ringing, Urgency.URGENT)

    async def denied(self, release: Release, reason: Reason) -> None:
        """The cluster does not take a step: said once, tried again all the same."""
        key = f"{release.id}:{release.revision}:denied"
        await self._put(key, release.channel, denied(release, reason), Urgency.URGENT)

    async def broke(self, release: Release) -> None:
        """Passes meet a bug of ours again and again: said once."""
        await self._put(
            f"{release.id}:{release.revision}:broke", release.channel, broke(release), Urgency.URGENT
        )

    async def out_of_reach(self, release: Release) -> None:
        """The cluster cannot be asked: said once, whichever replica notices."""
        await self._put(_reach_key(release), release.channel, out_of_reach(release), Urgency.URGENT)

    async def in_reach(self, release: Release, since: datetime) -> None:
        """The cluster answers again: written where `out_of_reach` stands."""
        message = in_reach(release, since, self._clock.now())
        await self._put(_reach_key(release), release.channel, message, Urgency.NOTICE)

    async def parked(self, newer: Newer, service: Service) -> None:
        """It is left alone: on the live message, and once beside it."""
        message = parked(newer, service, self._command)
        await self._put(f"{newer.release}:card", service.channel, message, Urgency.NOTICE)
        await self._put(f"{newer.release}:parked", service.channel, message, Urgency.URGENT)

    async def brought_home(self, newer: Newer, service: Service, revision: int) -> None:
        """All its traffic was sent to stable, its record unread."""
        message = brought_home(newer, service)
        await self._put(f"{newer.release}:{revision}:unread", service.channel, message, Urgency.URGENT)

    async def show(
        self, release: Release, observed: Observed, *, why: str | None = None, now: bool = False
    ) -> None:
        """The card as it should read; an unhurried one at most every few seconds."""
        moment = self._clock.monotonic()
        shown_at, attempt = self._shown.get(release.id, (0.0, 0))
        if not now and attempt == release.attempt and moment - shown_at < REFRESH:
            return
        self._shown[release.id] = (moment, release.attempt)
        urgency = Urgency.NOTICE if now else Urgency.CARD
        await self._put(
            card_key(release), release.channel, card(release, observed, self._clock.now(), why), urgency
        )

    async def free_again(self, service: str, waiter: Waiter) -> None:
        """Tell whoever waits first that the service is free."""
        message = service_is_free(service, f"{self._command} {waiter.command}")
        await self._leave(Parcel.to_waiter(service, waiter, message))

    async def _put(
        self, key: str, channel: str, message: Message, urgency: Urgency, *, thread: str | None = None
    ) -> None:
        await self._leave(Parcel(key=key, channel=channel, message=message, urgency=urgency, thread=thread))

    async def _leave(self, parcel: Parcel) -> None:
        try:
            await self._outbox.put(parcel)
        except Unavailable as error:
            log.warning("could not leave a message", key=parcel.key, why=error.why)
