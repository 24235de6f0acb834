"""`status.conditions`: one entry a type, its transition time kept while its status stays."""

from sandbox.kube.document import Document


def condition(conditions: list[Document], kind: str) -> Document | None:
    """The condition of that type, or None."""
    return next((entry for entry in conditions if entry["type"] == kind), None)


def is_true(conditions: list[Document], kind: str) -> bool:
    """Whether the condition of that type is there and true."""
    return (condition(conditions, kind) or {}).get("status") == "True"


def with_condition(conditions: list[Document], new: Document, now: str) -> list[Document]:
    """The list with `new` (type, status, reason, message) in place of the old entry of its type."""
    old = condition(conditions, new["type"])
    since = old["lastTransitionTime"] if old and old["status"] == new["status"] else now
    entry = new | {"lastTransitionTime": since}
    if old is None:
        return [*conditions, entry]
    return [entry if present is old else present for present in conditions]
