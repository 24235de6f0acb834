"""Requests are counted as the API server's audit log has them."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.asked import asked, end_of, since

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def line(
    number: int, verb: str, resource: str, seconds: float, user: str = "bot", stage: str = "ResponseComplete"
) -> bytes:
    event = {
        "auditID": str(number),
        "stage": stage,
        "verb": verb,
        "requestURI": f"/api/v1/{resource}",
        "requestReceivedTimestamp": (NOON + timedelta(seconds=seconds)).isoformat(),
        "user": {"username": user},
        "objectRef": {"resource": resource},
    }
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def test_requests_count_once_and_only_the_bots_and_only_those_of_the_time() -> None:
    lines = [
        line(1, "watch", "pods", -1, stage="ResponseComplete"),
        line(2, "watch", "pods", 1, stage="ResponseStarted"),
        line(2, "watch", "pods", 1, stage="ResponseComplete"),
        line(3, "patch", "virtualservices", 2),
        line(4, "patch", "virtualservices", 3, user="admin"),
        line(5, "create", "selfsubjectaccessreviews", 4),
        line(6, "get", "services", 61),
    ]

    found = asked(lines, "bot", NOON, NOON + timedelta(minutes=1))

    assert found.by_what == Counter(
        {"watch pods": 1, "patch virtualservices": 1, "create selfsubjectaccessreviews": 1}
    )
    assert (found.all, found.writes) == (3, 1)


def test_the_log_is_read_from_where_it_ended_and_by_whole_lines(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    log.write_bytes(b"one\n")
    start = end_of(log)
    with log.open("ab") as file:
        file.write(b"two\nthr")

    assert since(log, start) == [b"two\n"]
