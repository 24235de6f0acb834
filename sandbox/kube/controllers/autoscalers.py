"""The HorizontalPodAutoscaler controller: it keeps a Deployment's size in bounds; what the metrics ask for, an annotation says."""

from collections.abc import Iterable

from sandbox.kube.controllers.loop import Key
from sandbox.kube.document import Document, annotations_of
from sandbox.kube.registry import Registry
from sandbox.kube.resources import AUTOSCALER, DEPLOYMENT
from sandbox.kube.store import Change

DESIRED_ANNOTATION = "sandbox.lockmaster.dev/desired-replicas"
"""On an autoscaler: as many pods as the metrics ask for. Without it the size stays while it is in bounds."""


class Autoscalers:
    """Scales at once, up and down: no metrics, no stabilisation window."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def keys(self, change: Change) -> Iterable[Key]:
        """The autoscaler that changed, or those of the Deployment that did."""
        meta = change.document["metadata"]
        if change.resource is AUTOSCALER:
            yield meta["namespace"], meta["name"]
        elif change.resource is DEPLOYMENT:
            for found in self._registry.store.documents(AUTOSCALER, meta["namespace"]):
                if _target(found) == meta["name"]:
                    yield meta["namespace"], found["metadata"]["name"]

    def look(self, key: Key) -> float | None:
        """Bring the target within bounds. A Deployment of no pods is left alone, as the real controller does."""
        found = self._registry.store.get(AUTOSCALER, *key)
        target = self._registry.store.get(DEPLOYMENT, key[0], _target(found)) if found else None
        if found is None or target is None or not target["spec"]["replicas"]:
            return None
        spec, now = found["spec"], target["spec"]["replicas"]
        asked = int(annotations_of(found).get(DESIRED_ANNOTATION, now))
        size = min(max(asked, spec["minReplicas"]), spec["maxReplicas"])
        if size != now:
            self._registry.modify(
                DEPLOYMENT,
                (key[0], _target(found)),
                lambda old: old | {"spec": old["spec"] | {"replicas": size}},
            )
        status = {"currentReplicas": now, "desiredReplicas": size}
        if status != found.get("status"):
            self._registry.modify(AUTOSCALER, key, lambda old: old | {"status": status}, subresource="status")
        return None


def _target(autoscaler: Document) -> str:
    reference = autoscaler["spec"]["scaleTargetRef"]
    return str(reference["name"]) if reference["kind"] == DEPLOYMENT.kind else ""
