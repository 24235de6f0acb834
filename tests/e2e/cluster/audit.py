"""What the API server's audit log says of the bots: every request, and of every write also what was sent and what came of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sandbox.kube.document import Document
from tests.e2e.cluster.plane import Plane

WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `code` is HTTP's; `sent` and `result` are the bodies, of bots' writes alone; `at` is when it arrived."""

    user: str
    verb: str
    resource: str
    namespace: str
    name: str
    code: int
    at: datetime
    sent: Document | None
    result: Document | None

    @property
    def took_effect(self) -> bool:
        """Whether something was written: a write that the server accepted."""
        return self.verb in WRITES and self.code < 300


def entries(plane: Plane, *, namespace: str = "", user: str = "") -> list[Entry]:
    """Every finished request so far, in the order in which they ended, of one namespace and one user where they are named.

    A watch appears when it begins. An entry may be here a moment later than its answer is there.
    """
    return [
        entry for entry in _read(plane) if namespace in ("", entry.namespace) and user in ("", entry.user)
    ]


def _read(plane: Plane) -> Iterator[Entry]:
    with plane.audit_log.open(encoding="utf-8") as log:
        for line in log:
            event = json.loads(line)
            # A watch has two lines, of its beginning and of its end.
            if not (event["verb"] == "watch" and event["stage"] == "ResponseComplete"):
                yield _entry(event)


def _entry(event: Document) -> Entry:
    meant = event.get("objectRef", {})
    result = event.get("responseObject")
    return Entry(
        user=event["user"]["username"],
        verb=event["verb"],
        resource="/".join(filter(None, (meant.get("resource"), meant.get("subresource")))),
        namespace=meant.get("namespace", ""),
        name=meant.get("name") or (result or {}).get("metadata", {}).get("name", ""),
        code=event.get("responseStatus", {}).get("code", 0),
        at=datetime.fromisoformat(event["requestReceivedTimestamp"]),
        sent=event.get("requestObject"),
        result=result,
    )
