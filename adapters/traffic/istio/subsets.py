"""The two tracks as subsets of a DestinationRule, beside those of the user."""

from adapters.kubernetes import marks
from adapters.kubernetes.marks import ADDED, TRACK
from adapters.kubernetes.resources import Object
from adapters.traffic.istio.shape import hosts_of
from bot.config.catalogue import Service
from bot.errors import Reason, ReasonCode
from bot.ports.workloads import Track


def tracks_of(service: Service) -> dict[str, Track]:
    """The subset's name of each track."""
    names = service.traffic.istio.subsets
    return {names.stable: Track.STABLE, names.canary: Track.CANARY}


def has_tracks(service: Service, rule: Object) -> bool:
    """Whether both subsets are there and select their tracks."""
    known = {one["name"]: one.get("labels") or {} for one in _subsets(rule)}
    return all(known.get(name, {}).get(TRACK) == track for name, track in tracks_of(service).items())


def lost(service: Service, rule: Object | None) -> tuple[str, ...]:
    """The tracks that have no subset of their name: requests sent there fail."""
    known = {one["name"] for one in _subsets(rule)} if rule is not None else set()
    return tuple(track.value for name, track in tracks_of(service).items() if name not in known)


def tracks_in(service: Service, rule: Object | None) -> dict[str, Object]:
    """The subsets of the tracks by name, as they stand."""
    wanted = tracks_of(service)
    return {one["name"]: one for one in _subsets(rule) if one["name"] in wanted} if rule is not None else {}


def with_subsets(rule: Object, wanted: dict[str, Object]) -> list[Object]:
    """The subsets with those of these names as given, the others as they are."""
    left = dict(wanted)
    kept = [left.pop(one["name"], one) for one in _subsets(rule)]
    return [*kept, *left.values()]


def faults_of(service: Service, rule: Object) -> tuple[Reason, ...]:
    """What keeps the DestinationRule from holding the tracks."""
    meta = rule["metadata"]
    name, host = f"DestinationRule {meta['namespace']}/{meta['name']}", rule["spec"].get("host")
    found = []
    if host not in hosts_of(service):
        text = f"{name} is for the host {host}, not for {service.service}"
        step = f"Name another in `destination_rule:` of {service.name} in the catalogue, or mend its host."
        found.append(Reason(ReasonCode.NOT_READY, text, step))
    for one in _subsets(rule):
        track = tracks_of(service).get(one["name"])
        if track and (one.get("labels") or {}).get(TRACK) != track:
            text = f"the subset {one['name']} of {name} does not select {TRACK}={track}"
            step = f"Rename it, or name other subsets in `traffic.istio.subsets` of {service.name} in the catalogue."
            found.append(Reason(ReasonCode.NOT_READY, text, step))
    return tuple(found)


def with_tracks(service: Service, rule: Object) -> tuple[list[Object], tuple[str, ...]]:
    """The subsets with both tracks among them, and the names of those that adoption has added so far."""
    known = {one["name"] for one in _subsets(rule)}
    new = [name for name in tracks_of(service) if name not in known]
    made = [{"name": name, "labels": {TRACK: tracks_of(service)[name].value}} for name in new]
    return [*_subsets(rule), *made], (*added_to(rule), *new)


def without_tracks(rule: Object) -> list[Object]:
    """The subsets without those that adoption added."""
    return [one for one in _subsets(rule) if one["name"] not in added_to(rule)]


def added_to(rule: Object) -> tuple[str, ...]:
    """The names of the subsets that adoption added."""
    return tuple(filter(None, marks.annotations(rule).get(ADDED, "").split(",")))


def _subsets(rule: Object) -> list[Object]:
    return rule["spec"].get("subsets") or []
