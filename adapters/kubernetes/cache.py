"""The objects of one kind and namespace, as the watch and our own writes told of them.

Versions are compared as numbers, but only of one and the same object (same uid): so far the API's rules allow it.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from sys import intern
from typing import Any, Final

from adapters.kubernetes.resources import Object

LONGEST_WORD: Final = 40
REMEMBERED: Final = 512
"""Deleted objects whose late news are recognised."""

Index = Callable[[Object], str | None]


@dataclass(frozen=True, slots=True)
class Keep:
    """What is kept of a kind: everything but the fields `dropped`.

    `index` names a group for each object (a pod's Deployment), so that a group is found without a search. With `writers` it is
    kept who wrote which top-level field of the spec.
    """

    index: Index | None = None
    dropped: frozenset[str] = frozenset()
    writers: bool = False


class Cache:
    """Objects by name, and by group where there is an index."""

    def __init__(self, keep: Keep) -> None:
        self._index = keep.index
        self._dropped = keep.dropped
        self._writers = keep.writers
        self._objects: dict[str, Object] = {}
        self._groups: dict[str, dict[str, Object]] = {}
        self._deleted: deque[str] = deque(maxlen=REMEMBERED)

    def get(self, name: str) -> Object | None:
        """The object, which must not be changed."""
        return self._objects.get(name)

    def all(self) -> tuple[Object, ...]:
        """Every object."""
        return tuple(self._objects.values())

    def group(self, name: str) -> tuple[Object, ...]:
        """The objects of a group, by name."""
        return tuple(found for _, found in sorted(self._groups.get(name, {}).items()))

    def put(self, found: Object) -> bool:
        """Take in a newer form; False, and nothing done, where a newer one is known or the object is deleted."""
        meta = found["metadata"]
        known = self._objects.get(meta["name"])
        if meta["uid"] in self._deleted or (known and _supersedes(known, found)):
            return False
        if known:
            self._ungroup(known)
            if known["metadata"]["uid"] != meta["uid"]:  # its place is taken, so it must be gone
                self._deleted.append(known["metadata"]["uid"])
        self._objects[meta["name"]] = self._slim(found)
        if self._index and (group := self._index(found)):
            self._groups.setdefault(group, {})[meta["name"]] = self._objects[meta["name"]]
        return True

    def remove(self, found: Object) -> bool:
        """Forget a deleted object; False where another of its name has taken its place."""
        meta = found["metadata"]
        known = self._objects.get(meta["name"])
        self._deleted.append(meta["uid"])
        if known is None or known["metadata"]["uid"] != meta["uid"]:
            return False
        self._ungroup(known)
        del self._objects[meta["name"]]
        return True

    def replace(self, found: Iterable[Object]) -> tuple[Object, ...]:
        """Take in a whole list; answer what changed or went."""
        listed = {one["metadata"]["name"]: one for one in found}
        gone = [known for name, known in self._objects.items() if name not in listed]
        for known in gone:
            self._ungroup(known)
            del self._objects[known["metadata"]["name"]]
        return (*gone, *(one for one in listed.values() if self.put(one)))

    def _ungroup(self, known: Object) -> None:
        group = self._index(known) if self._index else None
        if group:
            members = self._groups[group]
            del members[known["metadata"]["name"]]
            if not members:
                del self._groups[group]

    def _slim(self, found: Object) -> Object:
        """Leave out what nobody reads; managed fields alone are half of an object."""
        meta = {key: value for key, value in found["metadata"].items() if key != "managedFields"}
        if self._writers and (managed := found["metadata"].get("managedFields")):
            meta["managedFields"] = [_of_spec(entry) for entry in managed]
        kept = {key: value for key, value in found.items() if key not in self._dropped}
        slim: Object = _shared(kept | {"metadata": meta})
        return slim


def _shared(value: Any) -> Any:
    """The same, with each name and word kept once for all objects: with thousands of them half of the memory."""
    if isinstance(value, dict):
        return {intern(key): _shared(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shared(inner) for inner in value]
    return intern(value) if isinstance(value, str) and len(value) <= LONGEST_WORD else value


def _of_spec(entry: Object) -> Object:
    """A writer, and the fields of the spec it owns without what is inside them."""
    fields = (entry.get("fieldsV1") or {}).get("f:spec") or {}
    return {**entry, "fieldsV1": {"f:spec": {key: {} for key in fields}}}


def _supersedes(known: Object, found: Object) -> bool:
    one, other = known["metadata"], found["metadata"]
    return bool(one["uid"] == other["uid"] and int(one["resourceVersion"]) >= int(other["resourceVersion"]))
