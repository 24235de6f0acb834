"""The rules of the API that Lockmaster, or a person with kubectl, is likely to meet."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.kube import schemas
from sandbox.kube.document import Document, dig
from sandbox.kube.errors import Cause
from sandbox.kube.resources import (
    AUTOSCALER,
    DEPLOYMENT,
    DESTINATION_RULE,
    NAMESPACE,
    POD,
    REPLICA_SET,
    SERVICE,
    VIRTUAL_SERVICE,
    Resource,
)
from sandbox.kube.selectors import spec_selector

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_VALUE = r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
_QUALIFIED_NAME = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_NAME_LIMIT, _LABEL_LIMIT, _ANNOTATIONS_LIMIT = 253, 63, 262_144

_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    f"with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    f"and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_LABEL_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    f"'{_LABEL_VALUE}')"
)
_QUALIFIED_NAME_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)


def problems(resource: Resource, document: Document, old: Document | None) -> list[Cause]:
    """Everything wrong with the new form of an object; `old` is None at creation."""
    found = list(_metadata(resource, document))
    check = _CHECKS.get(resource.key)
    return found + list(check(document, old)) if check else found


def _wrong(field: str, value: Any, why: str) -> Cause:
    shown = value if isinstance(value, int) else json.dumps(value, separators=(",", ":"))
    return Cause("FieldValueInvalid", field, f"Invalid value: {shown}: {why}")


def _required(field: str, why: str = "") -> Cause:
    return Cause("FieldValueRequired", field, f"Required value: {why}" if why else "Required value")


def _metadata(resource: Resource, document: Document) -> Iterator[Cause]:
    meta = document["metadata"]
    name = meta.get("name", "")
    if not name:
        yield _required("metadata.name", "name or generateName is required")
        return
    short = resource in (NAMESPACE, SERVICE)
    pattern, text = (_LABEL, _LABEL_TEXT) if short else (_SUBDOMAIN, _SUBDOMAIN_TEXT)
    limit = _LABEL_LIMIT if short else _NAME_LIMIT
    if len(name) > limit:
        yield _wrong("metadata.name", name, f"must be no more than {limit} characters")
    elif not re.fullmatch(pattern, name):
        yield _wrong("metadata.name", name, text)
    yield from _labels("metadata.labels", meta.get("labels", {}))
    yield from _annotations(meta.get("annotations", {}))


def _labels(field: str, labels: dict[str, Any]) -> Iterator[Cause]:
    for key, value in labels.items():
        yield from _key(field, key)
        if len(value) > _LABEL_LIMIT:
            yield _wrong(field, value, f"must be no more than {_LABEL_LIMIT} bytes")
        elif not re.fullmatch(_LABEL_VALUE, value):
            yield _wrong(field, value, _LABEL_VALUE_TEXT)


def _key(field: str, key: str) -> Iterator[Cause]:
    prefix, slash, name = key.rpartition("/")
    if slash and not re.fullmatch(_SUBDOMAIN, prefix):
        yield _wrong(field, key, f"prefix part {_SUBDOMAIN_TEXT}")
    if not re.fullmatch(_QUALIFIED_NAME, name):
        yield _wrong(field, key, _QUALIFIED_NAME_TEXT)


def _annotations(annotations: dict[str, Any]) -> Iterator[Cause]:
    for key in annotations:
        yield from _key("metadata.annotations", key.lower())
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    if size > _ANNOTATIONS_LIMIT:
        message = f"Too long: may not be more than {_ANNOTATIONS_LIMIT} bytes"
        yield Cause("FieldValueTooLong", "metadata.annotations", message)


def _count(field: str, value: Any) -> Iterator[Cause]:
    if isinstance(value, int) and value < 0:
        yield _wrong(field, value, "must be greater than or equal to 0")


def _deployment(document: Document, old: Document | None) -> Iterator[Cause]:
    yield from _workload(document, old)
    spec = document["spec"]
    rolling = dig(spec, "strategy", "rollingUpdate", default={})
    if rolling and rolling.get("maxSurge") in (0, "0%") and rolling.get("maxUnavailable") in (0, "0%"):
        field = "spec.strategy.rollingUpdate.maxUnavailable"
        yield _wrong(field, rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0")
    deadline = spec.get("progressDeadlineSeconds", 600)
    yield from _count("spec.minReadySeconds", spec.get("minReadySeconds", 0))
    if deadline <= spec.get("minReadySeconds", 0):
        yield _wrong("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def _workload(document: Document, old: Document | None) -> Iterator[Cause]:
    spec = document["spec"]
    yield from _count("spec.replicas", spec.get("replicas"))
    selector, labels = spec.get("selector"), dig(spec, "template", "metadata", "labels", default={})
    if not selector:
        yield _required("spec.selector")
    elif not spec_selector(selector)(labels):
        yield _wrong("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
    if old and selector != dig(old, "spec", "selector"):
        yield _wrong("spec.selector", selector, "field is immutable")
    yield from _labels("spec.template.labels", labels)
    yield from _containers("spec.template.spec.containers", dig(spec, "template", "spec", default={}))


def _containers(field: str, spec: Document) -> Iterator[Cause]:
    containers = spec.get("containers", [])
    if not containers:
        yield _required(field)
    for index, container in enumerate(containers):
        if container.get("name") in [other.get("name") for other in containers[:index]]:
            shown = json.dumps(container["name"])
            yield Cause("FieldValueDuplicate", f"{field}[{index}].name", f"Duplicate value: {shown}")
        if not container.get("name"):
            yield _required(f"{field}[{index}].name")
        elif not re.fullmatch(_LABEL, container["name"]):
            yield _wrong(f"{field}[{index}].name", container["name"], _LABEL_TEXT)
        if not container.get("image"):
            yield _required(f"{field}[{index}].image")


def _pod(document: Document, old: Document | None) -> Iterator[Cause]:
    spec = document.get("spec", {})
    yield from _containers("spec.containers", spec)
    if old and [c.get("name") for c in spec.get("containers", ())] != [
        c.get("name") for c in old["spec"]["containers"]
    ]:
        message = "Forbidden: pod updates may not add or remove containers"
        yield Cause("FieldValueForbidden", "spec.containers", message)


def _autoscaler(document: Document, old: Document | None) -> Iterator[Cause]:
    del old
    spec = document["spec"]
    most, fewest = spec.get("maxReplicas", 0), spec.get("minReplicas", 1)
    if most < 1:
        yield _wrong("spec.maxReplicas", most, "must be greater than 0")
    if fewest < 1:
        yield _wrong("spec.minReplicas", fewest, "must be greater than or equal to 1")
    elif most < fewest:
        yield _wrong("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")


_CHECKS: dict[str, Callable[[Document, Document | None], Iterator[Cause]]] = {
    DEPLOYMENT.key: _deployment,
    REPLICA_SET.key: _workload,
    POD.key: _pod,
    AUTOSCALER.key: _autoscaler,
    VIRTUAL_SERVICE.key: schemas.virtual_service,
    DESTINATION_RULE.key: schemas.destination_rule,
}
