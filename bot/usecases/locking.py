"""A person's hold on a service."""

from bot.commands.model import Lock as LockCommand
from bot.commands.model import Unlock
from bot.errors import ReasonCode, refuse
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
    """Take a person's hold away: one's own, or with a word in the channel somebody else's."""
    service = office.service(command.service)
    await office.allow(Act.LOCK, service, asker)
    held = await office.locks.get(service.name)
    if held is None:
        raise refuse(ReasonCode.NOT_LOCKED, f"{service.name} is not locked.")
    if held.release is not None:
        raise refuse(
            ReasonCode.LOCK_OF_RELEASE,
            f"{service.name} is held by the live release {held.release} of {held.by.name}.",
            f"It is free when the release ends; {office.command} rollback {service.name} ends it.",
        )
    waiter = await office.locks.free(service.name, None)
    text, before = f"{service.name} is unlocked", f"{held.by.name} had locked it: {held.reason}."
    await office.audit(asker, "unlock", "done", before, about=(service.name, None))
    told = answers.told_channel(text, asker.actor, command.because, before)
    await office.tell(service, f"unlock:{asker.request}", told)
    if waiter is not None:
        free = service_is_free(service.name, f"{office.command} {waiter.command}")
        await office.outbox.put(Parcel.to_waiter(service.name, waiter, free))
    return answers.said(f"{text}.", before)


async def locks(office: Office) -> Message:
    """All that is held."""
    return lists.locks(await office.locks.all(), office.clock.now())
