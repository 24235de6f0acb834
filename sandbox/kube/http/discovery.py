"""Discovery and the few words of OpenAPI that kubectl asks for, all read from the table of resources."""

from typing import Any

from sandbox.kube.document import Document
from sandbox.kube.resources import RESOURCES, Resource, groups

_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_SUB_VERBS = {"status": ["get", "patch", "update"], "scale": ["get", "patch", "update"]}
_SUB_KINDS = {
    "scale": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
    "eviction": {"group": "policy", "version": "v1", "kind": "Eviction"},
}
_AGGREGATED = "apidiscovery.k8s.io"

VERSION: Document = {
    "major": "1",
    "minor": "37",
    "gitVersion": "v1.37.0-sandbox",
    "gitCommit": "0000000000000000000000000000000000000000",
    "gitTreeState": "clean",
    "buildDate": "2026-01-01T00:00:00Z",
    "goVersion": "go1.26",
    "compiler": "gc",
    "platform": "linux/amd64",
}


def wants_aggregated(accept: str) -> bool:
    """Whether the client can read all groups and resources in one answer."""
    return _AGGREGATED in accept and "v=v2;" in accept.replace(" ", "") + ";"


def aggregated(*, core: bool) -> Document:
    """`/api` or `/apis` in one document, `apidiscovery.k8s.io/v2`."""
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"{_AGGREGATED}/v2",
        "metadata": {},
        "items": [
            {
                "metadata": {"name": group} if group else {},
                "versions": [
                    {
                        "version": version,
                        "freshness": "Current",
                        "resources": _aggregated_resources(group, version),
                    }
                    for version in versions
                ],
            }
            for group, versions in groups().items()
            if core is not bool(group)
        ],
    }


def _aggregated_resources(group: str, version: str) -> list[Document]:
    return [_aggregated_resource(resource, version) for resource in _served(group, version)]


def _aggregated_resource(resource: Resource, version: str) -> Document:
    entry: Document = {
        "resource": resource.plural,
        "responseKind": {"group": resource.group, "version": version, "kind": resource.kind},
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.kind.lower(),
        "verbs": _VERBS,
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.in_all:
        entry["categories"] = ["all"]
    own = {"group": resource.group, "version": version, "kind": resource.kind}
    subresources = [
        {
            "subresource": name,
            "responseKind": _SUB_KINDS.get(name, own),
            "verbs": _SUB_VERBS.get(name, ["create" if name == "eviction" else "get"]),
        }
        for name in resource.subresources
    ]
    return entry | ({"subresources": subresources} if subresources else {})


def legacy(path: str) -> Document | None:
    """`/api`, `/apis`, `/apis/GROUP`, `/api/v1` and `/apis/GROUP/VERSION` as older clients read them; None for others."""
    parts = path.strip("/").split("/")
    match parts:
        case ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        case ["apis"]:
            listed = [_group(group) for group in groups() if group]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}
        case ["apis", group] if group in groups():
            return {"kind": "APIGroup", "apiVersion": "v1"} | _group(group)
        case ["api", version] if _served("", version):
            return _resource_list("", version)
        case ["apis", group, version] if _served(group, version):
            return _resource_list(group, version)
    return None


def _served(group: str, version: str) -> list[Resource]:
    return [r for r in RESOURCES if r.group == group and version in r.versions]


def _group(group: str) -> Document:
    versions = [{"groupVersion": f"{group}/{version}", "version": version} for version in groups()[group]]
    return {"name": group, "versions": versions, "preferredVersion": versions[0]}


def _resource_list(group: str, version: str) -> Document:
    listed: list[Document] = []
    for resource in _served(group, version):
        entry: Document = {
            "name": resource.plural,
            "singularName": resource.kind.lower(),
            "namespaced": resource.namespaced,
            "kind": resource.kind,
            "verbs": _VERBS,
        }
        entry |= {"shortNames": list(resource.short_names)} if resource.short_names else {}
        entry |= {"categories": ["all"]} if resource.in_all else {}
        listed.append(entry)
        for name in resource.subresources:
            kind = _SUB_KINDS.get(name, {"kind": resource.kind})
            verbs = _SUB_VERBS.get(name, ["create" if name == "eviction" else "get"])
            full = f"{resource.plural}/{name}"
            listed.append(
                {"name": full, "singularName": "", "namespaced": resource.namespaced, **kind, "verbs": verbs}
            )
    name = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": listed}


def openapi_index() -> Document:
    """`/openapi/v3`: where the document of each group and version is."""
    paths = [_gv_path(group, version) for group, versions in groups().items() for version in versions]
    return {"paths": {path: {"serverRelativeURL": f"/openapi/v3/{path}"} for path in paths}}


def openapi(path: str) -> Document | None:
    """`/openapi/v3/PATH`: only which kinds can be patched, and that dry runs and field validation are understood."""
    for group, versions in groups().items():
        for version in versions:
            if _gv_path(group, version) == path:
                return _openapi_of(group, version, path)
    return None


def _gv_path(group: str, version: str) -> str:
    return f"apis/{group}/{version}" if group else f"api/{version}"


def _openapi_of(group: str, version: str, path: str) -> Document:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "query", "schema": {"type": "string"}}
        for name in ("dryRun", "fieldManager", "fieldValidation", "force")
    ]
    paths = {}
    for resource in _served(group, version):
        space = "namespaces/{namespace}/" if resource.namespaced else ""
        kind = {"group": group, "version": version, "kind": resource.kind}
        operation = {"parameters": parameters, "responses": {}, "x-kubernetes-group-version-kind": kind}
        paths[f"/{path}/{space}{resource.plural}/{{name}}"] = {"patch": operation}
    info = {"title": "Kubernetes", "version": VERSION["gitVersion"]}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": {}}}
