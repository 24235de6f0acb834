"""The canary Deployment: stable's pods with another image and a track of their own."""

from adapters.kubernetes import marks
from adapters.kubernetes.marks import MANAGED, TRACK
from adapters.kubernetes.resources import DEPLOYMENT, Object
from adapters.workloads.containers import with_image
from bot.config.catalogue import Service
from bot.ports.workloads import Track
from bot.release.grant import Grant

COPIED = ("strategy", "minReadySeconds", "progressDeadlineSeconds", "revisionHistoryLimit")
"""What of stable's spec the canary shares, beside the template and the selector."""


def canary_of(
    service: Service, stable: Object, grant: Grant, *, image: str, version: str, replicas: int
) -> Object:
    """Build the manifest. `version` is label-safe.

    Of stable's own labels and annotations nothing is taken: GitOps and Helm would think the canary theirs, and prune it. The
    selector is stable's with the track beside it, so it never matches a pod of stable's.
    """
    copied = with_image(service, stable["spec"]["template"], image, version, track=Track.CANARY)
    told = {**marks.annotations(copied), marks.RELEASE: grant.release}
    template = {**copied, "metadata": {**copied["metadata"], "annotations": told}}
    selector = stable["spec"]["selector"]
    template_labels = template["metadata"]["labels"]
    wanted = {key: template_labels.get(key, value) for key, value in selector.get("matchLabels", {}).items()}
    return {
        "apiVersion": DEPLOYMENT.api_version,
        "kind": DEPLOYMENT.kind,
        "metadata": {
            "name": service.canary,
            "namespace": service.namespace,
            "labels": {MANAGED: "true", TRACK: Track.CANARY.value},
            "annotations": marks.stamp(grant),
        },
        "spec": {
            **{key: stable["spec"][key] for key in COPIED if key in stable["spec"]},
            "replicas": replicas,
            "selector": {**selector, "matchLabels": {**wanted, TRACK: Track.CANARY.value}},
            "template": template,
        },
    }


def difference(before: Object, after: Object) -> Object:
    """The merge patch (RFC 7386) that makes `after` of `before`; lists are replaced whole."""
    patch: Object = {key: None for key in before if key not in after}
    for key, value in after.items():
        known = before.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            inner = difference(known, value)
            patch |= {key: inner} if inner else {}
        elif key not in before or known != value:
            patch[key] = value
    return patch
