"""Tables of what is held, what runs, what was."""

from collections.abc import Mapping
from datetime import datetime

from bot.messages.cadence import behind
from bot.messages.card import PHASES, catalogue_changed, headline
from bot.messages.model import Block, Message, Table, note, paragraph
from bot.messages.notices import event_line
from bot.messages.wording import ago
from bot.release.lock import Lock
from bot.release.model import Event, Release
from bot.release.stored import Newer

MOST_EVENTS = 40


def locks(held: tuple[Lock, ...], now: datetime) -> Message:
    """What is held, by whom, since when and why."""
    if not held:
        return Message(summary="Nothing is locked.", blocks=(paragraph("Nothing is locked."),))
    lines = tuple(f"{lock.service:<20} {holder(lock, now)}" for lock in held)
    return Message(summary=f"{len(held)} locked", blocks=(Table(lines=lines),))


def holder(lock: Lock, now: datetime) -> str:
    """`held by ana (R-1042) since 14:03 UTC (12 min): v1.2.9 → v1.3.0`; a hold with an end says `until 15:00 UTC` too."""
    who = f"{lock.by.name} ({lock.release})" if lock.release else lock.by.name
    until = f", until {lock.expires_at:%H:%M} UTC" if lock.expires_at is not None else ""
    return f"held by {who} since {lock.since:%H:%M} UTC ({ago(lock.since, now)}){until}: {lock.reason}"


def status(
    rows: tuple[tuple[str, Release | Newer | None, Lock | None], ...],
    now: datetime,
    late: Mapping[str, float],
) -> Message:
    """Each service: what is live, or what it runs and who holds it; and what Lockmaster itself is `late` with."""
    lines = tuple(f"{name:<20} {_standing(release, lock, now)}" for name, release, lock in rows)
    return Message(summary="Status", blocks=(Table(lines=lines), *behind(late)))


def _standing(release: Release | Newer | None, lock: Lock | None, now: datetime) -> str:
    if isinstance(release, Newer):
        return release.reason.text
    if release is not None and release.live:
        paused = ", paused" if release.paused else ""
        return f"{release.id} {_where(release)}, {PHASES[release.phase]}{paused} ({release.by.name}, {ago(release.started_at, now)})"
    held = f"locked, {holder(lock, now)}" if lock is not None else ""
    if release is None:
        return held or "no release yet"
    last = f"{release.id} {release.move}: {PHASES[release.phase]}"
    when = f" {ago(release.ended_at, now)} ago" if release.ended_at is not None else ""
    return f"{last}{when}" + (f"; {held}" if held else "")


def _where(release: Release) -> str:
    return f"{release.move} at {release.weights.canary}" if release.stages else release.move


def history(service: str, releases: tuple[Release, ...], now: datetime) -> Message:
    """A service's releases, newest first."""
    if not releases:
        text = f"{service} has not been released yet."
        return Message(summary=text, blocks=(paragraph(text),))
    lines = tuple(_past(release, now) for release in releases)
    return Message(summary=f"Releases of {service}", blocks=(Table(lines=lines),))


def _past(release: Release, now: datetime) -> str:
    outcome = PHASES[release.phase]
    why = f": {release.ending.text}" if release.ending is not None else ""
    return f"{release.id:<8} {release.move:<24} {outcome}{why} ({release.by.name}, {ago(release.started_at, now)} ago)"


def shown(release: Release, events: tuple[Event, ...], outdated: tuple[str, ...] = ()) -> Message:
    """One release with every event."""
    blocks: list[Block] = [
        paragraph(f"{headline(release)}: {PHASES[release.phase]}, started by {release.by.name}")
    ]
    if release.because is not None:
        blocks.append(paragraph(f"Because “{release.because}”"))
    if release.live and outdated:
        blocks.append(paragraph(catalogue_changed(outdated)))
    lines = tuple(
        f"{event.at:%H:%M:%S}  {event_line(event)} ({event.by.name})" for event in events[-MOST_EVENTS:]
    )
    blocks.append(Table(lines=lines or ("no events yet",)))
    if len(events) > MOST_EVENTS:
        blocks.append(note(f"{len(events) - MOST_EVENTS} earlier events are left out."))
    return Message(summary=f"{headline(release)}: {PHASES[release.phase]}", blocks=tuple(blocks))
