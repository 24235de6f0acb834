"""ResourceQuotas on the number of objects: `pods`, `count/pods`, `count/deployments.apps`. What pods ask for is not counted."""

from sandbox.kube.document import Document, dig
from sandbox.kube.resources import POD, QUOTA, Resource
from sandbox.kube.store import Store


def exceeded(store: Store, resource: Resource, namespace: str) -> str | None:
    """Why one more object may not be made there, in the server's words; None where it may."""
    names = (resource.key, f"count/{resource.key}") if resource is POD else (f"count/{resource.key}",)
    for quota in store.documents(QUOTA, namespace):
        hard: Document = dig(quota, "spec", "hard", default={})
        for name in names:
            used = _count(store, resource, namespace)
            if name in hard and used + 1 > int(hard[name]):
                said = f"requested: {name}=1, used: {name}={used}, limited: {name}={hard[name]}"
                return f"exceeded quota: {quota['metadata']['name']}, {said}"
    return None


def _count(store: Store, resource: Resource, namespace: str) -> int:
    """Pods that have ended are not counted."""
    found = store.documents(resource, namespace)
    return sum(dig(one, "status", "phase") not in ("Failed", "Succeeded") for one in found)
