"""The rules of `metadata`: which of its fields a writer may set, and which the server keeps."""

from typing import Any

from sandbox.kube import errors
from sandbox.kube.document import Document, dig
from sandbox.kube.resources import DEPLOYMENT, REPLICA_SET, Resource

_KEPT = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")
_DROPPED_WHEN_EMPTY = (
    "labels",
    "annotations",
    "finalizers",
    "ownerReferences",
    "managedFields",
    "generateName",
)
_ANNOTATIONS_WITH_STATUS = (DEPLOYMENT, REPLICA_SET)
"""Their controllers write annotations (the revision) together with the status."""
_COUNTS_ANNOTATIONS = (DEPLOYMENT,)
"""An annotation written to a Deployment counts as a new generation, because ReplicaSets copy it."""


def tidy(meta: Any) -> Document:
    """The metadata without what is empty or of no kind; 400 where labels or annotations are not texts."""
    if not isinstance(meta, dict):
        raise errors.bad_request("metadata must be an object")
    for field in ("labels", "annotations"):
        for key, value in dict(meta.get(field) or {}).items():
            if not isinstance(value, str):
                shape = type(value).__name__.replace("int", "number").replace("bool", "boolean")
                raise errors.bad_request(
                    f"json: cannot unmarshal {shape} into Go struct field ObjectMeta.metadata.{field} of type string "
                    f"({key})"
                )
    return {key: value for key, value in meta.items() if value or key not in _DROPPED_WHEN_EMPTY}


def typed(resource: Resource, document: Document) -> Document:
    """The document in its stored version; 400 where it is of another kind."""
    kind = document.get("kind", resource.kind)
    versions = [resource.api_version_at(version) for version in resource.versions]
    if kind != resource.kind or document.get("apiVersion", versions[0]) not in versions:
        said = f"{document.get('apiVersion', '')}, Kind={kind}"
        raise errors.bad_request(
            f"the object provided is unrecognized (must be of type {resource.kind}): {said} does not match "
            f"{versions[0]}, Kind={resource.kind}"
        )
    rest = {key: value for key, value in document.items() if key not in ("apiVersion", "kind", "metadata")}
    first = {"kind": resource.kind, "apiVersion": resource.api_version}
    return first | {"metadata": document.get("metadata", {})} | rest


def check_identity(meta: Document, namespace: str, name: str) -> None:
    """400 where the body names another object than the path."""
    if meta.get("namespace", namespace) != namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if meta.get("name", name) != name:
        said = meta["name"]
        raise errors.bad_request(
            f"the name of the object ({said}) does not match the name on the URL ({name})"
        )


def start(meta: Document, namespace: str, *, uid: str, created: str) -> None:
    """Fill in what the server decides at creation, whatever the writer said."""
    if meta.get("resourceVersion"):
        raise errors.internal("resourceVersion should not be set on objects to be created")
    for field in ("deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion"):
        meta.pop(field, None)
    if namespace:
        meta["namespace"] = namespace
    meta |= {"uid": uid, "creationTimestamp": created}


def check_unchanged(resource: Resource, meta: Document, old: Document) -> None:
    """409 where the writer saw an older version, 422 where it saw another object of the same name."""
    name = old["name"]
    version = meta.get("resourceVersion", "")
    if version and not version.isdecimal():
        raise errors.internal(f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if meta.get("uid", old["uid"]) != old["uid"]:
        message = f'Invalid value: "{meta["uid"]}": field is immutable'
        raise errors.invalid(resource, name, [errors.Cause("FieldValueInvalid", "metadata.uid", message)])
    if version not in ("", "0", old["resourceVersion"]):
        raise errors.conflict(resource, name)


def carry_over(resource: Resource, document: Document, old: Document, subresource: str) -> Document:
    """The new form where each writer changes only its part: status writers the status, others all but the status."""
    if subresource == "status":
        meta = dict(old["metadata"])
        if resource in _ANNOTATIONS_WITH_STATUS:
            meta["annotations"] = dig(document, "metadata", "annotations", default={})
        document = {**old, "metadata": tidy(meta), "status": document.get("status", {})}
    elif resource.status:
        document.pop("status", None)
        if "status" in old:
            document["status"] = old["status"]
    meta = document["metadata"]
    for field in _KEPT:
        meta.pop(field, None)
    meta |= {field: old["metadata"][field] for field in _KEPT if field in old["metadata"]}
    meta |= {"name": old["metadata"]["name"], "resourceVersion": old["metadata"]["resourceVersion"]}
    if "namespace" in old["metadata"]:
        meta["namespace"] = old["metadata"]["namespace"]
    return document


def count_generation(resource: Resource, document: Document, old: Document) -> None:
    """One more generation where anything but metadata and status has changed."""
    if not resource.counts_generation:
        return
    changed = _content(document) != _content(old)
    if resource in _COUNTS_ANNOTATIONS:
        changed |= document["metadata"].get("annotations") != old["metadata"].get("annotations")
    if changed:
        document["metadata"]["generation"] = old["metadata"]["generation"] + 1


def check_replaceable(resource: Resource, meta: Document, old: Document) -> None:
    """What only a PUT is checked for: 409 where it is of another object, 422 where it must name a version."""
    if meta.get("uid", old["uid"]) != old["uid"]:
        key = "/".join(
            part for part in ("/registry", resource.plural, old.get("namespace"), old["name"]) if part
        )
        raise errors.conflict(
            resource,
            old["name"],
            f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition "
            f"failed: UID in precondition: {meta['uid']}, UID in object meta: {old['uid']}",
        )
    if not meta.get("resourceVersion") and not resource.unconditional:
        message = "Invalid value: 0: must be specified for an update"
        cause = errors.Cause("FieldValueInvalid", "metadata.resourceVersion", message)
        raise errors.invalid(resource, old["name"], [cause])


def check_preconditions(resource: Resource, meta: Document, wanted: Document) -> None:
    """409 where a deletion was meant for another object or another version."""
    for field, title, end in (
        ("uid", "UID", "deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "modified"),
    ):
        said = wanted.get(field)
        if said and said != meta[field]:
            raise errors.precondition_failed(
                resource,
                meta["name"],
                f"the {title} in the precondition ({said}) does not match the {title} in record ({meta[field]}). "
                f"The object might have been {end}",
            )


def check_shape(resource: Resource, document: Document) -> None:
    """400 where a field of a built-in kind has a type that could not be decoded."""
    spec = document.get("spec", {})
    wrong = "" if isinstance(spec, dict) else "spec"
    if not wrong and not resource.custom and not isinstance(spec.get("replicas", 0), int):
        wrong = "spec.replicas"
    if wrong:
        raise errors.bad_request(
            f'{resource.kind} in version "{resource.versions[0]}" cannot be handled as a {resource.kind}: json: cannot '
            f"unmarshal value into Go struct field {resource.kind}.{wrong}"
        )


def _content(document: Document) -> Document:
    return {key: value for key, value in document.items() if key not in ("metadata", "status")}
