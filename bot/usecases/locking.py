"""A person's hold on a service."""

from bot.commands.model import Lock as LockCommand
from bot.commands.model import Unlock
from bot.config.catalogue import Service
from bot.errors import ReasonCode, Refused, TargetGone, refuse
from bot.messages import answers, lists
from bot.messages.model import Message
from bot.messages.queue import service_is_free
from bot.policy.roles import Act
from bot.ports.locks import Busy
from bot.ports.outbox import Parcel
from bot.release.lock import Lock
from bot.usecases.office import Asker, Office


async def lock(office: Office, asker: Asker, command: LockCommand) -> Message:
    """Hold a service against releases, for a time or until it is unlocked."""
    service = office.service(command.service)
    await office.allow(Act.LOCK, service, asker)
    wanted = Lock(service=service.name, by=asker.actor, since=office.clock.now(), reason=command.reason)
    answer = await office.locks.hold(wanted, command.lasting)
    if isinstance(answer, Busy):
        raise refuse(
            ReasonCode.LOCKED,
            f"{service.name} is locked already: {lists.holder(answer.lock, office.clock.now())}.",
            "Pause the release instead." if answer.lock.release else None,
        )
    await office.audit(asker, "lock", "done", command.reason, about=(service.name, None))
    until = f" until {answer.lock.expires_at:%H:%M} UTC" if answer.lock.expires_at is not None else ""
    text = f"{service.name} is locked{until}"
    told = answers.told_channel(text, asker.actor, command.reason)
    await office.tell(service, f"lock:{asker.request}", told)
    return answers.said(f"{text}: {command.reason}.")


async def unlock(office: Office, asker: Asker, command: Unlock) -> Message:
    """Take a hold away: one's own, with a word in the channel somebody else's, with a reason that of a release which died."""
    service = office.service(command.service)
    await office.allow(Act.LOCK, service, asker)
    held = await office.locks.get(service.name)
    if held is None:
        raise refuse(ReasonCode.NOT_LOCKED, f"{service.name} is not locked.")
    before = f"{held.by.name} had locked it: {held.reason}."
    if held.release is not None:
        await _refuse_unless_dead(office, service, held, command.because)
        before = f"{held.release} of {held.by.name} had left it locked: {held.reason}."
    waiter = await office.locks.free(service.name, held.release)
    text, audited = (
        f"{service.name} is unlocked",
        f"{before} Because: {command.because}" if command.because else before,
    )
    await office.audit(asker, "unlock", "done", audited, about=(service.name, held.release))
    told = answers.told_channel(text, asker.actor, command.because, before)
    await office.tell(service, f"unlock:{asker.request}", told)
    if waiter is not None:
        free = service_is_free(service.name, f"{office.command} {waiter.command}")
        await office.outbox.put(Parcel.to_waiter(service.name, waiter, free))
    return answers.said(f"{text}.", before)


async def _refuse_unless_dead(office: Office, service: Service, held: Lock, because: str | None) -> None:
    """The lock of a release is its own while route object or store call it live; what a dead one left is broken with a reason."""
    if not await _is_dead(office, service, str(held.release)):
        raise refuse(
            ReasonCode.LOCK_OF_RELEASE,
            f"{service.name} is held by the live release {held.release} of {held.by.name}.",
            f"It is free when the release ends; {office.command} rollback {service.name} ends it.",
        )
    if because is None:
        raise refuse(
            ReasonCode.LOCK_OF_RELEASE,
            f"{service.name} is still held by {held.release} of {held.by.name}, which nothing calls live any more.",
            f'To break its lock, say why: {office.command} unlock {service.name} because "…"',
        )


async def _is_dead(office: Office, service: Service, release: str) -> bool:
    """A record in the route object that cannot be read may be one of a version to come: then it lives."""
    stored = await office.releases.load(release)
    if stored is not None and stored.live:
        return False
    written = await office.live.of(service.name)
    if written is not None:
        return written.id != release or not written.live
    try:
        route = await office.traffic.read(service)
    except (Refused, TargetGone):
        return True
    return route.release != release


async def locks(office: Office) -> Message:
    """All that is held."""
    return lists.locks(await office.locks.all(), office.clock.now())
