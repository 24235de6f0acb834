"""What is said besides the live message: a line in its thread for each event, and the few notices that ring."""

from datetime import datetime

from bot.config.catalogue import Service
from bot.errors import Reason
from bot.messages.card import HELD, headline
from bot.messages.gitops import advice
from bot.messages.model import Block, Bold, Message, Span, note, paragraph
from bot.messages.wording import ago, lasting, person
from bot.policy.roles import Act, who_may
from bot.release.meddling import Obstacle
from bot.release.model import ActorKind, Ending, Event, EventKind, Release, Trigger
from bot.release.phases import FORWARD, Phase

SENTENCES = {
    EventKind.STARTED: "Started",
    EventKind.CLAIMED: "Set out",
    EventKind.TRACKS_ADDED: "Adoption",
    EventKind.ADOPTED: "Adopted",
    EventKind.UNADOPTED: "Unadopted",
    EventKind.STAGE_ENTERED: "Next stage",
    EventKind.WEIGHT_ORDERED: "Weight ordered",
    EventKind.WEIGHT_OBSERVED: "Weight in effect",
    EventKind.ASKED: "Asked",
    EventKind.APPROVED: "Approved",
    EventKind.WAIT_PROLONGED: "Prolonged",
    EventKind.PAUSED: "Paused",
    EventKind.RESUMED: "Resumed",
    EventKind.DRIFTED: "Changed by somebody else",
    EventKind.DRIFT_SETTLED: "Settled",
    EventKind.ROLLBACK_ORDERED: "Rollback",
    EventKind.STABLE_READY: "Stable is ready",
    EventKind.FLOOR_HELD: "Autoscaler",
    EventKind.FLOOR_CHANGED: "Autoscaler changed by somebody else",
    EventKind.PODS_MISSING: "Canary pods missing",
    EventKind.PODS_BACK: "Canary pods are back",
    EventKind.NEEDED_HUMAN: "Stopped",
    EventKind.ENDED: "Ended",
    EventKind.TIDIED: "Tidied up",
}
TRIGGERS = {
    Trigger.PERSON: "a person",
    Trigger.ALERT: "an alert",
    Trigger.METRIC: "the metrics",
    Trigger.PODS: "the canary's pods",
    Trigger.DEADLINE: "a deadline",
    Trigger.CLUSTER: "the cluster",
    Trigger.COMPLETION: "completion",
}

ROUTED = frozenset({Obstacle.SHAPE, Obstacle.PUT_BACK})


def event_line(event: Event) -> str:
    """`Weight ordered: 5 % to the canary`."""
    return f"{SENTENCES[event.kind]}: {event.text}"


def thread_note(release: Release, event: Event) -> Message:
    """One line of the thread: what happened, and who did it."""
    parts: list[Span | str] = [event_line(event)]
    if event.by.kind is not ActorKind.LOCKMASTER:
        parts += [" (", person(event.by), ")"]
    return Message(summary=f"{release.id}: {event_line(event)}", blocks=(paragraph(*parts),))


def notice(release: Release, service: Service, event: Event, command: str) -> Message | None:
    """What the channel is rung for: *needs you*, *rolled back*, *done*, and where nothing is safe."""
    if event.kind is EventKind.ASKED or _paused_by_alert(event):
        return _needs_you(release, service, event)
    if event.kind in (EventKind.NEEDED_HUMAN, EventKind.DRIFTED):
        return _stopped(release, service, event, command)
    if event.kind is not EventKind.ENDED:
        return None
    if release.phase is Phase.ROLLED_BACK and release.ending is not None:
        return _rolled_back(release, release.ending, command)
    return _done(release, event)


def _paused_by_alert(event: Event) -> bool:
    return event.kind is EventKind.PAUSED and event.by.kind is ActorKind.ALERT


def _needs_you(release: Release, service: Service, event: Event) -> Message:
    text = f"{headline(release)} needs you: {event.text}."
    body = paragraph(Bold(text="Needs you"), f"   {headline(release)}: {event.text}.")
    step = _deciders(service) if release.phase in FORWARD else "It ends by itself once the requests follow."
    return Message(summary=text, blocks=(body, note(step)))


