"""What the bot asked of a real API server, by the server's own audit log."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})
REVIEWS = frozenset({"selfsubjectaccessreviews", "selfsubjectreviews"})
"""Questions in the form of a write; nothing is stored."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How many requests came, by verb and kind such as `watch pods`; and how many of them write."""

    by_what: Counter[str]
    writes: int

    @property
    def all(self) -> int:
        """All of them."""
        return self.by_what.total()


def asked(lines: Iterable[bytes], user: str, since: datetime, until: datetime) -> Asked:
    """Requests of that user's that came between the two moments; a watch counts when it begins."""
    by_what: Counter[str] = Counter()
    seen: set[str] = set()
    writes = 0
    for line in lines:
        if f'"{user}"'.encode() not in line:
            continue
        event = json.loads(line)
        if event["auditID"] in seen or event["user"]["username"] != user:
            continue
        if since <= datetime.fromisoformat(event["requestReceivedTimestamp"]) < until:
            seen.add(event["auditID"])
            kind = _kind(event)
            by_what[f"{event['verb']} {kind}"] += 1
            writes += event["verb"] in WRITES and kind not in REVIEWS
    return Asked(by_what, writes)


def _kind(event: dict[str, Any]) -> str:
    return str(event.get("objectRef", {}).get("resource", event["requestURI"].partition("?")[0]))


def end_of(log: Path) -> int:
    """Where the log ends now."""
    return log.stat().st_size


def since(log: Path, start: int) -> list[bytes]:
    """What was written to it from there on; a line that is not yet whole is left out."""
    with log.open("rb") as file:
        file.seek(start)
        return [line for line in file if line.endswith(b"\n")]
