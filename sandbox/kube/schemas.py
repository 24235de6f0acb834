"""What the schemas of Istio's CustomResourceDefinitions refuse, as far as writers are likely to meet it.

A weight below zero passes: only Istio's webhook would refuse it.
"""

import json
from collections.abc import Iterator
from typing import Any

from sandbox.kube.document import Document, dig
from sandbox.kube.errors import Cause

_UNTRIED = (
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete "
    "validation"
)
_KINDS = {str: "string", float: "float64", bool: "boolean", list: "array", dict: "object", int: "integer"}


def virtual_service(document: Document, old: Document | None) -> Iterator[Cause]:
    """Weights are whole numbers, and a route leads to a host."""
    del old
    causes: list[Cause] = []
    for part in ("http", "tcp", "tls"):
        for i, rule in enumerate(dig(document, "spec", part, default=[])):
            for j, route in enumerate(rule.get("route") or ()):
                causes += _route(f"spec.{part}[{i}].route[{j}]", route)
    return _and_the_rest(causes)


def destination_rule(document: Document, old: Document | None) -> Iterator[Cause]:
    """Subsets have names, and select by texts."""
    del old
    causes: list[Cause] = []
    for i, subset in enumerate(dig(document, "spec", "subsets", default=[])):
        field = f"spec.subsets[{i}]"
        if "name" not in subset:
            causes.append(_required(f"{field}.name"))
        causes += [
            _mistyped(f"{field}.labels.{key}", value, "string")
            for key, value in (subset.get("labels") or {}).items()
            if not isinstance(value, str)
        ]
    return _and_the_rest(causes)


def _route(field: str, route: Document) -> Iterator[Cause]:
    if "destination" not in route:
        yield _required(f"{field}.destination")
    elif "host" not in route["destination"]:
        yield _required(f"{field}.destination.host")
    weight = route.get("weight", 0)
    if type(weight) is float:
        yield _mistyped(f"{field}.weight", weight, "int32")
        format_ = f"Checked value must be of type integer with format int32 in {field}.weight"
        yield Cause("FieldValueInvalid", "<nil>", f'Invalid value: "": {format_}')
    elif type(weight) is not int:
        yield _mistyped(f"{field}.weight", weight, "integer")


def _and_the_rest(causes: list[Cause]) -> Iterator[Cause]:
    """The rules that look at several fields together are not tried on an object whose fields are wrong."""
    yield from causes
    if causes:
        yield Cause("FieldValueInvalid", "<nil>", f"Invalid value: null: {_UNTRIED}")


def _required(field: str) -> Cause:
    return Cause("FieldValueRequired", field, "Required value")


def _mistyped(field: str, value: Any, wanted: str) -> Cause:
    kind = json.dumps(_KINDS[type(value)])
    return Cause(
        "FieldValueTypeInvalid",
        field,
        f"Invalid value: {kind}: {field} in body must be of type {wanted}: {kind}",
    )
