"""The `scale` subresource: the replicas of a workload, under one kind for all of them."""

from sandbox.kube.document import Document, dig
from sandbox.kube.registry import Registry
from sandbox.kube.resources import Resource
from sandbox.kube.selectors import selector_text


def scale_of(document: Document) -> Document:
    """The workload's `autoscaling/v1` Scale."""
    meta = document["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {field: meta[field] for field in kept},
        "spec": {"replicas": document["spec"]["replicas"]},
        "status": {
            "replicas": dig(document, "status", "replicas", default=0),
            "selector": selector_text(document["spec"]["selector"]),
        },
    }


def write_scale(
    registry: Registry, resource: Resource, place: tuple[str, str], scale: Document, *, dry_run: bool
) -> Document:
    """Give the workload the replicas of `scale`; 409 where that is of an older version. The new Scale."""
    wanted = dig(scale, "spec", "replicas", default=0)
    version = dig(scale, "metadata", "resourceVersion")

    def resized(old: Document) -> Document:
        seen = {"resourceVersion": version} if version else {}
        return old | {"metadata": old["metadata"] | seen, "spec": old["spec"] | {"replicas": wanted}}

    return scale_of(registry.modify(resource, place, resized, dry_run=dry_run))
