"""The one live message of a release."""

from datetime import datetime

from bot.messages.buttons import buttons
from bot.messages.model import Block, Bold, Message, Span, Table, note, paragraph
from bot.messages.wording import MARKS, WORDS, ago, countdown, person
from bot.release.decide.arriving import not_in_effect
from bot.release.instructions import Ask
from bot.release.model import Actor, Kind, Release
from bot.release.observed import Observed
from bot.release.phases import Phase
from bot.release.verdict import Finding, Verdict

PHASES = {
    Phase.PREPARING: "getting ready",
    Phase.SHIFTING: "moving traffic",
    Phase.BAKING: "watching",
    Phase.GATE: "needs you",
    Phase.PROMOTING: "promoting: stable is being updated",
    Phase.FINISHING: "finishing: traffic goes to the updated stable",
    Phase.ROLLING_BACK: "rolling back",
    Phase.NEEDS_HUMAN: "stopped: somebody has to look",
    Phase.PROMOTED: "done",
    Phase.ROLLED_BACK: "rolled back",
    Phase.CANCELLED: "cancelled",
}
ENDED = {
    Phase.PROMOTED: "Promoted",
    Phase.ROLLING_BACK: "Rolling back",
    Phase.ROLLED_BACK: "Rolled back",
    Phase.CANCELLED: "Cancelled",
}
JUDGED = frozenset({Phase.SHIFTING, Phase.BAKING, Phase.GATE, Phase.PROMOTING})
EXPLAINED = frozenset({Phase.PREPARING, Phase.SHIFTING, Phase.PROMOTING, Phase.FINISHING, Phase.ROLLING_BACK})
HELD = (
    "Until it answers nothing moves, and nothing is rolled back by itself, whatever the metrics say. "
    "Roll back is remembered and goes first then."
)
ORDERED = "A rollback is ordered; it goes first when Kubernetes answers."
ARRIVING = frozenset({Phase.SHIFTING, Phase.FINISHING, Phase.ROLLING_BACK})
KINDS = {Kind.RELEASE: "canary", Kind.RESTORE: "restore"}


def card(release: Release, observed: Observed, now: datetime, why: str | None = None) -> Message:
    """Service, from → to, stages, weights ordered and observed, verdict with numbers, who acted, the buttons.

    `why` is what a release that gets ready, or promotes, waits for.
    """
    blocks: list[Block] = [_title(release), Table(lines=tuple(_lines(release, observed, now, why)))]
    blocks.extend(_remarks(release, observed, now))
    blocks.append(buttons(release, observed.judgement.verdict, now))
    return Message(summary=f"{headline(release)}: {PHASES[release.phase]}", blocks=tuple(blocks))


def headline(release: Release) -> str:
    """`checkout v1.2.9 → v1.3.0 (R-1042)`."""
    return f"{release.service} {release.move} ({release.id})"


def _title(release: Release) -> Block:
    what = (
        f"{release.move}   {KINDS[release.kind]}" if release.stages else f"{release.move} of {release.source}"
    )
    parts: list[Span | str] = [Bold(text=release.service), f"   {what}   ", Bold(text=release.id)]
    parts += ["\nstarted by ", person(release.by)]
    if release.approved_by:
        parts += [" · approved by ", *_listed(release.approved_by)]
    if release.because is not None:
        parts.append(f" · because “{release.because}”")
    return paragraph(*parts)


def _listed(people: tuple[Actor, ...]) -> list[Span | str]:
    return [part for one in people for part in (", ", person(one))][1:]


def _lines(release: Release, observed: Observed, now: datetime, why: str | None) -> list[str]:
    trouble = observed.canary.trouble if observed.canary is not None else None
    remarked = why in (None, trouble, not_in_effect(release, observed, now))
    waiting = f" · {why}" if release.phase in EXPLAINED and not remarked else ""
    lines = [f"{PHASES[release.phase]} · {_timing(release, now)}{waiting}"]
    if release.stages:
        lines.insert(0, bar(release))
    if release.stages and release.live:
        lines.append(_traffic(release, observed))
    if release.phase in JUDGED and release.kind is Kind.RESTORE:
        lines.append(f"{'verdict':<9} not judged: {release.target} has served here before")
    elif release.phase in JUDGED:
        lines.extend(_finding(finding) for finding in _shown(observed.judgement.findings))
        lines.append(_verdict(observed))
    return lines


