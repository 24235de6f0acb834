"""Event objects, as `kubectl describe` lists them."""

from collections import OrderedDict
from dataclasses import dataclass

from sandbox.kube.clock import timestamp
from sandbox.kube.document import Document
from sandbox.kube.errors import ApiError
from sandbox.kube.registry import Registry
from sandbox.kube.resources import EVENT

_KEPT = 2_000  # events; a real server forgets them after an hour


@dataclass(frozen=True, slots=True)
class Note:
    """What happened: a reason word, a sentence, and the component that says so."""

    reason: str
    message: str
    component: str
    warning: bool = False


class Recorder:
    """Writes events; the same note on the same object again only counts up."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._written: OrderedDict[tuple[str, Note], tuple[str, str]] = OrderedDict()

    def record(self, subject: Document, note: Note) -> None:
        """Note something about `subject`. In a namespace that ends, nothing is written."""
        meta = subject["metadata"]
        known = self._written.get((meta["uid"], note))
        try:
            if known:
                self._registry.modify(EVENT, known, self._count_up)
            else:
                self._written[meta["uid"], note] = self._create(subject, note)
                self._forget_oldest()
        except ApiError:
            self._written.pop((meta["uid"], note), None)

    def _count_up(self, event: Document) -> Document:
        return event | {"count": event["count"] + 1, "lastTimestamp": timestamp(self._registry.clock.now())}

    def _create(self, subject: Document, note: Note) -> tuple[str, str]:
        meta, now = subject["metadata"], timestamp(self._registry.clock.now())
        namespace = meta.get("namespace", "default")
        event = {
            "metadata": {"generateName": f"{meta['name']}."},
            "involvedObject": {
                "kind": subject["kind"],
                "namespace": namespace,
                "name": meta["name"],
                "uid": meta["uid"],
                "apiVersion": subject["apiVersion"],
                "resourceVersion": meta["resourceVersion"],
            },
            "reason": note.reason,
            "message": note.message,
            "source": {"component": note.component},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "type": "Warning" if note.warning else "Normal",
            "reportingComponent": note.component,
            "reportingInstance": "",
        }
        created = self._registry.create(EVENT, namespace, event)
        return namespace, created["metadata"]["name"]

    def _forget_oldest(self) -> None:
        if len(self._written) > _KEPT:
            _, place = self._written.popitem(last=False)
            if self._registry.store.record(EVENT, *place):
                self._registry.delete(EVENT, place)
