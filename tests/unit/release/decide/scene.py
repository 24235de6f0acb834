"""What deciding is given, and what it answered in one line."""

from datetime import timedelta
from typing import Any

from bot.release.decide import decide
from bot.release.decision import Decision, Wait
from bot.release.gate import Gate
from bot.release.instructions import Ask, Instruction
from bot.release.model import (
    ALL_STABLE,
    LOCKMASTER,
    Actor,
    ActorKind,
    Ending,
    Pause,
    Release,
    Split,
    Stage,
    Trigger,
)
from bot.release.observed import Observed, RouteSeen, ShareSeen, Terms, TrackSeen
from bot.release.phases import Phase
from bot.release.rules import Rules
from bot.release.verdict import Finding, Judgement, Verdict
from bot.release.weight import Weight
from tests.support.values import MORNING, person

OLD, NEW = "shop/checkout:v1.2.9", "shop/checkout:v1.3.0"
NOW = MORNING + timedelta(minutes=10)
ENDING = Ending(trigger=Trigger.PERSON, text="as asked", by=person("dee"), at=NOW)
PAUSED = Pause(by=person("dee"), since=NOW)
MOVED = {"ordered_at": NOW, "exposed_since": NOW}


def split(percent: float) -> Split:
    return Split.of(Weight.of(percent))


def stages(*percents: float, gate: Gate = Gate.ASK) -> tuple[Stage, ...]:
    return tuple(Stage(weight=Weight.of(one), bake=timedelta(minutes=1), gate=gate) for one in percents)


def release(phase: Phase = Phase.PREPARING, **changes: Any) -> Release:
    """Four stable pods; stages 25 % and 100 %; in the phase since now."""
    first = Release(
        id="R-1",
        service="checkout",
        source="v1.2.9",
        target="v1.3.0",
        image=NEW,
        previous_image=OLD,
        stages=stages(25, 100),
        rules=Rules(),
        phase=phase,
        phase_since=NOW,
        started_at=MORNING,
        revision=3,
        by=person("ana"),
        channel="#shop",
        stable_replicas=4,
    )
    return first.model_copy(update=changes)


def track(image: str = OLD, **changes: Any) -> TrackSeen:
    fields: dict[str, Any] = {
        "image": image,
        "replicas": 4,
        "ready": 4,
        "settled": True,
        "marked": True,
        "ours": image == NEW,
        "trouble": None,
        "broken": False,
    }
    return TrackSeen(**fields | changes)


def route(weights: Split | None = ALL_STABLE, **changes: Any) -> RouteSeen:
    fields: dict[str, Any] = {"subsets": True, "claimed": True, "revision": 3, "others": None}
    return RouteSeen(weights=weights, **fields | changes)


def verdict(kind: Verdict, text: str = "errors 9.00 % in 10 s", p95: float | None = None) -> Judgement:
    finding = Finding("errors", kind, "9.00 %", "0.10 %", "5.00 %", text)
    return Judgement(kind, (finding,), 900.0, NOW, stable_p95=p95)


PASS, FAIL = verdict(Verdict.PASS), verdict(Verdict.FAIL)
BLIND = verdict(Verdict.NO_DATA, "no data: no series of the canary")
THIN = verdict(Verdict.INCONCLUSIVE, "not enough traffic: 3 of 50 requests in 10 s")
UNKNOWN = "istiod may be away, or proxies refuse some object; istioctl proxy-status tells"
TERMS = Terms(timedelta(seconds=15), timedelta(minutes=5), timedelta(minutes=3))


def seen(weights: Split | None = ALL_STABLE, **changes: Any) -> Observed:
    """Both tracks well, the canary with our image, healthy, at those weights in route and traffic."""
    share = weights.canary.share if weights is not None else 0.0
    fields: dict[str, Any] = {
        "route": route(weights),
        "stable": track(),
        "canary": track(NEW),
        "judgement": PASS,
        "share": ShareSeen(share, 1000),
        "terms": TERMS,
    }
    return Observed(**fields | changes)


def wish(ask: Ask, by: str = "bo", **changes: Any) -> Instruction:
    """From somebody who saw the release as it is: stage 0, attempt 1."""
    first = Instruction(id=f"{by}:{ask}", ask=ask, by=person(by), at=NOW, stage=0, attempt=1)
    return first.model_copy(update=changes)


ALERT = Actor(kind=ActorKind.ALERT, id="print", name="alert HighErrorRate")


def at(seconds: float) -> Any:
    """That long after now."""
    return NOW + timedelta(seconds=seconds)


def decided(record: Release, observed: Observed, seconds: float = 0) -> str:
    """The decision in one line, after it proved to be the same twice."""
    first = decide(record, observed, at(seconds))
    assert first == decide(record, observed, at(seconds))
    return told(first, record)


def told(decision: Decision, before: Release) -> str:
    """`SetWeights →shifting 100 %: text (who) +taken`, or the fields of what touches no record."""
    name = type(decision).__name__
    after = getattr(decision, "release", None)
    if after is None:
        names = ["why", "until"] if isinstance(decision, Wait) else list(decision.__dataclass_fields__)
        if isinstance(decision, Wait) and decision.calm:
            name, names = "Rest", [*names, *(["deadline"] if decision.deadline else [])]
        fields = [getattr(decision, field) for field in names]
        shown = [
            f"{(one - NOW).total_seconds():+.0f} s" if hasattr(one, "tzinfo") else str(one) for one in fields
        ]
        return f"{name}: {', '.join(shown)}" if shown else name
    event = decision.event  # type: ignore[union-attr]  # whoever has a release has its event
    assert after.revision == event.revision > before.revision
    assert after.recent[-1] == event
    move = f"→{after.phase}" if after.phase is not before.phase else str(after.phase)
    taken = "".join(f" +{one}" for one in getattr(decision, "taken", ()))
    by = f" ({event.by.name})" if event.by != LOCKMASTER else ""
    return f"{name} {move} {after.weights.canary}: {event.text}{by}{taken}"


Case = tuple[Release, Observed] | tuple[Release, Observed, float]


def table(cases: dict[str, Case]) -> str:
    """A line a case, its name first."""
    width = max(len(name) for name in cases)
    return "\n".join(f"{name:<{width}}  {decided(*case)}" for name, case in cases.items())
