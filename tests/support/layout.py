"""Every key the Redis adapters may leave behind, and which of them go by themselves."""

from fnmatch import fnmatchcase

FOR_GOOD = {
    "locks": "hash: service → lock",
    "numbers:release": "the last release number given out",
    "numbers:server": "the run_id of the server that gave it out",
    "numbers:arrival": "orders the wishes of all inboxes",
    "numbers:ask": "tells what is asked of passes apart",
    "numbers:parcel": "orders and versions all parcels",
    "release:*": "hash: revision, text",
    "events:*": "hash: revision:kind:actor → event",
    "live": "set of release ids",
    "asked": "set of the ids of live releases with a wish in their inbox",
    "history:*": "sorted set: release id by start",
    "audit": "stream, capped",
    "outbox:ready": "sorted set: parcel key by urgency and age",
    "outbox:later": "sorted set: parcel key by the time before which it may not go",
}
EXPIRING = {
    "queue:*": "sorted set: person by arrival",
    "waiters:*": "hash: person → place in the queue",
    "inbox:*": "hash: id → instruction",
    "taken:*": "set of instruction ids",
    "seen:*": "what was taken in once",
    "outbox:parcel:*": "hash: body, version, seq, urgency, leased_until, holder",
    "outbox:aside:*": "a parcel that nobody could read",
    "outbox:parked:*": "set of parcel keys that wait for a place",
    "outbox:place:*": "hash: said, channel, ts",
    "outbox:bell": "list of at most one",
    "pass:*": "hash: due, asked, rung",
    "turn:*": "the replica that performs a pass",
    "pace:*": "what may move forward: times of the last turns, who waits, until when each is kept",
}
DOCKETS = {
    "docket:stream": "alarms that ring",
    "docket:queue": "sorted set: release id by the time of its alarm",
    "docket:R-*": "hash: an alarm that is set",
    "docket:runs:R-*": "hash: state of an alarm; expires once there is none",
    "docket:leases:redelivery-sweep": "who looks for what dead replicas left",
    "docket:workers*": "replicas alive",
    "docket:worker-tasks:*": "what each of them knows",
    "docket:task-workers:*": "who knows it",
    "docket:progress:R-*": "while an alarm rings",
}


def complaint(key: str, ttl: int) -> str | None:
    """What is wrong with a key (its name after the prefix) and its TTL in seconds (-1: none); None when all is well."""
    if any(fnmatchcase(key, pattern) for pattern in DOCKETS):
        return None
    if any(fnmatchcase(key, pattern) for pattern in EXPIRING):
        return None if ttl >= 0 else f"{key} should expire"
    if any(fnmatchcase(key, pattern) for pattern in FOR_GOOD):
        return None if ttl == -1 else f"{key} should stay"
    return f"{key} is not documented"
