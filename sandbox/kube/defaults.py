"""What the API server writes into an object where its author was silent."""

from collections.abc import Callable
from typing import Any

from sandbox.kube.document import Document, dig
from sandbox.kube.resources import (
    AUTOSCALER,
    DEPLOYMENT,
    NAMESPACE,
    POD,
    REPLICA_SET,
    SERVICE,
    Resource,
)

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}


def set_defaults(resource: Resource, document: Document) -> None:
    """Complete the document in place."""
    complete = _DEFAULTS.get(resource.key)
    if complete:
        complete(document)


def _fill(target: Document, **values: Any) -> None:
    for key, value in values.items():
        target.setdefault(key, value)


def _deployment(document: Document) -> None:
    spec = document.setdefault("spec", {})
    _fill(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    strategy = spec.setdefault("strategy", {})
    _fill(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _fill(strategy.setdefault("rollingUpdate", {}), maxSurge="25%", maxUnavailable="25%")
    _template(spec)


def _replica_set(document: Document) -> None:
    spec = document.setdefault("spec", {})
    _fill(spec, replicas=1)
    _template(spec)


def _template(spec: Document) -> None:
    if isinstance(spec.get("template"), dict):
        spec["template"].setdefault("metadata", {})
        _pod(spec["template"])


def _pod(document: Document) -> None:
    spec = document.setdefault("spec", {})
    _fill(
        spec,
        restartPolicy="Always",
        terminationGracePeriodSeconds=30,
        dnsPolicy="ClusterFirst",
        securityContext={},
        schedulerName="default-scheduler",
    )
    for container in [*spec.get("containers", ()), *spec.get("initContainers", ())]:
        _container(container)


def _container(container: Document) -> None:
    tag = str(container.get("image", "")).rpartition("/")[2].partition(":")[2]
    _fill(
        container,
        resources={},
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
        imagePullPolicy="Always" if tag in {"", "latest"} else "IfNotPresent",
    )
    for port in container.get("ports", ()):
        _fill(port, protocol="TCP")
    for name in _PROBES:
        if name in container:
            _fill(container[name], **_PROBE)
            if "httpGet" in container[name]:
                _fill(container[name]["httpGet"], path="/", scheme="HTTP")


def _service(document: Document) -> None:
    spec = document.setdefault("spec", {})
    _fill(spec, type="ClusterIP", sessionAffinity="None", internalTrafficPolicy="Cluster")
    _fill(spec, ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")
    for port in spec.get("ports", ()):
        _fill(port, protocol="TCP", targetPort=port.get("port"))


def _namespace(document: Document) -> None:
    document.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
    labels = document["metadata"].setdefault("labels", {})
    labels["kubernetes.io/metadata.name"] = dig(document, "metadata", "name", default="")


def _autoscaler(document: Document) -> None:
    _fill(document.setdefault("spec", {}), minReplicas=1)


_DEFAULTS: dict[str, Callable[[Document], None]] = {
    DEPLOYMENT.key: _deployment,
    REPLICA_SET.key: _replica_set,
    POD.key: _pod,
    SERVICE.key: _service,
    NAMESPACE.key: _namespace,
    AUTOSCALER.key: _autoscaler,
}