def bar(release: Release) -> str:
    """`●━━●━━◐──○   5 %  25 %  50 %  100 %`: stages done, the present one, those to come."""
    done = release.phase in (Phase.PROMOTING, Phase.FINISHING, Phase.PROMOTED)
    marks = []
    for index in range(len(release.stages)):
        if done or index < release.stage:
            marks.append("●")
        elif index == release.stage and release.exposed_since is not None:
            marks.append("◐")
        else:
            marks.append("○")
    reached = len(release.stages) if done else release.stage
    line = marks[0]
    for index, mark in enumerate(marks[1:], start=1):
        line += ("━━━━" if index <= reached else "────") + mark
    return f"{line}   {'  '.join(str(stage.weight) for stage in release.stages)}"


def _timing(release: Release, now: datetime) -> str:
    if release.ended_at is not None:
        return f"took {ago(release.started_at, release.ended_at)}"
    passed = ago(release.started_at, now)
    if release.phase is Phase.BAKING and release.paused is None:
        due = release.phase_since + release.current.bake
        if due > now:
            return f"{passed} · next decision in {countdown(due, now)}"
    return passed


def _traffic(release: Release, observed: Observed) -> str:
    ordered = f"traffic   ordered {release.weights.canary}"
    if observed.share.canary is None:
        return ordered
    return f"{ordered}   observed {observed.share.canary * 100:.1f} %"


def _shown(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Each rule's limit; a hard bound when it is broken, or when there is nothing else."""
    limits = tuple(finding for finding in findings if not finding.hard and finding.rule != "metrics")
    broken = tuple(finding for finding in findings if finding.hard and finding.verdict is Verdict.FAIL)
    return (limits + broken) or tuple(finding for finding in findings if finding.hard)


def _finding(finding: Finding) -> str:
    numbers = f"canary {finding.canary:<9} stable {finding.stable:<9} limit {finding.limit:<8}"
    return f"{finding.rule:<9} {numbers} {MARKS[finding.verdict]}"


def _verdict(observed: Observed) -> str:
    judgement, worst = observed.judgement, observed.judgement.worst
    said = WORDS[judgement.verdict]
    if judgement.verdict is Verdict.PASS:
        said = f"{said}, {judgement.requests:,.0f} requests"
    elif worst is not None:
        said = f"{said}: {worst.text}" if judgement.verdict is Verdict.FAIL else worst.text
    return f"{'verdict':<9} {said}"


def _remarks(release: Release, observed: Observed, now: datetime) -> list[Block]:
    stale = release.live and observed.outdated
    remarks: list[Block] = [note(catalogue_changed(observed.outdated))] if stale else []
    if release.approvals:
        remarks.append(paragraph("Approved so far by ", *_listed(release.approvals), "; more have to."))
    if release.paused is not None:
        why = f": {release.paused.because}" if release.paused.because else ""
        remarks.append(paragraph("Paused by ", person(release.paused.by), why, "."))
    if release.phase in ARRIVING and (late := not_in_effect(release, observed, now)) is not None:
        what = "rollback" if release.phase is Phase.ROLLING_BACK else "weight"
        remarks.append(paragraph(f"The {what} is {late}."))
    if release.live and observed.canary is not None and observed.canary.trouble is not None:
        remarks.append(paragraph(f"Canary pods: {observed.canary.trouble}"))
    if release.live and not observed.remembered:
        remarks.append(note("The store cannot be reached: nothing moves forward; Roll back works."))
    if observed.turn is not None:
        due = countdown(now + observed.turn, now)
        remarks.append(note(f"Its turn to move traffic comes in {due}: the mesh takes few changes a second."))
    if not observed.reached:
        ordered = any(wish.ask is Ask.ROLL_BACK for wish in observed.inbox)
        remarks.append(paragraph(f"Kubernetes cannot be reached. {ORDERED if ordered else HELD}"))
    if release.phase is Phase.NEEDS_HUMAN:
        remarks.append(paragraph(f"Why: {release.recent[-1].text}."))
    elif release.ending is not None:
        word = ENDED[release.phase] if release.stages or release.phase is not Phase.PROMOTED else "Done"
        remarks.append(paragraph(f"{word}: {release.ending.text} (", person(release.ending.by), ")"))
    return remarks


def catalogue_changed(fields: tuple[str, ...]) -> str:
    """What a release does not take over from a catalogue that was changed since."""
    if fields == ("service",):
        return "The service has left the catalogue since; this release keeps what it started with, and can end or be rolled back."
    changed = ", ".join(field.replace("_", " ") for field in fields)
    return f"The catalogue was changed since ({changed}); this release keeps what it started with."
