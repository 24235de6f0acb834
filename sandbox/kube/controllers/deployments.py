"""The Deployment controller: one ReplicaSet a pod template, moved by rolling update or recreation."""

from collections.abc import Iterable

from sandbox.kube.controllers import rollout
from sandbox.kube.controllers.deployment_status import deployment_status, progress_deadline
from sandbox.kube.controllers.loop import Key
from sandbox.kube.controllers.recorder import Note, Recorder
from sandbox.kube.document import Document, annotations_of, clone, controller_of, dig
from sandbox.kube.registry import Registry
from sandbox.kube.resources import DEPLOYMENT, POD, REPLICA_SET
from sandbox.kube.store import Change

_DESIRED = "deployment.kubernetes.io/desired-replicas"
_MOST = "deployment.kubernetes.io/max-replicas"
_NOT_COPIED = (
    "kubectl.kubernetes.io/last-applied-configuration",
    rollout.REVISION,
    "deployment.kubernetes.io/revision-history",
    _DESIRED,
    _MOST,
    "deprecated.deployment.rollback.to",
)


class Deployments:
    """Keeps the ReplicaSets of each Deployment, and its status."""

    def __init__(self, registry: Registry, recorder: Recorder) -> None:
        self._registry = registry
        self._recorder = recorder

    def keys(self, change: Change) -> Iterable[Key]:
        """The Deployment that changed, or the one whose ReplicaSet did or lost its pod."""
        meta, resource = change.document["metadata"], change.resource
        if resource is DEPLOYMENT:
            yield meta["namespace"], meta["name"]
        elif resource is REPLICA_SET and (owner := controller_of(change.document)):
            yield meta["namespace"], owner["name"]
        elif resource is POD and change.type == "DELETED" and (owner := controller_of(change.document)):
            parent = self._registry.store.get(REPLICA_SET, meta["namespace"], owner["name"])
            grand = controller_of(parent) if parent else None
            if grand:
                yield meta["namespace"], grand["name"]

    def look(self, key: Key) -> float | None:
        """One step of the rollout, then the status."""
        deployment = self._registry.store.get(DEPLOYMENT, *key)
        if deployment is None:
            return None
        if "deletionTimestamp" not in deployment["metadata"]:
            self._step(deployment)
        deployment = self._registry.get(DEPLOYMENT, *key)
        new, old = self._replica_sets(deployment)
        status = deployment_status(deployment, new, old, self._registry.clock.now())
        if status != deployment.get("status"):
            self._registry.modify(DEPLOYMENT, key, lambda was: was | {"status": status}, subresource="status")
        return progress_deadline(deployment, status, self._registry.clock.now())

    def _replica_sets(self, deployment: Document) -> tuple[Document | None, list[Document]]:
        """The ReplicaSet of the present template, if it is there, and the others."""
        owned = self._registry.store.owned_by(deployment["metadata"]["uid"])
        mine = [document for document in owned if document["kind"] == REPLICA_SET.kind]
        template = deployment["spec"]["template"]
        new = next((rs for rs in mine if rollout.plain_template(rs) == template), None)
        return new, [rs for rs in mine if rs is not new]

    def _step(self, deployment: Document) -> None:
        new, old = self._replica_sets(deployment)
        if deployment["spec"].get("paused") or self._was_scaled(deployment, new, old):
            self._scale_in_proportion(deployment, new, old)
            return
        recreate = dig(deployment, "spec", "strategy", "type") == "Recreate"
        if recreate and self._empty(deployment, old):
            return
        new = self._refresh(deployment, new, old) if new else self._create(deployment, old)
        size = rollout.new_size(deployment, new, old)
        new = self._resize(deployment, new, size)
        for name, size in ({} if recreate else rollout.old_sizes(deployment, new, old)).items():
            self._resize(deployment, next(rs for rs in old if rs["metadata"]["name"] == name), size)
        self._forget_oldest(deployment, new, old)

    @staticmethod
    def _was_scaled(deployment: Document, new: Document | None, old: list[Document]) -> bool:
        wanted = str(deployment["spec"]["replicas"])
        active = [rs for rs in [*([new] if new else []), *old] if rs["spec"]["replicas"]]
        return any(annotations_of(rs).get(_DESIRED, wanted) != wanted for rs in active)

    def _scale_in_proportion(self, deployment: Document, new: Document | None, old: list[Document]) -> None:
        every = [*([new] if new else []), *old]
        active = [rs for rs in every if rs["spec"]["replicas"]] or every[:1]
        for name, size in rollout.scaled_sizes(deployment, active).items():
            self._resize(deployment, next(rs for rs in active if rs["metadata"]["name"] == name), size)

    def _empty(self, deployment: Document, old: list[Document]) -> bool:
        """Recreation: True while pods of an earlier template are there, which are told to go."""
        for rs in old:
            self._resize(deployment, rs, 0)
        store = self._registry.store
        return any(pod["kind"] == POD.kind for rs in old for pod in store.owned_by(rs["metadata"]["uid"]))

    def _create(self, deployment: Document, old: list[Document]) -> Document:
        meta, spec = deployment["metadata"], deployment["spec"]
        word = rollout.template_hash(spec["template"])
        template = clone(spec["template"])
        template["metadata"].setdefault("labels", {})[rollout.POD_TEMPLATE_HASH] = word
        selector = clone(spec["selector"])
        selector.setdefault("matchLabels", {})[rollout.POD_TEMPLATE_HASH] = word
        body: Document = {
            "metadata": {
                "name": f"{meta['name']}-{word}",
                "labels": template["metadata"]["labels"],
                "annotations": self._annotations(deployment, self._next_revision(old)),
                "ownerReferences": [_reference(deployment)],
            },
            "spec": {"replicas": 0, "selector": selector, "template": template},
        }
        if "minReadySeconds" in spec:
            body["spec"]["minReadySeconds"] = spec["minReadySeconds"]
        body["spec"]["replicas"] = rollout.new_size(deployment, body, old)
        created = self._registry.create(REPLICA_SET, meta["namespace"], body)
        self._announce(deployment, created, 0)
        self._stamp(deployment, rollout.revision_of(created))
        return created

    def _refresh(self, deployment: Document, new: Document, old: list[Document]) -> Document:
        """The present ReplicaSet has the highest revision, and the Deployment's annotations."""
        number = max(self._next_revision(old), rollout.revision_of(new))
        annotations = annotations_of(new) | self._annotations(deployment, number)
        spec = {"minReadySeconds": deployment["spec"].get("minReadySeconds", 0) or None}
        place = new["metadata"]["namespace"], new["metadata"]["name"]
        fresh = self._registry.modify(
            REPLICA_SET,
            place,
            lambda was: (
                was | {"metadata": was["metadata"] | {"annotations": annotations}, "spec": was["spec"] | spec}
            ),
        )
        self._stamp(deployment, number)
        return fresh

    @staticmethod
    def _next_revision(old: list[Document]) -> int:
        return max((rollout.revision_of(rs) for rs in old), default=0) + 1

    @staticmethod
    def _annotations(deployment: Document, number: int) -> dict[str, str]:
        copied = {key: text for key, text in annotations_of(deployment).items() if key not in _NOT_COPIED}
        limit = rollout.bounds(deployment)
        return copied | {rollout.REVISION: str(number), _DESIRED: str(limit.wanted), _MOST: str(limit.most)}

    def _stamp(self, deployment: Document, number: int) -> None:
        place = deployment["metadata"]["namespace"], deployment["metadata"]["name"]
        mark = {rollout.REVISION: str(number)}
        self._registry.modify(
            DEPLOYMENT,
            place,
            lambda was: was | {"metadata": was["metadata"] | {"annotations": annotations_of(was) | mark}},
            subresource="status",
        )

    def _resize(self, deployment: Document, rs: Document, size: int) -> Document:
        limit = rollout.bounds(deployment)
        marks = annotations_of(rs) | {_DESIRED: str(limit.wanted), _MOST: str(limit.most)}
        if size == rs["spec"]["replicas"] and marks == annotations_of(rs):
            return rs
        resized = self._registry.modify(
            REPLICA_SET,
            (rs["metadata"]["namespace"], rs["metadata"]["name"]),
            lambda was: (
                was
                | {
                    "metadata": was["metadata"] | {"annotations": marks},
                    "spec": was["spec"] | {"replicas": size},
                }
            ),
        )
        if size != rs["spec"]["replicas"]:
            self._announce(deployment, resized, rs["spec"]["replicas"])
        return resized

    def _announce(self, deployment: Document, rs: Document, before: int) -> None:
        size = rs["spec"]["replicas"]
        way = "up" if size > before else "down"
        message = f"Scaled {way} replica set {rs['metadata']['name']} from {before} to {size}"
        self._recorder.record(deployment, Note("ScalingReplicaSet", message, "deployment-controller"))

    def _forget_oldest(self, deployment: Document, new: Document, old: list[Document]) -> None:
        if dig(new, "status", "availableReplicas", default=0) < deployment["spec"]["replicas"]:
            return
        empty = [
            rs for rs in old if not rs["spec"]["replicas"] and not dig(rs, "status", "replicas", default=0)
        ]
        surplus = len(empty) - deployment["spec"]["revisionHistoryLimit"]
        for rs in sorted(empty, key=rollout.revision_of)[: max(surplus, 0)]:
            self._registry.delete(REPLICA_SET, (rs["metadata"]["namespace"], rs["metadata"]["name"]))


def _reference(deployment: Document) -> Document:
    return {
        "apiVersion": DEPLOYMENT.api_version,
        "kind": DEPLOYMENT.kind,
        "name": deployment["metadata"]["name"],
        "uid": deployment["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
