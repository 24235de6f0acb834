"""What this mesh understands of Istio's objects. What it does not is refused, never half obeyed. No I/O."""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.mesh.directory import directory
from sandbox.mesh.objects import Object, World, annotated_port
from sandbox.mesh.routes import route_configuration

_ISTIO_KINDS = ("DestinationRule", "VirtualService")
# A nested table is an object's fields, a list holds the table of its elements, None takes any value.
_Fields = Mapping[str, Any]

_STRING: _Fields = {"exact": None, "prefix": None, "regex": None}
_CHANGES: _Fields = {"set": None, "add": None, "remove": None}
_HEADERS: _Fields = {"request": _CHANGES, "response": _CHANGES}
_DESTINATION: _Fields = {"host": None, "subset": None, "port": {"number": None}}
_MATCH: _Fields = {
    "name": None,
    "uri": _STRING,
    "ignoreUriCase": None,
    "method": _STRING,
    "authority": _STRING,
    "scheme": _STRING,
    "headers": {"*": _STRING},
    "withoutHeaders": {"*": _STRING},
    "queryParams": {"*": _STRING},
}
_ROUTE: _Fields = {
    "name": None,
    "match": [_MATCH],
    "route": [{"destination": _DESTINATION, "weight": None, "headers": _HEADERS}],
    "headers": _HEADERS,
    "timeout": None,
    "retries": {"attempts": None, "perTryTimeout": None, "retryOn": None},
    "mirror": _DESTINATION,
    "mirrorPercentage": {"value": None},
    "mirrors": [{"destination": _DESTINATION, "percentage": {"value": None}}],
    "rewrite": {"uri": None, "authority": None},
    "directResponse": {"status": None, "body": {"string": None}},
}
_NOT_KNOWN = object()
_SPEC: _Fields = {"hosts": None, "gateways": None, "exportTo": None, "http": [_ROUTE]}


def objections(obj: Object) -> list[str]:
    """Why an object cannot be translated: fields that would be ignored, or a shape that makes no sense; else empty."""
    unknown = unsupported_fields(obj) if obj.get("kind") == "VirtualService" else []
    return unknown or _misshapen(obj)


def _misshapen(obj: Object) -> list[str]:
    """Translate the object alone, to see whether it can be done at all."""
    rules, virtual_services = ((obj,) if obj.get("kind") == kind else () for kind in _ISTIO_KINDS)
    world = World(virtual_services=virtual_services, destination_rules=rules)
    try:
        route_configuration(world, directory(world, annotated_port))
    except (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        return [f"{type(error).__name__}: {error}"]
    return []


def unsupported_fields(virtual_service: Object) -> list[str]:
    """Paths of the fields that would be ignored, such as `spec.http[0].fault`; empty when all is understood."""
    return list(_unknown(virtual_service.get("spec") or {}, _SPEC, "spec"))


def _unknown(value: Any, known: Any, path: str) -> Iterator[str]:
    if isinstance(known, list) and isinstance(value, list):
        for index, each in enumerate(value):
            yield from _unknown(each, known[0], f"{path}[{index}]")
    elif isinstance(known, dict) and isinstance(value, dict):
        for key, each in value.items():
            field = known.get("*", known.get(key, _NOT_KNOWN))
            if field is _NOT_KNOWN:
                yield f"{path}.{key}"
            else:
                yield from _unknown(each, field, f"{path}.{key}")
