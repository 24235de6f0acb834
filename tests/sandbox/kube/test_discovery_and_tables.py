"""What clients learn of the kinds, and what people see of the rarer ones."""

import pytest

from sandbox.kube.resources import RESOURCES, groups
from sandbox.kube.selectors import selector_text, spec_selector
from tests.sandbox.kube.wire import MAPS, Json, Wire, config_map, deployment

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


async def test_old_and_new_discovery_name_the_same_kinds(wire: Wire) -> None:
    found = set()
    for group in (await wire("GET", "/apis"))[1]["groups"]:
        assert (await wire("GET", f"/apis/{group['name']}"))[1]["preferredVersion"] == group["versions"][0]
        for version in group["versions"]:
            listed = (await wire("GET", f"/apis/{version['groupVersion']}"))[1]["resources"]
            found |= {
                (version["groupVersion"], entry["name"]) for entry in listed if "/" not in entry["name"]
            }
    found |= {
        ("v1", entry["name"])
        for entry in (await wire("GET", "/api/v1"))[1]["resources"]
        if "/" not in entry["name"]
    }
    assert found == {(r.api_version_at(version), r.plural) for r in RESOURCES for version in r.versions}
    aggregated = (await wire("GET", "/apis", Accept=AGGREGATED))[1]
    assert {item["metadata"]["name"] for item in aggregated["items"]} == set(groups()) - {""}
    assert (await wire("GET", "/api"))[1]["versions"] == ["v1"]


async def test_openapi_tells_which_kinds_take_a_dry_run(wire: Wire) -> None:
    index = (await wire("GET", "/openapi/v3"))[1]["paths"]
    document = (await wire("GET", index["apis/apps/v1"]["serverRelativeURL"]))[1]
    operation = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert operation["x-kubernetes-group-version-kind"] == {
        "group": "apps",
        "version": "v1",
        "kind": "Deployment",
    }
    assert (await wire("GET", "/openapi/v3/apis/none/v1"))[0] == 404


async def test_the_server_says_that_it_is_well(wire: Wire) -> None:
    assert (await wire("GET", "/version"))[1]["minor"] == "37"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", f"{MAPS}/a", 405),
        ("POST", "/api/v1/configmaps", 405),
        ("PUT", MAPS, 405),
        ("PATCH", MAPS, 405),
        ("DELETE", "/apis/apps/v1/namespaces/default/deployments/web/status", 405),
        ("GET", "/apis/apps/v1/deployments/web", 404),
        ("GET", "/api/v1/namespaces/default/namespaces", 404),
        ("GET", "/apis/apps/v1/namespaces/default/deployments/web/log", 404),
        ("GET", "/nothing", 404),
    ],
)
async def test_a_verb_or_path_that_is_not_there(wire: Wire, method: str, path: str, code: int) -> None:
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    assert (await wire(method, path, None if method == "GET" else {}, kind))[0] == code


async def test_a_binary_body_is_refused(wire: Wire) -> None:
    code, status = await wire("POST", MAPS, "k8s", "application/vnd.kubernetes.protobuf")
    assert (code, status["reason"]) == (415, "UnsupportedMediaType")


async def test_yaml_is_read(wire: Wire) -> None:
    code, created = await wire("POST", MAPS, "metadata: {name: a}\ndata: {b: c}\n", "application/yaml")
    assert (code, created["data"]) == (201, {"b": "c"})


@pytest.mark.parametrize(
    ("path", "body", "cells"),
    [
        (
            "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
            {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 4}},
            ["x", "Deployment/web", 1, 4, 0, "0s"],
        ),
        (
            "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
            {"spec": {"minAvailable": 1}},
            ["x", 1, "N/A", "0s"],
        ),
        (
            "/apis/coordination.k8s.io/v1/namespaces/default/leases",
            {"spec": {"holderIdentity": "me"}},
            ["x", "me", "0s"],
        ),
        ("/api/v1/namespaces/default/secrets", {"data": {"a": "Yg=="}}, ["x", "Opaque", 1, "0s"]),
        (MAPS, {"data": {"a": "b"}}, ["x", 1, "0s"]),
        ("/api/v1/namespaces", {}, ["x", "Active", "0s"]),
        (
            "/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes",
            {"spec": {"hostnames": ["x.example"]}},
            ["x", '["x.example"]', "0s"],
        ),
        (
            "/apis/networking.istio.io/v1/namespaces/default/destinationrules",
            {"spec": {"host": "web"}},
            ["x", "web", "0s"],
        ),
        (
            "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
            {"addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.9"]}], "ports": [{"port": 80}]},
            ["x", "IPv4", "80", "10.0.0.9", "0s"],
        ),
    ],
)
async def test_each_kind_has_its_columns(wire: Wire, path: str, body: Json, cells: list[object]) -> None:
    await wire.create(path, body | {"metadata": {"name": "x"}})
    table = (await wire("GET", f"{path}/x", Accept=TABLE))[1]
    assert table["rows"][0]["cells"] == cells
    assert len(table["columnDefinitions"]) == len(cells)


@pytest.mark.parametrize(
    ("expression", "text", "takes"),
    [
        ({"key": "a", "operator": "In", "values": ["1", "2"]}, "a in (1,2)", [True, False]),
        ({"key": "a", "operator": "NotIn", "values": ["1"]}, "a notin (1)", [False, True]),
        ({"key": "a", "operator": "Exists"}, "a", [True, False]),
        ({"key": "a", "operator": "DoesNotExist"}, "!a", [False, True]),
    ],
)
def test_a_selector_in_a_spec(expression: Json, text: str, takes: list[bool]) -> None:
    selector = {"matchExpressions": [expression]}
    assert [spec_selector(selector)(labels) for labels in ({"a": "1"}, {})] == takes
    assert selector_text(selector) == text


async def test_a_deployment_may_select_by_expression(wire: Wire) -> None:
    expression = {"key": "app", "operator": "In", "values": ["web"]}
    await wire.create(
        "/apis/apps/v1/namespaces/default/deployments",
        deployment(selector={"matchExpressions": [expression]}),
    )
    code, _ = await wire(
        "POST",
        "/apis/apps/v1/namespaces/default/deployments",
        deployment("other", selector={"matchExpressions": [expression | {"operator": "Like"}]}),
    )
    assert code == 400
    assert (await wire("POST", MAPS, config_map("ok")))[0] == 201
