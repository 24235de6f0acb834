"""What moved in the cluster, so that a pass need not wait for its timer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` is `route`, `deployment` or `pod`; `name` is the object's, for a pod that of its Deployment."""

    kind: str
    namespace: str
    name: str


class Changes(Protocol):
    """Delivered from the watches; may be repeated, may be early, is never relied upon: the timer comes anyway."""

    def subscribe(self, listener: Callable[[Change], None]) -> None:
        """Call the listener, which must not block, for each change."""
        ...
