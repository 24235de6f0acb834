"""Prepare a service for releases once, and take that back."""

from bot.commands import model as commands
from bot.config.catalogue import Adopt
from bot.errors import ReasonCode, Refused, refuse
from bot.messages.model import Message
from bot.policy.roles import Act
from bot.release.model import Kind
from bot.release.version import version_in
from bot.usecases.office import Asker, Office
from bot.usecases.starting import Intent, admit, draft, survey, unadopted


async def adopt(office: Office, asker: Asker, command: commands.Adopt) -> Message:
    """Track label, tracks, route: each seen before the next."""
    return await _change(office, asker, command.service, Kind.ADOPT)


async def unadopt(office: Office, asker: Asker, command: commands.Unadopt) -> Message:
    """Exactly what was there before."""
    return await _change(office, asker, command.service, Kind.UNADOPT)


async def _change(office: Office, asker: Asker, name: str, kind: Kind) -> Message:
    service = office.service(name)
    await office.allow(Act.ADOPT, service, asker)
    ground = await survey(office, service, None)
    if kind is Kind.ADOPT and ground.route.adopted:
        raise refuse(ReasonCode.ALREADY_ADOPTED, f"{service.name} is adopted already.")
    if kind is Kind.ADOPT and service.adopt is Adopt.NEVER:
        raise Refused(unadopted(office, service))
    if kind is Kind.UNADOPT and not ground.route.adopted:
        raise refuse(ReasonCode.NOT_ADOPTED, f"{service.name} is not adopted.")
    running = version_in(ground.stable.image)
    release = draft(office, asker, ground, Intent(kind, running, ground.stable.image, ()))
    return await admit(office, asker, service, release, None)
