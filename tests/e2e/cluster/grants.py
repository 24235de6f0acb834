"""What bots may do on the real API server: the project's own Role, given to the users in the group `lockmaster`."""

from collections.abc import Collection, Iterator
from pathlib import Path

import yaml

from sandbox.kube.document import Document
from tests.e2e.cluster.plane import GROUP

ROLE = Path(__file__).parents[3] / "docs" / "role.yaml"
"""As the chart renders it, for the one service checkout in the namespace shop."""


def grants(namespace: str, services: Collection[str] = ("checkout",)) -> tuple[Document, Document]:
    """The Role and its RoleBinding, for those services' objects, which bear their names."""
    role, binding = yaml.safe_load_all(ROLE.read_text(encoding="utf-8"))
    for rule in role["rules"]:
        if "resourceNames" in rule:
            rule["resourceNames"] = list(_names(rule["resourceNames"], namespace, services))
    binding["subjects"] = [{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": GROUP}]
    for document in (role, binding):
        document["metadata"]["namespace"] = namespace
    return role, binding


def _names(shown: Collection[str], namespace: str, services: Collection[str]) -> Iterator[str]:
    for name in shown:
        if name == "shop":
            yield namespace
        else:
            yield from (name.replace("checkout", service) for service in services)
