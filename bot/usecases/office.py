"""What every use case works with, and the questions that many of them ask."""

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import structlog

from bot.audit import AuditRecord
from bot.config.catalogue import Approval, Catalogue, Service
from bot.config.pinned import entry_of
from bot.errors import ReasonCode, Refused, Unavailable, refuse
from bot.messages.model import Message
from bot.policy.roles import Act, Facts, objection, rule_for
from bot.ports.autoscalers import Autoscalers
from bot.ports.clock import Clock
from bot.ports.directory import Directory
from bot.ports.eyes import Eyes
from bot.ports.journal import Journal
from bot.ports.live import Live
from bot.ports.locks import Locks
from bot.ports.outbox import Outbox, Parcel, Urgency
from bot.ports.passes import Passes
from bot.ports.releases import Releases
from bot.ports.traffic import Traffic
from bot.ports.workloads import Workloads
from bot.release.model import Actor, ActorKind, Release

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where. `request` is the same for each delivery of the same request."""

    actor: Actor
    channel: str
    request: str
    first_time: Awaitable[bool] | None = None

    async def only_once(self) -> None:
        """Before anything is changed: raise `Refused` when this request was taken in before."""
        if self.first_time is not None and not await self.first_time:
            raise refuse(ReasonCode.ALREADY_DONE, "This request was taken in before; nothing was done.")


@dataclass(frozen=True, slots=True)
class Office:
    """The doors a use case goes through. `command` is the slash command's name, for the texts."""

    catalogue: Catalogue
    command: str
    clock: Clock
    locks: Locks
    releases: Releases
    journal: Journal
    outbox: Outbox
    directory: Directory
    live: Live
    eyes: Eyes
    passes: Passes
    traffic: Traffic
    workloads: Workloads
    autoscalers: Autoscalers
    background: set[asyncio.Task[None]] = field(default_factory=set)
    drawn: list[str] = field(default_factory=list)
    """A release id drawn ahead, so that no start waits for the store to count."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let work go on after the answer; a failure is logged, never lost."""
        task = asyncio.create_task(work)
        self.background.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background work failed", exc_info=error)

    def service(self, name: str) -> Service:
        """The service of that name. Raises `Refused` with the closest names."""
        found = self.catalogue.get(name)
        if found is not None:
            return found
        close = get_close_matches(name, self.catalogue.names(), n=3, cutoff=0.5)
        listed = close or list(self.catalogue.names()[:8])
        told = f"Did you mean {' or '.join(listed)}?" if close else f"There are: {', '.join(listed)}."
        raise refuse(ReasonCode.UNKNOWN_SERVICE, f"There is no service “{name}” in the catalogue.", told)

    def service_of(self, release: Release) -> Service:
        """The service as the release started with it, whatever the catalogue says by now."""
        return entry_of(release, self.catalogue) or self.service(release.service)

    async def reached(self, name: str) -> Service:
        """The service of that name; one that left the catalogue is still there for its live release."""
        if self.catalogue.get(name) is None:
            with suppress(Unavailable):
                left = [one for one in await self.releases.live() if one.service == name and one.live]
                return self.service_of(left[0]) if left else self.service(name)
        return self.service(name)

    async def allow(
        self, act: Act, service: Service, asker: Asker, *, requester: Actor | None = None
    ) -> None:
        """Raise `Refused` when the asker may not: asked when acting, not only when shown."""
        facts = await self._facts(act, service, asker.actor)
        reason = objection(act, service, asker.actor, facts, requester=requester)
        if reason is not None:
            raise Refused(reason)

    async def _facts(self, act: Act, service: Service, actor: Actor) -> Facts:
        if actor.kind is not ActorKind.PERSON:
            return Facts(active=None, member=None, in_group=None)
        rule = rule_for(act, service.approvers)
        group = rule.group if isinstance(rule, Approval) else None
        try:
            person, members = await asyncio.gather(
                self.directory.person(actor.id), self.directory.members(service.channel)
            )
            in_group = actor.id in await self.directory.group(group) if group else None
        except Unavailable:
            return Facts(active=None, member=None, in_group=None)
        return Facts(
            active=person is not None and person.active, member=actor.id in members, in_group=in_group
        )

    async def live_release(self, service: Service) -> Release:
        """The service's live release: from the route object, or not yet written there, from the store."""
        found = await self.find_live(service)
        if found is None:
            raise refuse(
                ReasonCode.NOT_LIVE,
                f"No release of {service.name} is live.",
                f"{self.command} history {service.name} lists the past ones.",
            )
        return found

    async def find_live(self, service: Service) -> Release | None:
        """The same, or None. While the cluster cannot be asked, what the store knows: a wish can be remembered all the same."""
        try:
            written = await self.live.of(service.name)
        except Unavailable as away:
            return await self._stored(service, away)
        if written is not None and written.live:
            return written
        try:
            stored = await self.releases.live()
        except Unavailable:
            return None
        mine = [one for one in stored if one.service == service.name and one.live]
        return mine[0] if mine and (written is None or mine[0].id != written.id) else None

    async def _stored(self, service: Service, away: Unavailable) -> Release:
        try:
            stored = await self.releases.live()
        except Unavailable:
            raise away from None
        mine = [one for one in stored if one.service == service.name and one.live]
        if not mine:
            raise away  # nobody knows: not even that there is none
        return mine[0]

    async def tell(self, service: Service, key: str, message: Message) -> None:
        """Say something in the service's channel; never a reason for an act to fail."""
        try:
            await self.outbox.put(
                Parcel(key=key, channel=service.channel, message=message, urgency=Urgency.NOTICE)
            )
        except Unavailable as error:
            log.warning("could not leave a message", key=key, why=error.why)

    async def audit(
        self, asker: Asker, act: str, outcome: str, text: str, *, about: tuple[str | None, str | None]
    ) -> None:
        """One record; `about` is service and release."""
        record = AuditRecord(
            at=self.clock.now(),
            by=asker.actor,
            act=act,
            service=about[0],
            release=about[1],
            outcome=outcome,
            text=text,
            origin=asker.request,
        )
        try:
            await self.journal.append(record)
        except Unavailable as error:
            log.warning(
                "audit record not stored", why=error.why, **record.model_dump(mode="json", exclude={"by"})
            )
