"""What a release's write makes of a VirtualService, and whether the cluster stored that; free of I/O."""

import json
from typing import Final

from adapters.kubernetes import marks
from adapters.kubernetes.marks import BASELINE, MANAGED, ORIGINAL, RELEASE, REVISION, STATE
from adapters.kubernetes.resources import Object, Ref
from adapters.traffic.istio import baseline, edit
from adapters.traffic.istio.shape import Shape, shape_of
from bot.config.catalogue import Service
from bot.errors import Reason, ReasonCode, Refused
from bot.ports.traffic import RouteWrite
from bot.release.baseline import Baseline

NEXT_STEP: Final = (
    "Find the mutating admission webhook that changes it (kubectl get mutatingwebhookconfigurations), and let it leave "
    "this object alone."
)


def patch_of(service: Service, found: Object, rule: Object | None, change: RouteWrite) -> Object:
    """The merge patch of one write. Raises `Refused` where weights cannot be written into the route as it is."""
    annotations: dict[str, str | None] = {
        RELEASE: change.release,
        REVISION: str(change.revision),
        STATE: change.state,
    }
    spec = _wanted(service, found, change)
    # Without weights the shape does not matter: what went wrong with a route can be written on it.
    if change.weights is not None and spec is not found["spec"]:
        shape = shape_of(service, found)
        if isinstance(shape, Shape) and shape.weights is None and shape.fault is None:
            annotations[ORIGINAL] = compact(edit.destinations_of(found, shape))
    if change.baseline is Baseline.TAKE:
        annotations[BASELINE] = compact(baseline.taken(service, spec, rule))
    elif change.baseline is Baseline.FORGET and BASELINE in marks.annotations(found):
        annotations[BASELINE] = None
    meta = {"annotations": annotations, "labels": {MANAGED: "true"}}
    if spec is found["spec"]:
        return {"metadata": meta}
    return {"metadata": meta, "spec": baseline.merge_of(found["spec"], spec)}


def altered(service: Service, ref: Ref, change: RouteWrite, written: Object) -> Reason | None:
    """Why the stored object is not the one that was ordered; None when it is."""
    kept, text = marks.annotations(written), None
    stamp = {RELEASE: change.release, REVISION: str(change.revision), STATE: change.state}
    missing = sorted(key for key, value in stamp.items() if kept.get(key) != value)
    shape = shape_of(service, written)
    if change.weights is not None and (isinstance(shape, Reason) or shape.weights != change.weights):
        stored = _told(shape)
        text = f"{stored} instead of {change.weights.canary} to the canary"
    elif missing:
        text = f"without {', '.join(missing)} as written"
    if text is None:
        return None
    return Reason(ReasonCode.ALTERED, f"the cluster changed what was written to {ref}: {text}", NEXT_STEP)


def compact(value: object) -> str:
    """JSON as it stands in an annotation."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _wanted(service: Service, found: Object, change: RouteWrite) -> Object:
    """The spec after the write: the very same object where nothing of it changes."""
    kept = baseline.of(found) if change.baseline is Baseline.RESTORE else None
    spec: Object = kept["spec"] if kept is not None else found["spec"]
    if change.weights is None:
        return spec
    shape = shape_of(service, {**found, "spec": spec})
    if isinstance(shape, Reason):
        raise Refused(shape)
    if kept is None and shape.weights == change.weights:
        return spec
    return {**spec, "http": edit.with_weights(service, {**found, "spec": spec}, shape, change.weights)}


def _told(shape: Shape | Reason) -> str:
    if isinstance(shape, Reason):
        return f"now {shape.text}, and not what was ordered,"
    return f"{shape.weights.canary} to the canary" if shape.weights is not None else "no weights"
