"""Writing by the rules of the API: every write, a client's or a controller's, goes through here."""

import secrets
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta

from sandbox.kube import errors, metadata, quota
from sandbox.kube.admission import Admission
from sandbox.kube.clock import Clock, timestamp
from sandbox.kube.defaults import set_defaults
from sandbox.kube.document import Document, clone, dig
from sandbox.kube.resources import DEPLOYMENT, NAMESPACE, POD, REPLICA_SET, Resource
from sandbox.kube.store import Store
from sandbox.kube.validation import problems

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX_LENGTH = 5
_FIRST_STATUS: Mapping[str, Document] = {
    POD.key: {"phase": "Pending", "qosClass": "BestEffort"},
    NAMESPACE.key: {"phase": "Active"},
    DEPLOYMENT.key: {},
    REPLICA_SET.key: {"replicas": 0},
}
_FOREGROUND, _ORPHAN = "foregroundDeletion", "orphan"


def random_suffix() -> str:
    """Five letters as the API server appends them to a `generateName`."""
    return "".join(secrets.choice(_SUFFIX_LETTERS) for _ in range(_SUFFIX_LENGTH))


class Registry:
    """Create, update and delete as the API server does. Documents given are taken over, those returned are read only."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.admission = Admission()
        self._addresses = 0

    def get(self, resource: Resource, namespace: str, name: str) -> Document:
        """The object; 404 where there is none."""
        document = self.store.get(resource, namespace, name)
        if document is None:
            raise errors.not_found(resource, name)
        return document

    def create(
        self, resource: Resource, namespace: str, body: Document, *, dry_run: bool = False
    ) -> Document:
        """Store a new object; `namespace` is empty for cluster-wide kinds. 404, 409 or 422 where it may not be."""
        document = clone(body)
        meta = document["metadata"] = metadata.tidy(document.get("metadata", {}))
        metadata.check_identity(meta, namespace, meta.get("name", ""))
        self._check_namespace(resource, namespace, meta.get("name", ""))
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = meta["generateName"] + random_suffix()
        metadata.start(meta, namespace, uid=str(uuid.uuid4()), created=timestamp(self.clock.now()))
        document = self.admission.review(resource, metadata.typed(resource, document))
        meta = document["metadata"]
        if resource.counts_generation:
            meta["generation"] = 1
        if resource.status:
            document.pop("status", None)
        if resource.key in _FIRST_STATUS:
            document["status"] = dict(_FIRST_STATUS[resource.key])
        self._complete(resource, document, None)
        if self.store.record(resource, namespace, meta["name"]):
            raise errors.already_exists(resource, meta["name"])
        if why := quota.exceeded(self.store, resource, namespace):
            raise errors.forbidden(resource, meta["name"], why)
        return document if dry_run else self.store.put(resource, document)

    def update(
        self,
        resource: Resource,
        namespace: str,
        body: Document,
        *,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Document:
        """Replace an object, or its `status`; `body` names it. 409 where its resourceVersion is not the newest."""
        name = dig(body, "metadata", "name", default="")
        old = self.get(resource, namespace, name)
        metadata.check_replaceable(resource, body["metadata"], old["metadata"])
        return self.modify(
            resource, (namespace, name), lambda _: body, subresource=subresource, dry_run=dry_run
        )

    def modify(
        self,
        resource: Resource,
        place: tuple[str, str],
        change: Callable[[Document], Document],
        *,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Document:
        """Replace the object at (namespace, name) by what `change` makes of a copy. Writing the same again is no write."""
        namespace, name = place
        old = self.get(resource, namespace, name)
        document = metadata.typed(resource, clone(change(clone(old))))
        meta = document["metadata"] = metadata.tidy(document.get("metadata", {}))
        metadata.check_identity(meta, namespace, name)
        metadata.check_unchanged(resource, meta, old["metadata"])
        document = metadata.carry_over(resource, document, old, subresource)
        if not subresource:
            document = self.admission.review(resource, document)
            self._complete(resource, document, old)
            metadata.count_generation(resource, document, old)
        if document == old:
            return old
        if dry_run:
            return document
        if _finished(document):
            self.store.put(resource, document)
            return self.store.remove(resource, namespace, name)
        return self.store.put(resource, document)

    def delete(
        self,
        resource: Resource,
        place: tuple[str, str],
        options: Document | None = None,
        *,
        dry_run: bool = False,
    ) -> tuple[Document, bool]:
        """Delete by `DeleteOptions`: the last form, and whether the object is gone at once."""
        options = options or {}
        old = self.get(resource, *place)
        metadata.check_preconditions(resource, old["metadata"], options.get("preconditions", {}))
        document = clone(old)
        meta = document["metadata"]
        grace = _grace(resource, old, options)
        finalizers = _finalizers(meta.get("finalizers", []), options)
        if dry_run:
            return old, True
        if grace == 0 and not finalizers and not _is_open_namespace(resource, document):
            return self.store.remove(resource, *place), True
        if finalizers:
            meta["finalizers"] = finalizers
        if "deletionTimestamp" not in meta:
            meta["deletionTimestamp"] = timestamp(self.clock.now() + timedelta(seconds=grace))
            meta["deletionGracePeriodSeconds"] = grace
            meta |= {"generation": meta["generation"] + 1} if "generation" in meta else {}
        if resource is NAMESPACE:
            document["status"] = {"phase": "Terminating"}
        if document == old:
            return old, False
        return self.store.put(resource, document), False

    def _check_namespace(self, resource: Resource, namespace: str, name: str) -> None:
        if not resource.namespaced:
            return
        owner = self.get(NAMESPACE, "", namespace)
        if "deletionTimestamp" in owner["metadata"]:
            raise errors.terminating(resource, name, namespace)

    def _complete(self, resource: Resource, document: Document, old: Document | None) -> None:
        metadata.check_shape(resource, document)
        set_defaults(resource, document)
        if resource.key == "services":
            self._assign_address(document["spec"])
        causes = problems(resource, document, old)
        if causes:
            raise errors.invalid(resource, document["metadata"].get("name", ""), causes)

    def _assign_address(self, spec: Document) -> None:
        if "clusterIP" not in spec:
            self._addresses += 1
            spec["clusterIP"] = f"10.96.{self._addresses // 250}.{self._addresses % 250 + 1}"
        spec.setdefault("clusterIPs", [spec["clusterIP"]])


def _grace(resource: Resource, old: Document, options: Document) -> int:
    """Only a pod that has a node is given time to stop."""
    if resource is not POD or not dig(old, "spec", "nodeName"):
        return 0
    seconds = options.get("gracePeriodSeconds")
    return int(old["spec"]["terminationGracePeriodSeconds"] if seconds is None else seconds)


def _finalizers(present: list[str], options: Document) -> list[str]:
    policy = options.get("propagationPolicy") or ("Orphan" if options.get("orphanDependents") else None)
    kept = [name for name in present if policy is None or name not in (_FOREGROUND, _ORPHAN)]
    return kept + {"Foreground": [_FOREGROUND], "Orphan": [_ORPHAN]}.get(policy or "", [])


def _is_open_namespace(resource: Resource, document: Document) -> bool:
    return resource is NAMESPACE and bool(dig(document, "spec", "finalizers"))


def _finished(document: Document) -> bool:
    """Deletion was asked for and the last finalizer has just gone."""
    meta = document["metadata"]
    waiting = (
        meta.get("finalizers")
        or meta.get("deletionGracePeriodSeconds")
        or dig(document, "spec", "finalizers")
    )
    return "deletionTimestamp" in meta and not waiting
