"""The table of kinds: discovery, routing and the rules of writing are read from it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind as the API serves it. `versions[0]` is the stored and preferred one."""

    group: str
    versions: tuple[str, ...]
    kind: str
    plural: str
    short_names: tuple[str, ...] = ()
    namespaced: bool = True
    custom: bool = False
    """Defined by a CustomResourceDefinition: no strategic merge, no PUT without a resourceVersion."""
    status: bool = False
    """Has the status subresource, so that a plain write leaves `status` alone."""
    scale: bool = False
    counts_generation: bool = False
    unconditional: bool = True
    """PUT without a resourceVersion is taken as the newest."""
    in_all: bool = False
    """`kubectl get all` shows it."""
    key: str = field(init=False)
    """plural.group, the name of this kind in logs and indexes."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.qualified)

    @property
    def qualified(self) -> str:
        """The name used in messages: `deployments.apps`, `pods`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def api_version(self) -> str:
        """`apiVersion` of the stored form."""
        return self.api_version_at(self.versions[0])

    def api_version_at(self, version: str) -> str:
        """`apiVersion` of the form served at `version`."""
        return f"{self.group}/{version}" if self.group else version

    @property
    def subresources(self) -> tuple[str, ...]:
        """What may follow the object's name in a path."""
        extra = ("eviction", "log") if self.key == "pods" else ()
        return ("status",) * self.status + ("scale",) * self.scale + extra


def _custom(
    group: str, versions: tuple[str, ...], kind: str, plural: str, short: tuple[str, ...]
) -> Resource:
    return Resource(
        group,
        versions,
        kind,
        plural,
        short,
        custom=True,
        status=True,
        counts_generation=True,
        unconditional=False,
    )


_ISTIO = ("v1", "v1beta1")

NAMESPACE = Resource("", ("v1",), "Namespace", "namespaces", ("ns",), namespaced=False, status=True)
POD = Resource("", ("v1",), "Pod", "pods", ("po",), status=True, counts_generation=True, in_all=True)
SERVICE = Resource("", ("v1",), "Service", "services", ("svc",), status=True, in_all=True)
EVENT = Resource("", ("v1",), "Event", "events", ("ev",))
CONFIG_MAP = Resource("", ("v1",), "ConfigMap", "configmaps", ("cm",))
SECRET = Resource("", ("v1",), "Secret", "secrets")
DEPLOYMENT = Resource(
    "apps",
    ("v1",),
    "Deployment",
    "deployments",
    ("deploy",),
    status=True,
    scale=True,
    counts_generation=True,
    in_all=True,
)
REPLICA_SET = Resource(
    "apps",
    ("v1",),
    "ReplicaSet",
    "replicasets",
    ("rs",),
    status=True,
    scale=True,
    counts_generation=True,
    in_all=True,
)
ENDPOINT_SLICE = Resource(
    "discovery.k8s.io", ("v1",), "EndpointSlice", "endpointslices", counts_generation=True
)
AUTOSCALER = Resource(
    "autoscaling",
    ("v2",),
    "HorizontalPodAutoscaler",
    "horizontalpodautoscalers",
    ("hpa",),
    status=True,
    in_all=True,
)
DISRUPTION_BUDGET = Resource(
    "policy",
    ("v1",),
    "PodDisruptionBudget",
    "poddisruptionbudgets",
    ("pdb",),
    status=True,
    counts_generation=True,
    unconditional=False,
)
QUOTA = Resource("", ("v1",), "ResourceQuota", "resourcequotas", ("quota",), status=True)
LEASE = Resource("coordination.k8s.io", ("v1",), "Lease", "leases", unconditional=False)
VIRTUAL_SERVICE = _custom("networking.istio.io", _ISTIO, "VirtualService", "virtualservices", ("vs",))
DESTINATION_RULE = _custom("networking.istio.io", _ISTIO, "DestinationRule", "destinationrules", ("dr",))
HTTP_ROUTE = _custom("gateway.networking.k8s.io", ("v1",), "HTTPRoute", "httproutes", ())

RESOURCES = (
    NAMESPACE,
    POD,
    SERVICE,
    EVENT,
    CONFIG_MAP,
    SECRET,
    QUOTA,
    DEPLOYMENT,
    REPLICA_SET,
    ENDPOINT_SLICE,
    AUTOSCALER,
    DISRUPTION_BUDGET,
    LEASE,
    VIRTUAL_SERVICE,
    DESTINATION_RULE,
    HTTP_ROUTE,
)

_BY_PATH = {(r.group, version, r.plural): r for r in RESOURCES for version in r.versions}
_BY_KIND = {(r.api_version_at(version), r.kind): r for r in RESOURCES for version in r.versions}


def resource_at(group: str, version: str, plural: str) -> Resource | None:
    """The kind served under that path, or None."""
    return _BY_PATH.get((group, version, plural))


def resource_of_kind(api_version: str, kind: str) -> Resource | None:
    """The kind of a manifest, or None."""
    return _BY_KIND.get((api_version, kind))


def groups() -> dict[str, tuple[str, ...]]:
    """Each group (the core group is the empty word) with its versions, preferred one first."""
    found: dict[str, tuple[str, ...]] = {}
    for resource in RESOURCES:
        found[resource.group] = max(found.get(resource.group, ()), resource.versions, key=len)
    return found
