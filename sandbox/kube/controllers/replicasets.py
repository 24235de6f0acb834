"""The ReplicaSet controller: as many pods as asked for, and a status that counts them."""

from collections.abc import Iterable
from datetime import timedelta

from sandbox.kube.clock import parse_timestamp, timestamp
from sandbox.kube.controllers.conditions import condition, is_true, with_condition
from sandbox.kube.controllers.loop import Key
from sandbox.kube.controllers.recorder import Note, Recorder
from sandbox.kube.document import Document, controller_of, dig, labels_of
from sandbox.kube.errors import ApiError
from sandbox.kube.registry import Registry
from sandbox.kube.resources import POD, REPLICA_SET
from sandbox.kube.selectors import spec_selector
from sandbox.kube.store import Change

FAILURE = "ReplicaFailure"
"""The condition of a ReplicaSet, and of its Deployment, whose pods may not be made."""

_RETRY = 0.5  # seconds until pods that might not be made are tried again


class ReplicaSets:
    """Creates and deletes pods; orphans that the selector meets are not adopted."""

    def __init__(self, registry: Registry, recorder: Recorder) -> None:
        self._registry = registry
        self._recorder = recorder

    def keys(self, change: Change) -> Iterable[Key]:
        """The ReplicaSet that changed, or the one whose pod did."""
        meta = change.document["metadata"]
        if change.resource is REPLICA_SET:
            yield meta["namespace"], meta["name"]
        elif change.resource is POD and (owner := controller_of(change.document)):
            yield meta["namespace"], owner["name"]

    def look(self, key: Key) -> float | None:
        """Create or delete what is missing or too much, then count."""
        wanted = self._registry.store.get(REPLICA_SET, *key)
        if wanted is None:
            return None
        pods, denied = self._pods(wanted), None
        if "deletionTimestamp" not in wanted["metadata"]:
            missing = wanted["spec"]["replicas"] - len(pods)
            denied = self._create_pods(wanted, missing)
            for pod in sorted(pods, key=_worth)[: max(-missing, 0)]:
                self._delete_pod(wanted, pod)
            pods = self._pods(wanted)
        again = self._count(wanted, pods, denied)
        return min(again, _RETRY) if denied and again else _RETRY if denied else again

    def _pods(self, owner: Document) -> list[Document]:
        owned = self._registry.store.owned_by(owner["metadata"]["uid"])
        return [
            pod
            for pod in owned
            if pod["kind"] == POD.kind
            and "deletionTimestamp" not in pod["metadata"]
            and dig(pod, "status", "phase") not in ("Failed", "Succeeded")
        ]

    def _create_pods(self, owner: Document, count: int) -> str | None:
        """As many as may be; why the next may not."""
        try:
            for _ in range(count):
                self._create_pod(owner)
        except ApiError as error:
            note = Note(
                "FailedCreate", f"Error creating: {error.message}", "replicaset-controller", warning=True
            )
            self._recorder.record(owner, note)
            return error.message
        return None

    def _create_pod(self, owner: Document) -> None:
        meta, template = owner["metadata"], owner["spec"]["template"]
        reference = {
            "apiVersion": REPLICA_SET.api_version,
            "kind": REPLICA_SET.kind,
            "name": meta["name"],
            "uid": meta["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
        own = {"generateName": f"{meta['name']}-", "ownerReferences": [reference]}
        body = {"metadata": template.get("metadata", {}) | own, "spec": template["spec"]}
        pod = self._registry.create(POD, meta["namespace"], body)
        message = f"Created pod: {pod['metadata']['name']}"
        self._recorder.record(owner, Note("SuccessfulCreate", message, "replicaset-controller"))

    def _delete_pod(self, owner: Document, pod: Document) -> None:
        name = pod["metadata"]["name"]
        self._registry.delete(POD, (pod["metadata"]["namespace"], name))
        self._recorder.record(
            owner, Note("SuccessfulDelete", f"Deleted pod: {name}", "replicaset-controller")
        )

    def _count(self, owner: Document, pods: list[Document], denied: str | None) -> float | None:
        ready = [pod for pod in pods if pod_is_ready(pod)]
        waits = [self._until_available(owner, pod) for pod in ready]
        matches = spec_selector({"matchLabels": labels_of(owner["spec"]["template"])})
        status: Document = {"replicas": len(pods), "observedGeneration": owner["metadata"]["generation"]}
        counts = {
            "fullyLabeledReplicas": sum(matches(labels_of(pod)) for pod in pods),
            "readyReplicas": len(ready),
            "availableReplicas": sum(wait <= 0 for wait in waits),
        }
        status |= {name: count for name, count in counts.items() if count}
        if denied:
            status["conditions"] = self._failed(owner, denied)
        if status != owner.get("status"):
            place = owner["metadata"]["namespace"], owner["metadata"]["name"]
            self._registry.modify(
                REPLICA_SET, place, lambda old: old | {"status": status}, subresource="status"
            )
        return min((wait for wait in waits if wait > 0), default=None)

    def _failed(self, owner: Document, denied: str) -> list[Document]:
        """The conditions with the first refusal in them: a later one names another pod and says nothing new."""
        before: list[Document] = dig(owner, "status", "conditions", default=[])
        if condition(before, FAILURE):
            return before
        entry = {"type": FAILURE, "status": "True", "reason": "FailedCreate", "message": denied}
        return with_condition(before, entry, timestamp(self._registry.clock.now()))

    def _until_available(self, owner: Document, pod: Document) -> float:
        """Seconds until the pod has been ready for `minReadySeconds`; 0 or less when it has."""
        needed = owner["spec"].get("minReadySeconds", 0)
        entry = condition(dig(pod, "status", "conditions", default=[]), "Ready")
        if not needed or not entry:
            return 0.0
        due = parse_timestamp(entry["lastTransitionTime"]) + timedelta(seconds=needed)
        return (due - self._registry.clock.now()).total_seconds()


def pod_is_ready(pod: Document) -> bool:
    """Whether the pod's Ready condition is true."""
    return is_true(dig(pod, "status", "conditions", default=[]), "Ready")


def _worth(pod: Document) -> tuple[bool, bool, bool, str]:
    """What is deleted first sorts first: without a node, pending, unready, then the newest."""
    placed, running = "nodeName" in pod["spec"], dig(pod, "status", "phase") == "Running"
    age = parse_timestamp(pod["metadata"]["creationTimestamp"]).timestamp()
    return placed, running, pod_is_ready(pod), f"{-age:020.0f}"
