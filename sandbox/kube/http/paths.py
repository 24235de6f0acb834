"""What a request path names."""

from dataclasses import dataclass

from sandbox.kube import errors
from sandbox.kube.resources import NAMESPACE, Resource, resource_at


@dataclass(frozen=True, slots=True)
class Target:
    """One object, one of its subresources, or a collection (`name` empty; `namespace` None means all of them)."""

    resource: Resource
    version: str
    namespace: str | None
    name: str = ""
    subresource: str = ""

    @property
    def api_version(self) -> str:
        """`apiVersion` in which the client talks of it."""
        return self.resource.api_version_at(self.version)

    @property
    def space(self) -> str:
        """The namespace of a single object; empty for cluster-wide kinds."""
        return self.namespace or ""

    @property
    def place(self) -> tuple[str, str]:
        """Namespace and name of a single object."""
        return self.space, self.name


def parse_path(path: str) -> Target:
    """The target of `/api/v1/…` or `/apis/GROUP/VERSION/…`; 404 where the path leads nowhere."""
    parts = path.strip("/").split("/")
    group = ""
    if parts[0] == "apis":
        parts, group = parts[1:], parts[1] if len(parts) > 1 else ""
    version, rest = (parts[1], parts[2:]) if len(parts) > 1 else ("", [])
    namespace = None
    if rest[:1] == [NAMESPACE.plural] and len(rest) > 2 and rest[2] not in NAMESPACE.subresources:  # noqa: PLR2004 -- namespaces/NAME/PLURAL
        namespace, rest = rest[1], rest[2:]
    resource = resource_at(group, version, rest[0]) if rest else None
    plural, name, subresource = (*rest, "", "", "")[:3]
    if (
        resource is None
        or not plural
        or len(rest) > 3  # noqa: PLR2004 -- PLURAL/NAME/SUBRESOURCE
        or (namespace is not None and not resource.namespaced)
        or (name and resource.namespaced and namespace is None)
        or (subresource and subresource not in resource.subresources)
    ):
        raise errors.no_such_path()
    if name and not resource.namespaced:
        namespace = ""
    return Target(resource, version, namespace, name, subresource)
