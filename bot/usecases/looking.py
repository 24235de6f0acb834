"""Questions: nothing is changed, and the author alone sees the answer."""

from bot.commands.model import Check, History, Show, Status
from bot.config.pinned import outdated
from bot.errors import ReasonCode, Unavailable, refuse
from bot.messages import answers, lists
from bot.messages.model import Message
from bot.release.lock import Lock
from bot.release.model import Event, Release
from bot.release.stored import Newer
from bot.usecases.office import Office

PAST = 15


async def status(office: Office, command: Status) -> Message:
    """Who, what, where it stands."""
    names = (office.service(command.service).name,) if command.service else office.catalogue.names()
    held = await _locks(office)
    rows = [(name, await _standing(office, name), held.get(name)) for name in names]
    return lists.status(tuple(rows), office.clock.now(), office.eyes.behind())


async def history(office: Office, command: History) -> Message:
    """Past releases, newest first."""
    service = office.service(command.service)
    past = await office.releases.history(service.name, PAST)
    return lists.history(service.name, past, office.clock.now())


async def show(office: Office, command: Show) -> Message:
    """One release with every event."""
    return await show_release(office, command.release)


async def show_release(office: Office, release_id: str) -> Message:
    """The same by id; while the store is away, as much as the route object remembers."""
    release, events = await _remembered(office, release_id)
    if release is None:
        raise refuse(
            ReasonCode.UNKNOWN_RELEASE,
            f"There is no release {release_id}.",
            f"{office.command} history SERVICE lists the releases of a service.",
        )
    return lists.shown(release, events or release.recent, outdated(release, office.catalogue))


async def check(office: Office, command: Check) -> Message:
    """Whether the service is ready for releases."""
    service = office.service(command.service)
    missing = await office.traffic.examine(service)
    adopted = not missing and (await office.traffic.read(service)).adopted
    return answers.checked(service, missing, adopted=adopted, late=office.eyes.behind())


async def _remembered(office: Office, release_id: str) -> tuple[Release | None, tuple[Event, ...]]:
    try:
        return await office.releases.load(release_id), await office.releases.events(release_id)
    except Unavailable:
        return await office.live.by_id(release_id), ()


async def _standing(office: Office, name: str) -> Release | Newer | None:
    """What the route object says; before it is written there, or after it was taken out, what the store says."""
    try:
        live = await office.find_live(office.service(name))
    except Newer as newer:
        return newer
    if live is not None:
        return live
    try:
        past = await office.releases.history(name, 1)
    except Unavailable:
        past = ()
    return past[0] if past else await office.live.of(name)


async def _locks(office: Office) -> dict[str, Lock]:
    try:
        return {lock.service: lock for lock in await office.locks.all()}
    except Unavailable:
        return {}
