"""Who wrote a VirtualService's routing last, by the API server's own account of its fields."""

from adapters.kubernetes.resources import Object

OURS = "lockmaster"
"""The field manager of our writes: the user agent, as the server takes it."""


def writer_of(found: Object) -> str | None:
    """The field manager that owns the http routes since the latest moment; None when that is us, or nobody knows."""
    entries = [
        entry
        for entry in found["metadata"].get("managedFields") or ()
        if "f:http" in ((entry.get("fieldsV1") or {}).get("f:spec") or {})
    ]
    latest = max(entries, key=lambda entry: str(entry.get("time", "")), default=None)
    manager = latest.get("manager") if latest is not None else None
    return str(manager) if manager and manager != OURS else None
