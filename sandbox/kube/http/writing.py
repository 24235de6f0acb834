"""POST, PUT, PATCH and DELETE: from a request's body to the registry."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import yaml

from sandbox.kube import errors
from sandbox.kube.clock import timestamp
from sandbox.kube.controllers.conditions import with_condition
from sandbox.kube.document import Document, dig
from sandbox.kube.http.authors import credited, manager_of
from sandbox.kube.http.paths import Target
from sandbox.kube.http.queries import dry_run, flag, number
from sandbox.kube.patches import APPLY_PATCH, patcher
from sandbox.kube.registry import Registry
from sandbox.kube.resources import POD
from sandbox.kube.scale import scale_of, write_scale

Answer = tuple[int, Document]
_READABLE = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")


def decode(body: bytes, content_type: str) -> Document:
    """The body's object, JSON or YAML; 400 where it is none, 415 for the server's binary format."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind not in _READABLE[:2]:
        raise errors.unsupported_media_type(_READABLE)
    try:
        value: Any = yaml.safe_load(body) if kind == "application/yaml" else json.loads(body)
    except (ValueError, yaml.YAMLError) as error:
        raise errors.bad_request(f"the object provided is unrecognized: {error}") from error
    if not isinstance(value, dict):
        raise errors.bad_request("the object provided is unrecognized: a JSON object is expected")
    return value


def post(registry: Registry, target: Target, query: Mapping[str, str], body: Document) -> Answer:
    """Create; or evict a pod, which is a deletion that says so in the pod's conditions."""
    dry = dry_run(query)
    if target.subresource == "eviction":
        if not dry:
            _disrupt(registry, target)
        registry.delete(POD, target.place, body.get("deleteOptions"), dry_run=dry)
        success = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
        return HTTPStatus.CREATED, success
    if target.name:
        raise errors.method_not_allowed()
    if target.resource.namespaced and target.namespace is None:
        raise errors.method_not_allowed()
    return HTTPStatus.CREATED, registry.create(target.resource, target.space, body, dry_run=dry)


def _disrupt(registry: Registry, target: Target) -> None:
    entry = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
    }
    now = timestamp(registry.clock.now())

    def told(pod: Document) -> Document:
        conditions = with_condition(dig(pod, "status", "conditions", default=[]), entry, now)
        return pod | {"status": pod["status"] | {"conditions": conditions}}

    registry.modify(POD, target.place, told, subresource="status")


def put(registry: Registry, target: Target, query: Mapping[str, str], body: Document) -> Answer:
    """Replace the object, its status or its scale."""
    if not target.name:
        raise errors.method_not_allowed()
    dry = dry_run(query)
    if target.subresource == "scale":
        return HTTPStatus.OK, write_scale(registry, target.resource, target.place, body, dry_run=dry)
    said = dig(body, "metadata", "name", default=target.name)
    if said != target.name:
        raise errors.bad_request(
            f"the name of the object ({said}) does not match the name on the URL ({target.name})"
        )
    named = body | {"metadata": body.get("metadata", {}) | {"name": target.name}}
    written = registry.update(
        target.resource, target.space, named, subresource=target.subresource, dry_run=dry
    )
    return HTTPStatus.OK, written


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch as it came: its bytes, their format, and the user agent that sent them."""

    body: bytes
    content_type: str
    user_agent: str = ""


def patch(registry: Registry, target: Target, query: Mapping[str, str], sent: Patch) -> Answer:
    """Change the object, its status or its scale by a patch; an apply patch creates what is not there."""
    body, content_type = sent.body, sent.content_type
    if not target.name:
        raise errors.method_not_allowed()
    change, dry = patcher(content_type, body, target.resource), dry_run(query)
    if target.subresource == "scale":
        scale = scale_of(registry.get(target.resource, *target.place))
        written = write_scale(registry, target.resource, target.place, change(scale), dry_run=dry)
        return HTTPStatus.OK, written
    if content_type.startswith(APPLY_PATCH):
        return _apply(registry, target, query, change({}))
    manager, now = manager_of(query, sent.user_agent), timestamp(registry.clock.now())
    written = registry.modify(
        target.resource,
        target.place,
        lambda old: credited(target.resource, old, change(_as_served(old, target)), manager, now),
        subresource=target.subresource,
        dry_run=dry,
    )
    return HTTPStatus.OK, written


def _as_served(document: Document, target: Target) -> Document:
    return document | {"apiVersion": target.api_version}


def _apply(registry: Registry, target: Target, query: Mapping[str, str], wanted: Document) -> Answer:
    """Server-side apply without ownership of fields: what is said is merged in, what is not said stays."""
    manager = query.get("fieldManager", "")
    if not manager:
        cause = errors.Cause(
            "FieldValueRequired", "fieldManager", "Required value: is required for apply patch"
        )
        raise errors.invalid(target.resource, target.name, [cause])
    dry = dry_run(query)
    change = patcher(APPLY_PATCH, json.dumps(wanted).encode(), target.resource)
    if registry.store.record(target.resource, *target.place) is None:
        meta = wanted.get("metadata", {}) | {"name": target.name}
        meta["managedFields"] = [_managed(registry, target, manager)]
        created = registry.create(target.resource, target.space, wanted | {"metadata": meta}, dry_run=dry)
        return HTTPStatus.CREATED, created

    def applied(old: Document) -> Document:
        new = change(_as_served(old, target))
        kept: list[Document] = dig(old, "metadata", "managedFields", default=[])
        if all(entry["manager"] != manager for entry in kept):
            kept = [*kept, _managed(registry, target, manager)]
        return new | {"metadata": new["metadata"] | {"managedFields": kept}}

    return HTTPStatus.OK, registry.modify(
        target.resource, target.place, applied, subresource=target.subresource, dry_run=dry
    )


def _managed(registry: Registry, target: Target, manager: str) -> Document:
    now = timestamp(registry.clock.now())
    return {
        "manager": manager,
        "operation": "Apply",
        "apiVersion": target.api_version,
        "time": now,
        "fieldsType": "FieldsV1",
        "fieldsV1": {},
    }


def delete(registry: Registry, target: Target, query: Mapping[str, str], body: Document) -> Answer:
    """Delete one object: its last form while it lingers, a `Status` once it is gone (a pod always as itself)."""
    options, dry = _delete_options(query, body), dry_run(query)
    document, gone = registry.delete(target.resource, target.place, options, dry_run=dry)
    if not gone or target.resource is POD:
        return HTTPStatus.OK, document
    meta = document["metadata"]
    details: Document = {"name": meta["name"]}
    details |= {"group": target.resource.group} if target.resource.group else {}
    details |= {"kind": target.resource.plural, "uid": meta["uid"]}
    return HTTPStatus.OK, {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    }


def _delete_options(query: Mapping[str, str], body: Document) -> Document:
    options = dict(body)
    if "propagationPolicy" in query:
        options["propagationPolicy"] = query["propagationPolicy"]
    if "orphanDependents" in query:
        options["orphanDependents"] = flag(query, "orphanDependents")
    seconds = number(query, "gracePeriodSeconds")
    return options if seconds is None else options | {"gracePeriodSeconds": seconds}
