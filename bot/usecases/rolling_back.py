"""Bring the version before back: at once while a release is live, warmed and in one step after its end."""

import asyncio

import structlog

from bot.commands.model import Rollback
from bot.config.catalogue import Adopt, Service
from bot.errors import ReasonCode, Refused, Unavailable, refuse
from bot.messages import answers
from bot.messages.card import headline
from bot.messages.model import Message
from bot.messages.parked import named
from bot.policy.roles import Act
from bot.release.instructions import Ask, Instruction
from bot.release.model import Kind, Release
from bot.release.phases import Phase
from bot.release.stored import Newer
from bot.release.version import version_in
from bot.strategies import canary
from bot.usecases.moving import instruct
from bot.usecases.office import Asker, Office
from bot.usecases.starting import Intent, admit, draft, image_of, survey, unadopted

log = structlog.get_logger()

KEEPING = 0.3
"""Seconds the store gets to remember a rollback before it goes ahead without it."""
ANSWER = 1.5
"""Seconds after which the author is answered, done or not."""
LOOK_BACK = 20


async def rollback(office: Office, asker: Asker, command: Rollback) -> Message:
    """Roll the live release back, or else release the version before."""
    service = await office.reached(command.service)
    try:
        release = await office.find_live(service)
    except Newer as newer:
        return await roll_back_unread(office, asker, newer, because=command.because)
    if release is not None:
        wanted = str(command.to) if command.to is not None else release.source
        if wanted != release.source:
            raise refuse(
                ReasonCode.UNKNOWN_VERSION,
                f"{headline(release)} is live; it can only go back to {release.source}.",
                f"Roll it back first, and after its end type {office.command} rollback {service.name} to {wanted}.",
            )
        return await roll_back_release(office, asker, release, because=command.because)
    await office.allow(Act.ROLL_BACK, service, asker)
    return await _restore(office, asker, service, command)


async def roll_back_release(
    office: Office, asker: Asker, release: Release, *, because: str | None = None
) -> Message:
    """Traffic back to stable at once: waits for no store, no chat and no metrics."""
    await office.allow(Act.ROLL_BACK, office.service_of(release), asker)
    if release.phase is Phase.ROLLING_BACK:
        return answers.said(f"{headline(release)} is being rolled back already.")
    if release.kind is Kind.UNADOPT and release.subsets_since is not None:
        text = f"{headline(release)} has left the route already, and ends by itself."
        raise refuse(ReasonCode.NOTHING_TO_ROLL_BACK, text)
    wish = instruct(office, asker, release, Ask.ROLL_BACK, because=because)
    await urge(office, release.id, wish)
    if not await _is_reached(office, release):
        kept = f"The rollback of {headline(release)} is remembered and goes first when it answers."
        return answers.said(f"Kubernetes cannot be reached. {kept}")
    if release.phase is Phase.PREPARING:
        return answers.said(f"Cancelling {headline(release)}: no traffic has moved yet.")
    return answers.said(f"Rolling back {headline(release)}: traffic goes to {release.source}.")


async def roll_back_unread(
    office: Office, asker: Asker, newer: Newer, *, because: str | None = None
) -> Message:
    """The same for one that a newer Lockmaster wrote: its traffic goes to stable, and its record stays as it is."""
    await office.allow(Act.ROLL_BACK, office.service(newer.service), asker)
    wish = Instruction(
        id=f"{asker.request}:{Ask.ROLL_BACK}",
        ask=Ask.ROLL_BACK,
        by=asker.actor,
        at=office.clock.now(),
        because=because,
    )
    await urge(office, newer.release, wish)
    return answers.said(
        f"{named(newer)}: traffic goes to stable. {newer.reason.text}", newer.reason.next_step or ""
    )


async def _is_reached(office: Office, release: Release) -> bool:
    try:
        await office.live.of(release.service)
    except Unavailable:
        return False
    return True


async def urge(office: Office, release: str, wish: Instruction) -> bool:
    """Have the wish remembered if that is quick, and act on it in any case; False when it was taken in before."""
    try:
        async with asyncio.timeout(KEEPING):
            if not await office.releases.instruct(release, wish):
                return False
    except (Unavailable, TimeoutError) as error:
        log.warning("rollback not kept, acting all the same", release=release, why=str(error))
    task = office.spawn(office.passes.now(release, wish))
    await asyncio.wait({task}, timeout=ANSWER)
    return True


async def _restore(office: Office, asker: Asker, service: Service, command: Rollback) -> Message:
    ground = await survey(office, service, None)
    if not ground.route.adopted and service.adopt is not Adopt.AUTO:
        raise Refused(unadopted(office, service))
    running = version_in(ground.stable.image)
    target, image = await _version_before(office, service, running, command)
    if target == running:
        raise refuse(ReasonCode.SAME_VERSION, f"{service.name} runs {target} already.")
    intent = Intent(Kind.RESTORE, target, image, canary.restore(), command.because)
    release = draft(office, asker, ground, intent)
    return await admit(office, asker, service, release, None)


async def _version_before(
    office: Office, service: Service, running: str, command: Rollback
) -> tuple[str, str]:
    """Version and image: what was typed, or what the release that brought the running version replaced."""
    past = await office.releases.history(service.name, LOOK_BACK)
    if command.to is not None:
        wanted = str(command.to)
        known = next((one for one in past if one.source == wanted), None)
        return wanted, known.previous_image if known else image_of(service, command.to)
    brought = next((one for one in past if one.phase is Phase.PROMOTED and one.target == running), None)
    if brought is None or brought.kind in (Kind.ADOPT, Kind.UNADOPT):
        raise refuse(
            ReasonCode.NOTHING_TO_ROLL_BACK,
            f"No release is known that brought {service.name} {running}, so the version before is not known.",
            f"Name it: {office.command} rollback {service.name} to VERSION.",
        )
    return brought.source, brought.previous_image
