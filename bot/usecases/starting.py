"""Start a release, or say what starting one would do."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from bot.commands.model import Start
from bot.commands.render import render
from bot.config.catalogue import Adopt, Service
from bot.config.pinned import pin
from bot.errors import Reason, ReasonCode, Refused, Unavailable, refuse
from bot.messages import answers, buttons, plans, refusals
from bot.messages.card import headline
from bot.messages.lists import holder
from bot.messages.model import Message
from bot.policy.roles import Act
from bot.ports.locks import Busy, Held, IdTaken, Waiter
from bot.ports.traffic import Route
from bot.ports.workloads import Track, Workload
from bot.release.lock import Lock
from bot.release.model import ActorKind, Event, EventKind, Kind, Release, Stage
from bot.release.phases import Phase
from bot.release.rules import Rules
from bot.release.version import Version, version_in
from bot.strategies import canary
from bot.usecases.office import Asker, Office
from bot.usecases.unanswered import take_back

LOOK_BACK = 20
TURNS = 3
"""Of the event loop, in which an answer that is ready leaves before what it told of begins."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a start stands on."""

    service: Service
    route: Route
    stable: Workload
    objections: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Intent:
    """What a release is for. Only a new version is judged by the service's rules: the version before is known."""

    kind: Kind
    target: str
    image: str
    stages: tuple[Stage, ...]
    because: str | None = None


async def start(office: Office, asker: Asker, command: Start, *, confirmed: bool = False) -> Message:
    """Check, take the lock, write the record, set out. The release itself is the reconciler's."""
    service = office.service(command.service)
    await office.allow(Act.START, service, asker)
    stages = canary.stages(command, service)
    confirmed = confirmed or (asker.actor.kind is ActorKind.TERMINAL and command.because is not None)
    ground = await survey(office, service, str(command.version), fresh=False)
    before = await _rolled_back_before(office, service, command)
    if ground.objections:
        raise Refused(_one(ground.objections, service))
    if before is not None and not confirmed:
        return _ask_again(asker, command, before)
    intent = Intent(
        Kind.RELEASE, str(command.version), image_of(service, command.version), stages, command.because
    )
    release = draft(office, asker, ground, intent)
    waiter = Waiter(
        by=asker.actor, since=office.clock.now(), command=render(command), channel=service.channel
    )
    return await admit(office, asker, service, release, waiter)


def _ask_again(asker: Asker, command: Start, before: Release) -> Message:
    """A terminal has no buttons: there a reason says that it is meant."""
    why = before.ending.text if before.ending is not None else "no reason is known"
    text = f"{before.service} {before.target} was rolled back in {before.id}: {why}."
    if asker.actor.kind is not ActorKind.TERMINAL:
        return refusals.sure(
            f"{text} Release it again?", "Release it again", buttons.START_ANYWAY, render(command)
        )
    raise refuse(ReasonCode.ROLLED_BACK_BEFORE, text, 'To release it again, say why: because "…"')


async def plan(office: Office, asker: Asker, command: Start) -> Message:
    """Everything a start would check and do, and nothing done."""
    service = office.service(command.service)
    stages = canary.stages(command, service)
    objections: list[Reason] = []
    try:
        await office.allow(Act.START, service, asker)
    except Refused as error:
        objections.append(error.reason)
    ground = await survey(office, service, str(command.version))
    objections.extend(ground.objections)
    lock = await _held(office, service)
    if lock is not None:
        objections.append(Reason(ReasonCode.LOCKED, f"Locked: {holder(lock, office.clock.now())}."))
    return plans.planned(
        plans.Plan(
            service=service,
            source=version_in(ground.stable.image),
            target=str(command.version),
            image=image_of(service, command.version),
            stages=stages,
            adopted=ground.route.adopted,
            stable_replicas=ground.stable.replicas,
            objections=tuple(objections),
            floor=await _floor(office, service, ground.stable),
        )
    )


async def _floor(office: Office, service: Service, stable: Workload) -> plans.FloorPlan | None:
    """What a release would do to stable's autoscaler; None where nothing scales stable."""
    found = await office.autoscalers.read(service)
    if found is None:
        return None
    held = max(found.floor, min(stable.replicas, found.ceiling))
    return plans.FloorPlan(found.name, found.floor, held, found.counts_canary)


async def survey(office: Office, service: Service, target: str | None, *, fresh: bool = True) -> Ground:
    """Look at everything a start needs, before anything is touched. Raises `Refused` when there is nothing to look at.

    A start need not look afresh: its claim of the route object is a compare-and-set on what it saw.
    """
    missing = await office.traffic.examine(service, fresh=fresh)
    if missing:
        raise Refused(_one(missing, service))
    route = await office.traffic.read(service)
    stable = await office.workloads.read(service, Track.STABLE)
    if stable is None:
        raise refuse(
            ReasonCode.TARGET_GONE, f"There is no Deployment {service.namespace}/{service.deployment}."
        )
    objections: list[Reason] = []
    if not route.adopted and service.adopt is not Adopt.AUTO and target is not None:
        objections.append(unadopted(office, service))
    if target is not None and version_in(stable.image) == target:
        objections.append(
            Reason(ReasonCode.SAME_VERSION, f"{service.name} runs {target} already.", "Nothing was done.")
        )
    return Ground(service, route, stable, tuple(objections))


