"""Objects by kind, namespace and name, under one version counter, with a bounded history of changes.

Stored documents are never changed in place: a reader may keep one, and must clone it before altering it. No rule of the
API stands here; whoever wants those writes through `registry`.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from sandbox.kube import errors
from sandbox.kube.document import Document, dig
from sandbox.kube.resources import Resource

HISTORY = 20_000
"""Changes kept for watches that start in the past; older versions answer 410."""


class Record:
    """One stored version of one object, and its JSON once somebody asked for it."""

    __slots__ = ("_encoded", "document", "revision")

    def __init__(self, document: Document, revision: int) -> None:
        self.document = document
        self.revision = revision
        self._encoded: bytes | None = None

    @property
    def encoded(self) -> bytes:
        """The document as compact JSON."""
        if self._encoded is None:
            self._encoded = encode(self.document)
        return self._encoded


@dataclass(frozen=True, slots=True)
class Change:
    """One write. `record` of a deletion is the last form of the object, at the deletion's own version."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    resource: Resource
    record: Record
    previous: Record | None

    @property
    def revision(self) -> int:
        """The version this write made."""
        return self.record.revision

    @property
    def document(self) -> Document:
        """The object after the write."""
        return self.record.document


Subscriber = Callable[[Change], None]
Match = Callable[[Document], bool]


def encode(value: object) -> bytes:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class Store:
    """All objects of the cluster, in memory."""

    def __init__(self, *, history: int = HISTORY) -> None:
        self.revision = 1
        self.compacted = 0
        self._records: dict[str, dict[str, dict[str, Record]]] = {}
        self._owned: dict[str, dict[tuple[str, str, str], Record]] = {}
        self._uids: dict[str, Record] = {}
        self._history: deque[Change] = deque(maxlen=history)
        self._subscribers: dict[object, Subscriber] = {}

    def get(self, resource: Resource, namespace: str, name: str) -> Document | None:
        """The object, or None."""
        record = self.record(resource, namespace, name)
        return record.document if record else None

    def record(self, resource: Resource, namespace: str, name: str) -> Record | None:
        """The stored version of the object, or None."""
        return self._records.get(resource.key, {}).get(namespace, {}).get(name)

    def records(
        self, resource: Resource, namespace: str | None = None, where: Match | None = None
    ) -> list[Record]:
        """All of a kind, or those of one namespace, that `where` takes, ordered by namespace and name."""
        spaces = self._records.get(resource.key, {})
        wanted = spaces.values() if namespace is None else [spaces.get(namespace, {})]
        found = [
            record for space in wanted for record in space.values() if where is None or where(record.document)
        ]
        return sorted(found, key=_record_place)

    def documents(self, resource: Resource, namespace: str | None = None) -> list[Document]:
        """The documents of `records`."""
        return [record.document for record in self.records(resource, namespace)]

    def owned_by(self, uid: str) -> list[Document]:
        """Every object with an owner reference to `uid`."""
        return [record.document for record in self._owned.get(uid, {}).values()]

    def by_uid(self, uid: str) -> Document | None:
        """The object with this uid, or None."""
        record = self._uids.get(uid)
        return record.document if record else None

    def put(self, resource: Resource, document: Document) -> Document:
        """Store a new form of the object under the next version, tell the subscribers, return what was stored."""
        meta = document["metadata"]
        space = self._records.setdefault(resource.key, {}).setdefault(meta.get("namespace", ""), {})
        previous = space.get(meta["name"])
        record = self._stamped(document)
        space[meta["name"]] = record
        self._index(resource, previous, record)
        self._publish(Change("MODIFIED" if previous else "ADDED", resource, record, previous))
        return record.document

    def remove(self, resource: Resource, namespace: str, name: str) -> Document:
        """Take the object away; the last form gets the deletion's version. KeyError where there is none."""
        previous = self._records[resource.key][namespace].pop(name)
        record = self._stamped(previous.document)
        self._index(resource, previous, None)
        self._publish(Change("DELETED", resource, record, previous))
        return record.document

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Be told of every change at once, in the writer's call; call the answer to stop."""
        token = object()
        self._subscribers[token] = subscriber
        return lambda: self._subscribers.pop(token, None) and None

    def since(self, revision: int) -> Iterator[Change]:
        """The changes after `revision`, oldest first; 410 where they are no longer kept."""
        if revision < self.compacted:
            raise errors.too_old(revision, self.compacted)
        return (change for change in tuple(self._history) if change.revision > revision)

    def compact(self) -> None:
        """Forget the history, as etcd does every five minutes."""
        self.compacted = self.revision
        self._history.clear()

    def records_at(
        self, resource: Resource, namespace: str | None, revision: int, where: Match
    ) -> list[Record]:
        """What `records` answered at `revision`; 410 where the history since then is no longer kept."""
        if revision == self.revision:
            return self.records(resource, namespace, where)
        found = {_place(record.document): record for record in self.records(resource, namespace)}
        for change in reversed(list(self.since(revision))):
            place = _place(change.document)
            if change.resource is not resource or (namespace is not None and place[0] != namespace):
                continue
            if change.previous is None:
                found.pop(place, None)
            else:
                found[place] = change.previous
        return [record for _, record in sorted(found.items()) if where(record.document)]

    def _stamped(self, document: Document) -> Record:
        self.revision += 1
        meta = document["metadata"] | {"resourceVersion": str(self.revision)}
        return Record(document | {"metadata": meta}, self.revision)

    def _index(self, resource: Resource, previous: Record | None, record: Record | None) -> None:
        if previous:
            self._forget(resource, previous)
        if record:
            self._uids[record.document["metadata"]["uid"]] = record
            for uid in _owners(record):
                self._owned.setdefault(uid, {})[resource.key, *_place(record.document)] = record

    def _forget(self, resource: Resource, record: Record) -> None:
        del self._uids[record.document["metadata"]["uid"]]
        for uid in _owners(record):
            del self._owned[uid][resource.key, *_place(record.document)]
            if not self._owned[uid]:
                del self._owned[uid]

    def _publish(self, change: Change) -> None:
        if len(self._history) == self._history.maxlen:
            self.compacted = self._history[0].revision
        self._history.append(change)
        for subscriber in tuple(self._subscribers.values()):
            subscriber(change)


def _place(document: Document) -> tuple[str, str]:
    meta = document["metadata"]
    return meta.get("namespace", ""), meta["name"]


def _record_place(record: Record) -> tuple[str, str]:
    return _place(record.document)


def _owners(record: Record) -> set[str]:
    return {reference["uid"] for reference in dig(record.document, "metadata", "ownerReferences", default=[])}
