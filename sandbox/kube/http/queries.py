"""What the query string of a request asks for."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.kube import errors
from sandbox.kube.document import Document
from sandbox.kube.http.paths import Target
from sandbox.kube.selectors import Match, field_selector, label_selector

_YES = ("1", "true", "True")


def flag(query: Mapping[str, str], name: str) -> bool:
    """A boolean parameter; absent is false."""
    return query.get(name, "") in _YES


def number(query: Mapping[str, str], name: str) -> int | None:
    """A whole-number parameter, or None; 400 where it is not one."""
    text = query.get(name, "")
    if text and not text.isdecimal():
        raise errors.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text) if text else None


def dry_run(query: Mapping[str, str]) -> bool:
    """Whether nothing may be stored; 400 for a value other than `All`."""
    value = query.get("dryRun", "")
    if value not in ("", "All"):
        raise errors.bad_request(f'dryRun: Unsupported value: "{value}": supported values: "All"')
    return bool(value)


def selection(query: Mapping[str, str], target: Target) -> Match:
    """Label and field selector together, and the name where the path names one object."""
    labels = label_selector(query.get("labelSelector", ""))
    fields = field_selector(query.get("fieldSelector", ""), target.resource)
    name = target.name
    return lambda document: (
        labels(document) and fields(document) and (not name or document["metadata"]["name"] == name)
    )


@dataclass(frozen=True, slots=True)
class Continuation:
    """Where a list in chunks goes on: after `last` (namespace, name), in the state of `revision`."""

    revision: int
    last: tuple[str, str]

    def token(self) -> str:
        """The opaque word for the client."""
        return base64.urlsafe_b64encode(json.dumps([self.revision, *self.last]).encode()).decode()

    def before(self, document: Document) -> bool:
        """Whether the document comes after the last one sent."""
        meta = document["metadata"]
        return (meta.get("namespace", ""), meta["name"]) > self.last


def continuation(query: Mapping[str, str]) -> Continuation | None:
    """The token of the request, or None; 400 where it is not one of ours."""
    text = query.get("continue", "")
    if not text:
        return None
    try:
        revision, namespace, name = json.loads(base64.urlsafe_b64decode(text))
    except (ValueError, binascii.Error) as error:
        raise errors.bad_request("continue key is not valid") from error
    return Continuation(int(revision), (namespace, name))