def _stopped(release: Release, service: Service, event: Event, command: str) -> Message:
    text = f"{headline(release)} stopped: {event.text}."
    body = paragraph(Bold(text="Stopped"), f"   {headline(release)}: {event.text}.")
    back = f"Roll back is on its live message, for {who_may(Act.ROLL_BACK, service)}."
    step = _deciders(service) if event.kind is EventKind.DRIFTED else back
    step = f"{step} {command} show {release.id} tells everything."
    return Message(summary=text, blocks=(body, *_advised(release, service), note(step)))


def _advised(release: Release, service: Service) -> tuple[Block, ...]:
    """Where somebody undoes what a release writes in the route: how to make the usual ones leave it alone."""
    back = release.put_back
    if back is None or not back.stubborn:
        return ()
    drifted = release.drift is not None and release.drift.canary == back.canary
    stopped = release.stopped is not None and release.stopped.by in ROUTED
    return advice(service, back) if drifted or stopped else ()


def denied(release: Release, reason: Reason) -> Message:
    """The cluster does not take what a release has to write."""
    text = f"{headline(release)} cannot go on: {reason.text}."
    body = paragraph(Bold(text="Held up"), f"   {text}")
    below = tuple(note(one.text) for one in reason.because)
    step = note(f"{reason.next_step or 'Somebody has to look.'} It is tried again every few seconds.")
    return Message(summary=text, blocks=(body, *below, step))


def broke(release: Release) -> Message:
    """A bug of ours keeps a release from going on."""
    text = f"{headline(release)} needs you: Lockmaster breaks whenever it looks at it."
    body = paragraph(
        Bold(text="Needs you"), f"   {headline(release)}: Lockmaster breaks whenever it looks at it."
    )
    step = "Its log says how. It tries again once a minute, and Roll back is tried at once; other releases go on."
    return Message(summary=text, blocks=(body, note(step)))


def out_of_reach(release: Release) -> Message:
    """The cluster has not answered for a while: what that means, and what still helps."""
    text = f"{headline(release)} needs you: Kubernetes cannot be reached."
    body = paragraph(Bold(text="Needs you"), f"   {headline(release)}: Kubernetes cannot be reached.")
    stays = f"The canary keeps {release.weights.canary}. " if release.stages else ""
    step = f"{stays}{HELD} Whoever can reach the cluster by another way can set the weights by hand."
    return Message(summary=text, blocks=(body, note(step)))


def in_reach(release: Release, since: datetime, now: datetime) -> Message:
    """What takes its place when the cluster answers again."""
    text = f"{headline(release)} goes on: Kubernetes answers again after {ago(since, now)}."
    return Message(summary=text, blocks=(paragraph(text),))


def _deciders(service: Service) -> str:
    onward, back = who_may(Act.PROMOTE, service), who_may(Act.ROLL_BACK, service)
    return f"The buttons are on its live message. To go on: {onward}. To roll back: {back}."


def _rolled_back(release: Release, ending: Ending, command: str) -> Message:
    observed = release.recent[-1].text
    lines: list[Block] = [
        paragraph(Bold(text="Rolled back"), f"   {headline(release)}"),
        paragraph(f"Trigger: {TRIGGERS[ending.trigger]}: {ending.text} (", person(ending.by), ")"),
    ]
    if ending.sample is not None:
        lines.append(paragraph(f"Sample: {ending.sample}"))
    if release.exposed_since is not None:
        peak = release.stages[release.stage].weight
        lines.append(paragraph(f"Exposed: up to {peak} for {lasting(ending.at - release.exposed_since)}"))
    lines.append(paragraph(f"Restored: {release.source}; {observed}"))
    lines.append(
        note("Not undone: whatever the new version wrote, and configuration outside the Deployment.")
    )
    lines.append(
        note(
            f"Next: {command} show {release.id} tells everything; release a mended version when it is ready."
        )
    )
    return Message(summary=f"{headline(release)} was rolled back.", blocks=tuple(lines))


def _done(release: Release, event: Event) -> Message:
    word = "Done" if release.phase is Phase.PROMOTED else "Cancelled"
    parts: list[Block] = [paragraph(Bold(text=word), f"   {headline(release)}: {event.text}.")]
    if release.phase is Phase.CANCELLED and release.stages and release.exposed_since is None:
        parts.append(note(f"{release.source} serves everything, as before."))
    return Message(summary=f"{headline(release)}: {word.lower()}.", blocks=tuple(parts))
