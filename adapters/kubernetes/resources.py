"""The kinds of objects we touch, and where the API keeps them."""

from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]
"""An object of the API, as JSON."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind at the version we speak. `group` is empty for the core API."""

    group: str
    version: str
    kind: str
    plural: str

    @property
    def api_version(self) -> str:
        """`apiVersion` of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As RBAC and messages name it: `deployments.apps`, `pods`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def collection(self, namespace: str) -> str:
        """The path of all its objects in a namespace; that of all of them for an empty one."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"
        return f"{root}/namespaces/{namespace}/{self.plural}" if namespace else f"{root}/{self.plural}"


@dataclass(frozen=True, slots=True)
class Ref:
    """One object. `namespace` is empty for what has none."""

    resource: Resource
    namespace: str
    name: str

    @property
    def path(self) -> str:
        """Where the API keeps it."""
        return f"{self.resource.collection(self.namespace)}/{self.name}"

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.resource.kind} {place}"


NAMESPACE = Resource("", "v1", "Namespace", "namespaces")
POD = Resource("", "v1", "Pod", "pods")
SERVICE = Resource("", "v1", "Service", "services")
DEPLOYMENT = Resource("apps", "v1", "Deployment", "deployments")
AUTOSCALER = Resource("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
VIRTUAL_SERVICE = Resource("networking.istio.io", "v1", "VirtualService", "virtualservices")
DESTINATION_RULE = Resource("networking.istio.io", "v1", "DestinationRule", "destinationrules")
SELF_REVIEW = Resource("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews")
ACCESS_REVIEW = Resource("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews")
