"""A real ValidatingAdmissionPolicy that denies what bots write, in the namespaces that bear a label."""

from typing import Final

from sandbox.kube.document import Document
from tests.e2e.cluster.plane import GROUP

LABEL: Final = "tests.lockmaster.dev/denied"
MESSAGE: Final = "the test denies this"
_NAME = "deny-bots"
_API = "admissionregistration.k8s.io/v1"


def denial() -> tuple[Document, Document]:
    """The policy and its binding: writes are answered with 422 wherever the namespace has the label `LABEL: "true"`."""
    rule = {
        "apiGroups": ["apps", "autoscaling", "networking.istio.io"],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE", "DELETE"],
        "resources": ["deployments", "horizontalpodautoscalers", "virtualservices", "destinationrules"],
    }
    policy = {
        "apiVersion": _API,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": _NAME},
        "spec": {
            "matchConstraints": {"resourceRules": [rule]},
            "matchConditions": [
                {"name": "bots", "expression": f"'{GROUP}' in request.userInfo.groups"},
            ],
            "validations": [{"expression": "false", "message": MESSAGE}],
        },
    }
    binding = {
        "apiVersion": _API,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": _NAME},
        "spec": {
            "policyName": _NAME,
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": {"matchLabels": {LABEL: "true"}}},
        },
    }
    return policy, binding