def draft(office: Office, asker: Asker, ground: Ground, intent: Intent) -> Release:
    """The record of a release that has not been admitted yet; it has no number."""
    now = office.clock.now()
    return Release(
        id="R-0",
        kind=intent.kind,
        service=ground.service.name,
        source=version_in(ground.stable.image),
        target=intent.target,
        image=intent.image,
        previous_image=ground.stable.image,
        stages=intent.stages,
        rules=ground.service.rules if intent.kind is Kind.RELEASE else Rules(),
        phase=Phase.PREPARING,
        phase_since=now,
        started_at=now,
        by=asker.actor,
        because=intent.because,
        channel=ground.service.channel,
        stable_replicas=max(1, ground.stable.replicas),
        entry=pin(ground.service),
    )


async def admit(
    office: Office, asker: Asker, service: Service, release: Release, waiter: Waiter | None
) -> Message:
    """Through the first gate, the lock: one wins, everybody else is told who holds it and their place."""
    await _refuse_if_forgotten(office, service)
    await asker.only_once()
    numbered, answer = await _admitted(office, asker, release, waiter)
    if isinstance(answer, Busy):
        _keep(office, numbered.id)
        raise Refused(_busy(office, service, answer))
    office.spawn(_set_out(office, asker, numbered))
    return answers.started(numbered, service)


async def _admitted(
    office: Office, asker: Asker, release: Release, waiter: Waiter | None
) -> tuple[Release, Held | Busy]:
    """Ask with one number after another, until it is nobody else's."""
    event = Event(
        kind=EventKind.STARTED, at=release.started_at, by=asker.actor, revision=0, text=release.move
    )
    while True:
        drawn = office.drawn.pop() if office.drawn else await _draw(office)
        numbered = release.model_copy(update={"id": drawn, "recent": (event,)})
        try:
            return numbered, await office.locks.admit(numbered, event, waiter)
        except IdTaken:
            continue
        except Unavailable:
            office.spawn(take_back(office, numbered))
            raise


async def _refuse_if_forgotten(office: Office, service: Service) -> None:
    """A store that was emptied knows no lock; the route object still says who holds the service."""
    written = await office.live.of(service.name)
    if written is not None and written.live and await office.locks.get(service.name) is None:
        text = f"{headline(written)} is live, started by {written.by.name} at {written.started_at:%H:%M} UTC."
        raise refuse(
            ReasonCode.LIVE_ELSEWHERE, text, f"{office.command} status {service.name} says where it stands."
        )


async def _draw(office: Office) -> str:
    """The next id. A store that was emptied begins behind what the route objects carry."""
    highest = max((one.number for one in await office.live.known()), default=0)
    return f"R-{await office.locks.next_number(highest)}"


def _keep(office: Office, drawn: str) -> None:
    if not office.drawn:
        office.drawn.append(drawn)


async def _set_out(office: Office, asker: Asker, release: Release) -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)
    await office.audit(asker, "start", "done", release.move, about=(release.service, release.id))
    await office.passes.now(release.id)
    with suppress(Unavailable):
        _keep(office, await _draw(office))


def image_of(service: Service, version: Version) -> str:
    """The image of a version: by digest where one was typed, else by tag."""
    joint = "@" if version.is_digest else ":"
    return f"{service.image}{joint}{version.tag}"


async def _rolled_back_before(office: Office, service: Service, command: Start) -> Release | None:
    """The newest release of that version, if it was rolled back; a route that no release ever wrote has no past to ask for."""
    if await office.live.of(service.name) is None:
        return None
    past = await office.releases.history(service.name, LOOK_BACK)
    same = [one for one in past if one.target == str(command.version) and one.kind is Kind.RELEASE]
    return same[0] if same and same[0].phase is Phase.ROLLED_BACK else None


async def _held(office: Office, service: Service) -> Lock | None:
    try:
        return await office.locks.get(service.name)
    except Unavailable:
        return None


def _one(reasons: tuple[Reason, ...], service: Service) -> Reason:
    if len(reasons) == 1:
        return reasons[0]
    text = f"{service.name} is not ready for this release; nothing was touched."
    return Reason(reasons[0].code, text, None, reasons)


def unadopted(office: Office, service: Service) -> Reason:
    """Why a service that is not adopted is not released, and who may adopt it."""
    if service.adopt is Adopt.ASK:
        step = f"Type {office.command} adopt {service.name} first."
    else:
        step = (
            f"Prepare it where its manifests are kept: lockmaster adopt --print {service.name} writes them."
        )
    return Reason(ReasonCode.NOT_ADOPTED, f"{service.name} is not prepared for releases yet.", step)


def _busy(office: Office, service: Service, answer: Busy) -> Reason:
    text = f"{service.name} is locked: {holder(answer.lock, office.clock.now())}."
    step = f"{office.command} locks shows all that is held."
    if answer.place is not None:
        step = f"You are number {answer.place} in the queue, and are told when it is free; nothing starts by itself."
    return Reason(ReasonCode.LOCKED, text, step)
