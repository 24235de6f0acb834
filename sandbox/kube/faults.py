"""Workload faults: which pods fail, and how. Set and lifted while everything runs."""

import itertools
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum

from sandbox.kube.document import Document, annotations_of, dig
from sandbox.kube.selectors import label_selector

FAULT_ANNOTATION = "sandbox.lockmaster.dev/fault"
"""On a pod: the name of a `FaultKind`; works as a fault set for this pod alone."""


class FaultKind(StrEnum):
    """How a pod fails, by the words kubectl shows."""

    IMAGE_PULL = "ImagePullBackOff"
    CRASH_LOOP = "CrashLoopBackOff"
    PENDING = "Pending"
    NOT_READY = "NotReady"


_KINDS = frozenset(kind.value for kind in FaultKind)


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure of every pod that fits `namespace`, `image` (a part of any container's image) and `labels` (a selector).

    `message` is shown where the kubelet or the scheduler would explain; empty takes their usual words. `reason` and
    `exit_code` are the container's end in a crash loop: `Error` or `OOMKilled` (then 137).
    """

    kind: FaultKind
    namespace: str = ""
    image: str = ""
    labels: str = ""
    message: str = ""
    reason: str = "Error"
    exit_code: int = 1

    def __post_init__(self) -> None:
        label_selector(self.labels)

    @property
    def code(self) -> int:
        """The container's exit code; the kernel's where memory ran out."""
        return 137 if self.reason == "OOMKilled" else self.exit_code

    def hits(self, pod: Document) -> bool:
        """Whether this pod is meant."""
        images = [container.get("image", "") for container in dig(pod, "spec", "containers", default=[])]
        return (
            self.namespace in ("", pod["metadata"]["namespace"])
            and any(self.image in image for image in images)
            and label_selector(self.labels)(pod)
        )


class FaultBook:
    """The faults in force, by id."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._faults: dict[str, Fault] = {}
        self.on_change: Callable[[], None] = lambda: None

    def set(self, fault: Fault) -> str:
        """Put a fault in force; the id lifts it again."""
        name = f"fault-{next(self._ids)}"
        self._faults[name] = fault
        self.on_change()
        return name

    def lift(self, name: str) -> bool:
        """End one fault; False where there is none of that id."""
        found = self._faults.pop(name, None) is not None
        self.on_change()
        return found

    def lift_all(self) -> None:
        """End all faults."""
        self._faults.clear()
        self.on_change()

    def of(self, pod: Document) -> Fault | None:
        """The fault this pod suffers: its own annotation first, then the newest that fits."""
        own = annotations_of(pod).get(FAULT_ANNOTATION, "")
        if own in _KINDS:
            return Fault(FaultKind(own))
        return next((fault for fault in reversed(self._faults.values()) if fault.hits(pod)), None)

    def listed(self) -> list[Document]:
        """The faults as JSON, oldest first."""
        return [{"id": name} | asdict(fault) for name, fault in self._faults.items()]
