"""What goes with what was deleted: dependents of gone owners, and everything in a namespace that ends."""

from collections.abc import Iterable, Sequence

from sandbox.kube.controllers.loop import Key
from sandbox.kube.document import Document, dig
from sandbox.kube.registry import Registry
from sandbox.kube.resources import NAMESPACE, RESOURCES, Resource, resource_of_kind
from sandbox.kube.store import Change

_FOREGROUND, _ORPHAN = "foregroundDeletion", "orphan"


class GarbageCollector:
    """Follows owner references: background, foreground and orphan deletion. A key is (uid of the owner, "")."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def keys(self, change: Change) -> Iterable[Key]:
        """Owners that went, or wait for their dependents; owners whose dependent changed or named them."""
        meta = change.document["metadata"]
        if change.type == "DELETED" or "deletionTimestamp" in meta:
            yield meta["uid"], ""
        if change.type != "MODIFIED" or "deletionTimestamp" in meta:
            for reference in meta.get("ownerReferences", ()):
                yield reference["uid"], ""

    def look(self, key: Key) -> float | None:
        """Delete or orphan the dependents of an owner that is gone or waits for that."""
        owner = self._registry.store.by_uid(key[0])
        dependents = self._registry.store.owned_by(key[0])
        if owner is None:
            for dependent in dependents:
                self._let_go(dependent, key[0])
            return None
        finalizers = dig(owner, "metadata", "finalizers", default=[])
        if "deletionTimestamp" not in owner["metadata"]:
            return None
        if _ORPHAN in finalizers:
            for dependent in dependents:
                self._rewrite(dependent, "ownerReferences", _without(dependent, key[0]))
            self._rewrite(owner, "finalizers", [name for name in finalizers if name != _ORPHAN])
        elif _FOREGROUND in finalizers and dependents:
            for dependent in dependents:
                self._delete(dependent, "Foreground")
        elif _FOREGROUND in finalizers:
            self._rewrite(owner, "finalizers", [name for name in finalizers if name != _FOREGROUND])
        return None

    def _let_go(self, dependent: Document, uid: str) -> None:
        """A dependent with another living owner only loses the reference."""
        others = _without(dependent, uid)
        if any(self._registry.store.by_uid(reference["uid"]) for reference in others):
            self._rewrite(dependent, "ownerReferences", others)
        else:
            self._delete(dependent, "Background")

    def _delete(self, document: Document, policy: str) -> None:
        if "deletionTimestamp" not in document["metadata"]:
            options = {"propagationPolicy": policy} if policy == "Foreground" else {}
            self._registry.delete(_resource(document), _place(document), options)

    def _rewrite(self, document: Document, field: str, value: Sequence[object]) -> None:
        self._registry.modify(
            _resource(document),
            _place(document),
            lambda old: old | {"metadata": old["metadata"] | {field: value}},
        )


class Namespaces:
    """Empties a namespace that is to be deleted, then lets it go. A key is ("", name)."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def keys(self, change: Change) -> Iterable[Key]:
        """A namespace that ends, also when something in it went."""
        meta = change.document["metadata"]
        name = meta["name"] if change.resource is NAMESPACE else meta.get("namespace", "")
        if name and (change.type == "DELETED" or change.resource is NAMESPACE):
            yield "", name

    def look(self, key: Key) -> float | None:
        """Delete what is left in it, or the namespace itself."""
        namespace = self._registry.store.get(NAMESPACE, *key)
        if namespace is None or "deletionTimestamp" not in namespace["metadata"]:
            return None
        left = [
            (resource, document)
            for resource in RESOURCES
            if resource.namespaced
            for document in self._registry.store.documents(resource, key[1])
        ]
        for resource, document in left:
            if "deletionTimestamp" not in document["metadata"]:
                self._registry.delete(resource, _place(document))
        if not left:
            self._registry.modify(NAMESPACE, key, lambda old: old | {"spec": {"finalizers": []}})
        return None


def _without(dependent: Document, uid: str) -> list[Document]:
    return [reference for reference in dependent["metadata"]["ownerReferences"] if reference["uid"] != uid]


def _resource(document: Document) -> Resource:
    resource = resource_of_kind(document["apiVersion"], document["kind"])
    if resource is None:
        raise LookupError(document["kind"])
    return resource


def _place(document: Document) -> Key:
    meta = document["metadata"]
    return meta.get("namespace", ""), meta["name"]
