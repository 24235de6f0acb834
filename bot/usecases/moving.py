"""Move a live release on, hold it, let it go on."""

from bot.commands.model import Pause, Promote, Resume
from bot.errors import ReasonCode, refuse
from bot.messages import answers
from bot.messages.card import PHASES, headline
from bot.messages.model import Message
from bot.policy.roles import Act, quorum
from bot.release.instructions import Ask, Instruction
from bot.release.model import Kind, Release, Trigger
from bot.release.phases import PAUSABLE, Phase
from bot.release.verdict import Verdict
from bot.usecases.office import Asker, Office


async def promote(office: Office, asker: Asker, command: Promote) -> Message:
    """To the next stage, or through all of them."""
    service = await office.reached(command.service)
    release = await office.live_release(service)
    return await promote_release(office, asker, release, full=command.full, because=command.because)


async def promote_release(
    office: Office, asker: Asker, release: Release, *, full: bool = False, because: str | None = None
) -> Message:
    """The same for a release at hand. Raises `Refused`: not allowed, paused, unhealthy, without data, nothing to promote."""
    service = office.service_of(release)
    await office.allow(Act.PROMOTE, service, asker, requester=release.by)
    _refuse_unless_promotable(office, release)
    ask = Ask.PROMOTE_FULL if full else Ask.PROMOTE
    wish = instruct(office, asker, release, ask, because=because, quorum=quorum(service))
    await office.releases.instruct(release.id, wish)
    office.spawn(office.passes.now(release.id, wish))
    if wish.quorum > len({one.id for one in release.approvals} | {asker.actor.id}):
        return answers.said(
            f"Your approval of {headline(release)} counts; {wish.quorum} people have to promote."
        )
    following = release.following if not full else release.stages[-1]
    onward = f"goes to {following.weight}" if following is not None else "is promoted"
    return answers.said(f"{headline(release)} {onward}{', then it is promoted' if full else ''}.")


async def pause(office: Office, asker: Asker, command: Pause) -> Message:
    """Hold a live release where it is; it still rolls back by itself."""
    release = await office.live_release(await office.reached(command.service))
    return await pause_release(office, asker, release, because=command.because)


async def pause_release(
    office: Office, asker: Asker, release: Release, *, because: str | None = None
) -> Message:
    """The same for a release at hand."""
    await office.allow(Act.HOLD, office.service_of(release), asker)
    if release.paused is not None:
        raise refuse(
            ReasonCode.ALREADY_PAUSED, f"{headline(release)} is paused already, by {release.paused.by.name}."
        )
    _refuse_rolling_back(release)
    if release.phase not in PAUSABLE or release.kind in (Kind.ADOPT, Kind.UNADOPT):
        raise refuse(
            ReasonCode.NOTHING_TO_PAUSE, f"{headline(release)} cannot be paused now: {PHASES[release.phase]}."
        )
    await _wish(office, asker, release, Ask.PAUSE, because)
    return answers.said(f"{headline(release)} is paused.", "It still rolls back by itself when it has to.")


async def resume(office: Office, asker: Asker, command: Resume) -> Message:
    """Let a held release go on."""
    release = await office.live_release(await office.reached(command.service))
    return await resume_release(office, asker, release, because=command.because)


async def resume_release(
    office: Office, asker: Asker, release: Release, *, because: str | None = None
) -> Message:
    """The same for a release at hand."""
    await office.allow(Act.HOLD, office.service_of(release), asker)
    if release.paused is None:
        raise refuse(ReasonCode.NOT_PAUSED, f"{headline(release)} is not paused.")
    if release.drift is not None:
        raise refuse(
            ReasonCode.NOT_READY,
            f"{headline(release)} waits because somebody else changed the weights.",
            "Press Apply again, Adopt theirs or Roll back on its message.",
        )
    await _wish(office, asker, release, Ask.RESUME, because)
    return answers.said(f"{headline(release)} goes on.")


async def settle_drift(office: Office, asker: Asker, release: Release, ask: Ask) -> Message:
    """Put our weights back, or take those that somebody else wrote."""
    await office.allow(Act.PROMOTE, office.service_of(release), asker, requester=release.by)
    if release.drift is None:
        raise refuse(ReasonCode.ALREADY_DONE, f"{headline(release)} has the weights it ordered.")
    await _wish(office, asker, release, ask, None)
    return answers.said(f"{headline(release)}: {ask.replace('_', ' ')}.")


async def wait_longer(office: Office, asker: Asker, release: Release) -> Message:
    """Give the data more time to come."""
    await office.allow(Act.PROMOTE, office.service_of(release), asker, requester=release.by)
    await _wish(office, asker, release, Ask.WAIT_LONGER, None)
    return answers.said(f"{headline(release)} waits longer.")


async def go_on_anyway(office: Office, asker: Asker, release: Release, because: str) -> Message:
    """An approver's word in place of numbers."""
    service = office.service_of(release)
    await office.allow(Act.PROMOTE, service, asker, requester=release.by)
    if office.eyes.judgement(release).verdict is Verdict.FAIL:
        raise refuse(ReasonCode.UNHEALTHY, f"{headline(release)} is failing; it cannot go on.")
    await _wish(office, asker, release, Ask.GO_ON_ANYWAY, because)
    return answers.said(f"{headline(release)} goes on without data.")


def instruct(
    office: Office,
    asker: Asker,
    release: Release,
    ask: Ask,
    *,
    because: str | None = None,
    quorum: int = 1,
) -> Instruction:
    """A wish bound to what the release is now."""
    return Instruction(
        id=f"{asker.request}:{ask}",
        ask=ask,
        by=asker.actor,
        at=office.clock.now(),
        trigger=Trigger.PERSON,
        because=because,
        stage=release.stage,
        attempt=release.attempt,
        quorum=quorum,
    )


async def _wish(office: Office, asker: Asker, release: Release, ask: Ask, because: str | None) -> None:
    wish = instruct(office, asker, release, ask, because=because)
    await office.releases.instruct(release.id, wish)
    office.spawn(office.passes.now(release.id, wish))


def _refuse_rolling_back(release: Release) -> None:
    if not release.phase.forward:
        raise refuse(ReasonCode.ROLLING_BACK, f"{headline(release)}: {PHASES[release.phase]}.")


def _refuse_unless_promotable(office: Office, release: Release) -> None:
    name = headline(release)
    _refuse_rolling_back(release)
    if release.paused is not None:
        raise refuse(
            ReasonCode.ALREADY_PAUSED, f"{name} is paused by {release.paused.by.name}.", "Resume it first."
        )
    if release.phase not in (Phase.BAKING, Phase.GATE):
        raise refuse(
            ReasonCode.NOTHING_TO_PROMOTE,
            f"{name} cannot be promoted now: {PHASES[release.phase]}.",
            "Its message offers the button when it can.",
        )
    judgement = office.eyes.judgement(release)
    worst = judgement.worst.text if judgement.worst else "no rule has spoken"
    if judgement.verdict is Verdict.FAIL:
        raise refuse(ReasonCode.UNHEALTHY, f"{name} is not healthy: {worst}.", "It rolls back by itself.")
    if judgement.verdict is not Verdict.PASS:
        step = (
            "Wait for more requests, or press Go on anyway on its message, with a reason, when it is offered."
        )
        raise refuse(ReasonCode.NO_DATA, f"{name} cannot be shown healthy: {worst}.", step)
