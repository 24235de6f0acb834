"""GET and list: single objects, whole lists, lists in chunks, lists of a past version."""

from collections.abc import Mapping

from sandbox.kube import errors
from sandbox.kube.document import Document
from sandbox.kube.http.paths import Target
from sandbox.kube.http.queries import Continuation, continuation, number, selection
from sandbox.kube.store import Record, Store

_STALE_CHUNK = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


def fetch(store: Store, target: Target, query: Mapping[str, str]) -> Record:
    """One object; 404 where there is none, 504 where the client has seen a later state than there is."""
    _check_reached(store, number(query, "resourceVersion"))
    record = store.record(target.resource, *target.place)
    if record is None:
        raise errors.not_found(target.resource, target.name)
    return record


def collect(store: Store, target: Target, query: Mapping[str, str]) -> tuple[list[Record], Document]:
    """The records asked for and the list's metadata."""
    token, asked = continuation(query), number(query, "resourceVersion")
    _check_reached(store, asked)
    revision = store.revision
    if token:
        revision = token.revision
        if revision < store.compacted:
            raise errors.expired(_STALE_CHUNK)
    elif asked and query.get("resourceVersionMatch") == "Exact":
        revision = asked
    matches = selection(query, target)
    found = store.records_at(target.resource, target.namespace, revision, matches)
    if token:
        found = [record for record in found if token.before(record.document)]
    return _chunk(found, number(query, "limit") or 0, revision)


def _chunk(found: list[Record], limit: int, revision: int) -> tuple[list[Record], Document]:
    meta: Document = {"resourceVersion": str(revision)}
    if not limit or len(found) <= limit:
        return found, meta
    last = found[limit - 1].document["metadata"]
    meta["continue"] = Continuation(revision, (last.get("namespace", ""), last["name"])).token()
    meta["remainingItemCount"] = len(found) - limit
    return found[:limit], meta


def _check_reached(store: Store, asked: int | None) -> None:
    if asked and asked > store.revision:
        raise errors.too_new(asked, store.revision)
