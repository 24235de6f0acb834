"""The four patch formats."""

import json
from typing import Any

import pytest

from sandbox.kube.patches import merge, strategic_merge
from tests.sandbox.kube.wire import (
    APPLY,
    APPS,
    JSON_PATCH,
    MAPS,
    MERGE,
    ROUTES,
    STRATEGIC,
    Wire,
    config_map,
    deployment,
    virtual_service,
)


async def test_a_merge_patch_replaces_lists_and_removes_by_null(wire: Wire) -> None:
    await wire.create(ROUTES, virtual_service())
    await wire.merge(f"{ROUTES}/web", {"metadata": {"annotations": {"a": "1", "b": "2"}}})
    patched = await wire.merge(
        f"{ROUTES}/web", {"metadata": {"annotations": {"a": None}}, "spec": {"hosts": ["x"]}}
    )
    assert (patched["metadata"]["annotations"], patched["spec"]["hosts"]) == ({"b": "2"}, ["x"])
    bare = await wire.merge(f"{ROUTES}/web", {"metadata": {"annotations": {"b": None}}})
    assert "annotations" not in bare["metadata"]


async def test_a_json_patch_changes_single_weights(wire: Wire) -> None:
    await wire.create(ROUTES, virtual_service())
    operations = [
        {"op": "test", "path": "/spec/http/0/route/1/weight", "value": 5},
        {"op": "replace", "path": "/spec/http/0/route/0/weight", "value": 75},
        {"op": "replace", "path": "/spec/http/0/route/1/weight", "value": 25},
    ]
    code, patched = await wire("PATCH", f"{ROUTES}/web", operations, JSON_PATCH)
    assert (code, [route["weight"] for route in patched["spec"]["http"][0]["route"]]) == (200, [75, 25])


async def test_a_json_patch_whose_test_fails_changes_nothing(wire: Wire) -> None:
    created = await wire.create(ROUTES, virtual_service())
    operations = [
        {"op": "replace", "path": "/spec/http/0/route/0/weight", "value": 75},
        {"op": "test", "path": "/spec/http/0/route/1/weight", "value": 6},
    ]
    assert await wire("PATCH", f"{ROUTES}/web", operations, JSON_PATCH) == (
        422,
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": "the server rejected our request due to an error in our request",
            "reason": "Invalid",
            "details": {},
            "code": 422,
        },
    )
    assert (await wire("GET", f"{ROUTES}/web"))[1] == created


@pytest.mark.parametrize("body", ["{", '{"op": "add"}', '[{"op": "fly", "path": "/a"}]', '[{"path": "/a"}]'])
async def test_a_json_patch_that_is_none_is_a_bad_request(wire: Wire, body: str) -> None:
    await wire.create(MAPS, config_map("a"))
    code, status = await wire("PATCH", f"{MAPS}/a", body, JSON_PATCH)
    assert (code, status["reason"]) == (400, "BadRequest")


async def test_a_strategic_patch_merges_containers_by_name(wire: Wire) -> None:
    await wire.create(APPS, deployment())
    added = {"name": "proxy", "image": "registry.example/proxy:v1"}
    change = {
        "spec": {
            "template": {"spec": {"containers": [{"name": "web", "image": "registry.example/web:v2"}, added]}}
        }
    }
    code, patched = await wire("PATCH", f"{APPS}/web", change, STRATEGIC)
    containers = patched["spec"]["template"]["spec"]["containers"]
    assert (code, [(c["name"], c["image"]) for c in containers]) == (
        200,
        [("web", "registry.example/web:v2"), ("proxy", "registry.example/proxy:v1")],
    )
    drop = {"spec": {"template": {"spec": {"containers": [{"name": "proxy", "$patch": "delete"}]}}}}
    _, dropped = await wire("PATCH", f"{APPS}/web", drop, STRATEGIC)
    assert [c["name"] for c in dropped["spec"]["template"]["spec"]["containers"]] == ["web"]


