"""Reads the history of every route object, and what was said and stored, and names each broken promise. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.chaos.plan import HIGHEST, Fate, fate_of
from tests.faults.stand import Written

TERMINAL = frozenset({"promoted", "rolled_back", "cancelled"})
WELL = frozenset({Fate.GOOD, Fate.ASKED, Fate.HUMAN, Fate.ALERT})
FAULTS = frozenset({"metric", "pods", "deadline"})
"""What ends a release by a fault of the new version."""


@dataclass(frozen=True, slots=True)
class End:
    """How a service stands when all is over. `images` are the tags by Deployment, `lock` is who holds the service."""

    canary: int
    images: Mapping[str, str]
    lock: str | None


def violations(routes: Mapping[str, Sequence[Written]]) -> Iterator[str]:
    """What the histories of the routes show."""
    for service, forms in routes.items():
        for before, after in pairwise(forms):
            for fault in _step(before, after):
                yield f"{service}: {fault}\n    {_told(before)}\n    {_told(after)}"
        yield from (f"{service}: {fault}" for fault in _terminal(forms))
    yield from _names(routes)


def _step(before: Written, after: Written) -> Iterator[str]:
    """One write after another."""
    moved = after.state != before.state or after.canary != before.canary
    grown = after.revision - before.revision
    is_another = _release(after) != _release(before)
    if moved and grown != 1:
        yield f"the revision grew by {grown}"
    if not moved and grown:
        yield "a revision was spent on nothing"
    if is_another and _release(before) and before.phase not in TERMINAL:
        yield "a second release took the route of a live one"
    if not is_another and before.phase in TERMINAL and after.phase != before.phase:
        yield "a release went on after its end"
    if is_another and before.phase in TERMINAL and after.state["from"] != _left(before):
        yield f"a release began at {after.state['from']}, where {_left(before)} was left"
    if after.phase == "needs_human" or after.state.get("drift"):
        yield f"people were asked about what nobody did: {after.state['recent'][-1]['text']}"
    if after.canary > before.canary:
        yield from _gain(after)
    if after.canary and after.phase in TERMINAL:
        yield "a release ended with traffic on its canary"
    if not before.state.get("ending") or is_another:
        yield from _blamed(after)


def _gain(after: Written) -> Iterator[str]:
    """More traffic for a version that was not shown healthy."""
    version = str(after.state.get("to", ""))
    if not version.startswith("v2."):
        return  # the way back to a version that was there before
    highest = HIGHEST.get(fate_of(version), 100)
    if after.canary > highest:
        yield f"{version} gained {after.canary} %, more than {highest} %"


def _blamed(after: Written) -> Iterator[str]:
    """A version that is well was turned back for what it did not do."""
    version, ending = str(after.state.get("to", "")), after.state.get("ending") or {}
    if version.startswith("v2.") and fate_of(version) in WELL and ending.get("trigger") in FAULTS:
        yield f"{version} is well, and was turned back: {ending.get('text')}"


def _terminal(forms: Sequence[Written]) -> Iterator[str]:
    """One end a release, and only one."""
    ends: Counter[str] = Counter()
    began: dict[str, str] = {}
    for before, after in pairwise(forms):
        release = _release(after)
        if after.phase in TERMINAL and (before.phase, _release(before)) != (after.phase, release):
            ends[release] += 1
        if release and began.setdefault(release, after.state["started_at"]) != after.state["started_at"]:
            yield f"{release} is the name of two releases"
    for release, count in ends.items():
        if count != 1:
            yield f"{release} ended {count} times"


def at_the_end(service: str, forms: Sequence[Written], end: End) -> Iterator[str]:
    """What is left of a service's last release."""
    last = forms[-1]
    release = _release(last)
    if last.phase not in TERMINAL:
        yield f"{service}: {release} never ended: {_told(last)}"
        return
    if last.canary or end.canary:
        yield f"{service}: {release} left {end.canary} % on the canary"
    if f"{service}-canary" in end.images:
        yield f"{service}: the canary of {release} is still there"
    if end.lock is not None:
        yield f"{service}: {end.lock} still holds the lock"
    if end.images.get(service) != _left(last):
        yield f"{service}: stable runs {end.images.get(service)}, not {_left(last)} ({release}, {last.phase})"
    if last.phase == "promoted" and fate_of(last.state["to"]) in HIGHEST:
        yield f"{service}: {last.state['to']} was promoted"


def _names(routes: Mapping[str, Sequence[Written]]) -> Iterator[str]:
    """No name for two releases."""
    owners: dict[str, str] = {}
    for service, forms in routes.items():
        for release in dict.fromkeys(filter(None, map(_release, forms))):
            if owners.setdefault(release, service) != service:
                yield f"{release} is the name of releases of {service} and {owners[release]}"


def _left(form: Written) -> str:
    """The version that stable runs after such an end."""
    return str(form.state["to" if form.phase == "promoted" else "from"])


def _release(form: Written) -> str:
    return str(form.state.get("id", ""))


def _told(form: Written) -> str:
    return f"{form.at:.3f} r{form.revision} {_release(form)} {form.state.get('to', '')} {form.phase} {form.canary} %"
