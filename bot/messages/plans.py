"""What a start would check and do."""

from dataclasses import dataclass

from bot.config.catalogue import Service
from bot.errors import Reason
from bot.messages.model import Block, Bold, Message, Table, note, paragraph
from bot.messages.refusals import listed
from bot.messages.wording import lasting
from bot.policy.roles import Act, who_may
from bot.release.decide.turning import replicas_for
from bot.release.gate import Gate
from bot.release.model import Stage


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """What becomes of stable's autoscaler: its fewest pods now, and while a release lives.

    `counts_canary`: it finds its pods by labels that the canary's have too.
    """

    autoscaler: str
    now: int
    held: int
    counts_canary: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The facts of a plan. `floor` is None where nothing scales stable; `objections` are what would refuse the start now."""

    service: Service
    source: str
    target: str
    image: str
    stages: tuple[Stage, ...]
    adopted: bool
    stable_replicas: int
    objections: tuple[Reason, ...]
    floor: FloorPlan | None = None


def planned(plan: Plan) -> Message:
    """Checks first, then each step, then who is asked; nothing was done."""
    service = plan.service
    title = f"Plan: {service.name} {plan.source} → {plan.target}"
    blocks: list[Block] = [paragraph(Bold(text=title)), Table(lines=tuple(_steps(plan)))]
    blocks += [listed("✗", reason) for reason in plan.objections]
    verdict = "It would be refused now." if plan.objections else "It could start now."
    blocks.append(note(f"{verdict} Nothing was done."))
    return Message(summary=f"{title}. {verdict}", blocks=tuple(blocks))


def _steps(plan: Plan) -> list[str]:
    service = plan.service
    lines = [f"lock      {service.name}, told in {service.channel}"]
    if not plan.adopted:
        istio = service.traffic.istio
        lines += [
            f"adopt     pods of {service.deployment} get the label lockmaster.dev/track: stable (one rolling update)",
            f"          DestinationRule {istio.destination_rule} gets the subsets {istio.subsets.stable} and {istio.subsets.canary}",
            f"          {lasting(istio.settle)} later VirtualService {istio.virtual_service} names them, 100 and 0",
        ]
    lines += _floor(plan.floor, plan.stable_replicas) if plan.floor is not None else []
    lines.append(f"canary    {service.canary} with {plan.image}")
    for number, stage in enumerate(plan.stages, start=1):
        pods = replicas_for(stage.weight, plan.stable_replicas)
        after = "ask" if stage.gate is Gate.ASK else "go on when healthy"
        lines.append(
            f"stage {number:<3} {stage.weight}, {pods} pod{'' if pods == 1 else 's'}, watch {lasting(stage.bake)}, then {after}"
        )
    lines.append(f"promote   {service.deployment} gets the image, traffic returns to it, the canary goes")
    lines += [f"rules     {line}" for line in _rules(service)]
    lines.append(
        f"who       promotes: {who_may(Act.PROMOTE, service)}; rolls back: {who_may(Act.ROLL_BACK, service)}"
    )
    lines.append(
        "note      selectors that name the app label alone (an HPA's, a PDB's) count canary pods too"
    )
    return lines


def _floor(floor: FloorPlan, replicas: int) -> list[str]:
    most = ", the most it allows," if floor.held < replicas else ""
    lines = [f"floor     {floor.autoscaler} keeps at least {floor.now} pods already"]
    if floor.held > floor.now:
        held = f"keeps at least {floor.held} pods{most} while the release lives, not {floor.now}; given back after"
        lines = [f"floor     {floor.autoscaler} {held}"]
    if floor.counts_canary:
        lines.append("          it counts the canary's pods too: they have the labels it finds its own by")
    return lines


def _rules(service: Service) -> list[str]:
    errors, p95 = service.rules.errors, service.rules.p95
    lines = []
    if errors.limit is not None:
        lines.append(f"errors over {errors.limit:g} % in {lasting(errors.over)} roll back")
    if errors.hard is not None:
        lines.append(f"errors over {errors.hard:g} % in 10 s roll back at once")
    if p95.worse_than_stable is not None:
        lines.append(f"p95 over +{p95.worse_than_stable:g} % of stable in {lasting(p95.over)} rolls back")
    if p95.limit is not None:
        lines.append(f"p95 over {p95.limit.total_seconds() * 1000:.0f} ms in {lasting(p95.over)} rolls back")
    if p95.hard is not None:
        lines.append(f"p95 over +{p95.hard:g} % of stable in 10 s rolls back at once")
    return lines or ["none: nothing rolls back by itself, and every stage asks"]
