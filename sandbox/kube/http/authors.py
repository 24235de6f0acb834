"""`metadata.managedFields` as far as anybody looks here: who wrote which top-level field of the spec last.

Kept for the kinds of Istio alone, whose lists are atomic: whoever changes one owns the whole of it.
"""

from collections.abc import Mapping

from sandbox.kube.document import Document, dig
from sandbox.kube.resources import Resource

KEPT = "networking.istio.io"


def manager_of(query: Mapping[str, str], user_agent: str) -> str:
    """The field manager of a request: the one it names, else the first part of its user agent."""
    return query.get("fieldManager") or user_agent.partition("/")[0]


def credited(resource: Resource, old: Document, new: Document, manager: str, now: str) -> Document:
    """The new form with what changed in its spec put to that manager's account, and taken from everybody else's."""
    before, after = dig(old, "spec", default={}), dig(new, "spec", default={})
    changed = {f"f:{key}" for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    if resource.group != KEPT or not changed or not manager:
        return new
    entries: list[Document] = dig(old, "metadata", "managedFields", default=[])
    mine: set[str] = set()
    kept = []
    for entry in entries:
        owned = set(dig(entry, "fieldsV1", "f:spec", default={}))
        if (entry["manager"], entry["operation"]) == (manager, "Update"):
            mine = owned
        elif owned - changed or not owned:
            kept.append(_entry(entry, owned - changed))
    first = {"manager": manager, "operation": "Update", "apiVersion": resource.api_version, "time": now}
    fields = [*kept, _entry({**first, "fieldsType": "FieldsV1"}, mine | changed)]
    return {**new, "metadata": {**new["metadata"], "managedFields": fields}}


def _entry(entry: Document, owned: set[str]) -> Document:
    return {**entry, "fieldsV1": {"f:spec": {key: {} for key in sorted(owned)}} if owned else {}}
