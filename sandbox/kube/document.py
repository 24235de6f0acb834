"""JSON documents as the API stores them: plain dicts, never changed once stored."""

from typing import Any

Document = dict[str, Any]


def clone(value: Any) -> Any:
    """A deep copy without nulls: the API server prunes them from maps on every write."""
    if isinstance(value, dict):
        return {key: clone(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [clone(item) for item in value]
    return value


def dig(document: Any, *path: str | int, default: Any = None) -> Any:
    """The value at `path`, or `default` where a step is missing or null."""
    for step in path:
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            document = document[step]
        else:
            return default
    return default if document is None else document


def labels_of(document: Document) -> dict[str, str]:
    """The object's labels; empty where it has none."""
    labels: dict[str, str] = document["metadata"].get("labels") or {}
    return labels


def annotations_of(document: Document) -> dict[str, str]:
    """The object's annotations; empty where it has none."""
    annotations: dict[str, str] = dig(document, "metadata", "annotations", default={})
    return annotations


def controller_of(document: Document) -> Document | None:
    """The owner reference marked `controller: true`, or None."""
    references: list[Document] = dig(document, "metadata", "ownerReferences", default=[])
    return next((reference for reference in references if reference.get("controller")), None)
