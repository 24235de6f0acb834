"""The four patch formats of the API, applied to a copy of the object."""

import json
from collections.abc import Callable
from typing import Any

import jsonpatch
import yaml

from sandbox.kube import errors
from sandbox.kube.document import Document, clone
from sandbox.kube.resources import Resource

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

_MERGE_KEYS = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "imagePullSecrets": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "ports": ("containerPort", "port"),
    "conditions": ("type",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
    "ownerReferences": ("uid",),
}
"""What tells the elements of a list apart, by the list's name; other lists are replaced as a whole."""

_PRIMITIVE_MERGE = ("finalizers",)


def accepted_patches(resource: Resource) -> tuple[str, ...]:
    """The content types a PATCH of this kind may have."""
    if resource.custom:
        return (JSON_PATCH, MERGE_PATCH, APPLY_PATCH)
    return (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH)


def patcher(content_type: str, body: bytes, resource: Resource) -> Callable[[Document], Document]:
    """A function from the old object to the new one. 415 for a format of no use here, 400 for an unreadable body."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in accepted_patches(resource):
        raise errors.unsupported_media_type(accepted_patches(resource))
    patch = _read(kind, body)
    if kind == JSON_PATCH:
        return lambda document: _apply_json_patch(patch, document)
    if not isinstance(patch, dict):
        raise errors.bad_request("error decoding patch: a JSON object is expected")
    if kind == STRATEGIC_PATCH or (kind == APPLY_PATCH and not resource.custom):
        return lambda document: strategic_merge(document, patch)
    return lambda document: merge(document, patch)


def _read(kind: str, body: bytes) -> Any:
    try:
        return yaml.safe_load(body) if kind == APPLY_PATCH else json.loads(body)
    except (ValueError, yaml.YAMLError) as error:
        raise errors.bad_request(f"error decoding patch: {error}") from error


def _apply_json_patch(patch: Any, document: Document) -> Document:
    try:
        operations = jsonpatch.JsonPatch(patch)
    except (jsonpatch.InvalidJsonPatch, TypeError) as error:
        raise errors.bad_request(f"error decoding patch: {error}") from error
    try:
        patched: Document = operations.apply(document)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        raise errors.unprocessable() from error
    return patched


def merge(target: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def strategic_merge(target: Any, patch: Document) -> Document:
    """Maps are merged, lists of named things by their key; obeys `$patch`, `$retainKeys` and `$deleteFromPrimitiveList`."""
    if patch.get("$patch") == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    result = dict(target) if isinstance(target, dict) else {}
    if "$retainKeys" in patch:
        result = {key: value for key, value in result.items() if key in patch["$retainKeys"]}
    for key, value in patch.items():
        if key.startswith("$"):
            _apply_directive(result, key, value)
        elif value is None or value == {"$patch": "delete"}:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = strategic_merge(result.get(key), value)
        elif isinstance(value, list):
            result[key] = _merge_list(key, result.get(key), value)
        else:
            result[key] = value
    return result


def _apply_directive(result: Document, directive: str, values: Any) -> None:
    name, _, key = directive.partition("/")
    if name == "$deleteFromPrimitiveList" and key in result:
        result[key] = [item for item in result[key] if item not in values]


def _merge_list(name: str, old: Any, patch: list[Any]) -> list[Any]:
    old = old if isinstance(old, list) else []
    if name in _PRIMITIVE_MERGE:
        return [*old, *(item for item in patch if item not in old)]
    key = _merge_key(name, patch)
    if key is None or {"$patch": "replace"} in patch:
        whole: list[Any] = clone([item for item in patch if item != {"$patch": "replace"}])
        return whole
    result: list[Any] = list(old)
    for item in patch:
        place = next((i for i, was in enumerate(result) if was.get(key) == item.get(key)), None)
        if item.get("$patch") == "delete":
            result = [was for was in result if was.get(key) != item.get(key)]
        elif place is None:
            result.append(clone(item))
        else:
            result[place] = strategic_merge(result[place], item)
    return result


def _merge_key(name: str, patch: list[Any]) -> str | None:
    items = [item for item in patch if item != {"$patch": "replace"}]
    if not all(isinstance(item, dict) for item in items):
        return None
    return next((key for key in _MERGE_KEYS.get(name, ()) if all(key in item for item in items)), None)
