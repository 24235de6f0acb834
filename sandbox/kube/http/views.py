"""The forms in which a client may ask for objects: whole, as a table for people, or metadata alone."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from sandbox.kube.document import Document
from sandbox.kube.http.paths import Target
from sandbox.kube.http.tables import cells, columns
from sandbox.kube.store import Record, encode

_META = "meta.k8s.io/v1"


class View(Enum):
    """A form of answer."""

    OBJECT = "object"
    TABLE = "table"
    METADATA = "metadata"


def view_for(accept: str) -> View:
    """The first form of the Accept header that is served here."""
    for offer in accept.split(","):
        wanted = {part.strip() for part in offer.split(";")[1:]}
        if wanted & {"as=Table"}:
            return View.TABLE
        if wanted & {"as=PartialObjectMetadata", "as=PartialObjectMetadataList"}:
            return View.METADATA
        if "json" in offer or "*/*" in offer:
            return View.OBJECT
    return View.OBJECT


def one(record: Record, target: Target, view: View, now: datetime) -> bytes:
    """One object as JSON."""
    match view:
        case View.OBJECT:
            if target.api_version == target.resource.api_version:
                return record.encoded
            return encode(record.document | {"apiVersion": target.api_version})
        case View.METADATA:
            return encode(_partial(record.document))
        case View.TABLE:
            return encode(_table([record], target, {"resourceVersion": str(record.revision)}, now))


def many(records: Iterable[Record], target: Target, view: View, meta: Document, now: datetime) -> bytes:
    """A list as JSON; `meta` is the list's metadata."""
    if view is View.TABLE:
        return encode(_table(records, target, meta, now))
    kind, api_version = f"{target.resource.kind}List", target.api_version
    if view is View.METADATA:
        kind, api_version = "PartialObjectMetadataList", _META
    head = encode({"kind": kind, "apiVersion": api_version, "metadata": meta})
    items = b",".join(one(record, target, view, now) for record in records)
    return head[:-1] + b',"items":[' + items + b"]}"


def event(kind: str, body: bytes) -> bytes:
    """One line of a watch."""
    return b'{"type":"' + kind.encode() + b'","object":' + body + b"}\n"


def _partial(document: Document) -> Document:
    return {"kind": "PartialObjectMetadata", "apiVersion": _META, "metadata": document["metadata"]}


def _table(records: Iterable[Record], target: Target, meta: Document, now: datetime) -> Document:
    return {
        "kind": "Table",
        "apiVersion": _META,
        "metadata": meta,
        "columnDefinitions": columns(target.resource),
        "rows": [
            {"cells": cells(target.resource, record.document, now), "object": _partial(record.document)}
            for record in records
        ],
    }