@pytest.mark.parametrize(
    ("old", "patch", "new"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": {"b": 1}}, {"a": {"$patch": "replace", "c": 2}}, {"a": {"c": 2}}),
        ({"a": {"b": 1}}, {"a": {"$patch": "delete"}}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"$retainKeys": ["c"], "c": 3}}, {"a": {"c": 3}}),
        ({"args": ["x", "y"]}, {"args": ["z"]}, {"args": ["z"]}),
        ({"finalizers": ["x", "y"]}, {"finalizers": ["z"]}, {"finalizers": ["x", "y", "z"]}),
        ({"finalizers": ["x", "y"]}, {"$deleteFromPrimitiveList/finalizers": ["x"]}, {"finalizers": ["y"]}),
        (
            {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"$setElementOrder/env": [{"name": "A"}], "env": [{"name": "A", "value": "3"}]},
            {"env": [{"name": "A", "value": "3"}, {"name": "B", "value": "2"}]},
        ),
        ({"env": [{"name": "A"}]}, {"env": [{"$patch": "replace"}, {"name": "B"}]}, {"env": [{"name": "B"}]}),
        (
            {"ports": [{"port": 80, "name": "http"}]},
            {"ports": [{"port": 80, "targetPort": 8080}]},
            {"ports": [{"port": 80, "name": "http", "targetPort": 8080}]},
        ),
    ],
)
def test_a_strategic_merge_obeys_its_directives(old: Any, patch: Any, new: Any) -> None:
    before = json.dumps(old)
    assert strategic_merge(old, patch) == new
    assert json.dumps(old) == before


def test_a_merge_patch_is_that_of_rfc_7386() -> None:
    assert merge({"a": "b", "c": {"d": "e", "f": "g"}}, {"a": "z", "c": {"f": None}}) == {
        "a": "z",
        "c": {"d": "e"},
    }
    assert merge({"a": [{"b": "c"}]}, {"a": [1]}) == {"a": [1]}
    assert merge(["a"], {"b": {"c": None}}) == {"b": {}}


@pytest.mark.parametrize(
    ("path", "kind"),
    [(f"{ROUTES}/web", STRATEGIC), (f"{ROUTES}/web", "application/json"), (f"{MAPS}/a", "text/plain")],
)
async def test_a_patch_format_the_kind_does_not_take_is_refused(wire: Wire, path: str, kind: str) -> None:
    code, status = await wire("PATCH", path, {}, kind)
    assert (code, status["reason"]) == (415, "UnsupportedMediaType")
    assert status["message"].startswith(
        "the body of the request was in an unknown format - accepted media types include"
    )


async def test_apply_creates_then_merges_and_names_the_manager(wire: Wire) -> None:
    path = f"{ROUTES}/web?fieldManager=lockmaster&force=true"
    code, created = await wire("PATCH", path, virtual_service(), APPLY)
    assert (code, created["metadata"]["managedFields"][0]["manager"]) == (201, "lockmaster")
    assert await wire("PATCH", path, virtual_service(), APPLY) == (200, created)
    text = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, labels: {a: b}}\n"
    code, applied = await wire("PATCH", path, text, APPLY)
    assert (code, applied["metadata"]["labels"], applied["spec"]) == (200, {"a": "b"}, created["spec"])
    code, status = await wire("PATCH", f"{ROUTES}/web", virtual_service(), APPLY)
    assert (code, status["details"]["causes"][0]["field"]) == (422, "fieldManager")


async def test_scale_is_read_and_written_apart(wire: Wire) -> None:
    created = await wire.create(APPS, deployment(replicas=2))
    code, scale = await wire("GET", f"{APPS}/web/scale")
    assert (code, scale["kind"], scale["spec"], scale["status"]["selector"]) == (
        200,
        "Scale",
        {"replicas": 2},
        "app=web",
    )
    code, scaled = await wire("PATCH", f"{APPS}/web/scale", {"spec": {"replicas": 5}}, MERGE)
    assert (code, scaled["spec"]) == (200, {"replicas": 5})
    assert (await wire("GET", f"{APPS}/web"))[1]["metadata"]["generation"] == 2
    scaled["metadata"]["resourceVersion"] = created["metadata"]["resourceVersion"]
    code, status = await wire("PUT", f"{APPS}/web/scale", scaled)
    assert (code, status["reason"]) == (409, "Conflict")
