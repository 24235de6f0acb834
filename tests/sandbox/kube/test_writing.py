"""What a real API server answers to creates, updates and writes that lost a race."""

import pytest

from sandbox.kube import KubeEmulator
from tests.sandbox.kube.wire import (
    APPS,
    MAPS,
    MERGE,
    ROUTES,
    Json,
    Wire,
    config_map,
    deployment,
    virtual_service,
)

CHANGED = "the object has been modified; please apply your changes to the latest version and try again"


async def test_a_created_object_is_given_identity_and_defaults(wire: Wire) -> None:
    created = await wire.create(APPS, deployment())
    meta, spec = created["metadata"], created["spec"]
    assert meta["name"] == "web"
    assert meta["namespace"] == "default"
    assert meta["generation"] == 1
    assert meta["creationTimestamp"] == "2026-01-01T00:00:00Z"
    assert len(meta["uid"]) == 36
    assert int(meta["resourceVersion"]) > 0
    assert spec["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"},
    }
    assert spec["progressDeadlineSeconds"] == 600
    assert spec["template"]["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"
    assert created["status"] == {}


async def test_generate_name_appends_five_letters(wire: Wire) -> None:
    created = await wire.create(MAPS, {"metadata": {"generateName": "run-"}})
    assert created["metadata"]["name"].startswith("run-")
    assert len(created["metadata"]["name"]) == len("run-") + 5


async def test_creating_what_exists_answers_already_exists(wire: Wire) -> None:
    await wire.create(APPS, deployment())
    assert await wire("POST", APPS, deployment()) == (
        409,
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": 'deployments.apps "web" already exists',
            "reason": "AlreadyExists",
            "details": {"name": "web", "group": "apps", "kind": "deployments"},
            "code": 409,
        },
    )


@pytest.mark.parametrize(
    ("path", "message", "details"),
    [
        (
            f"{APPS}/no",
            'deployments.apps "no" not found',
            {"name": "no", "group": "apps", "kind": "deployments"},
        ),
        (f"{MAPS}/no", 'configmaps "no" not found', {"name": "no", "kind": "configmaps"}),
        ("/apis/none.example/v1/things", "the server could not find the requested resource", {}),
        ("/api/v1/pods/a/b/c/d", "the server could not find the requested resource", {}),
    ],
)
async def test_what_is_not_there_answers_not_found(
    wire: Wire, path: str, message: str, details: Json
) -> None:
    code, status = await wire("GET", path)
    assert (code, status["reason"], status["message"], status["details"]) == (
        404,
        "NotFound",
        message,
        details,
    )


async def test_creating_in_a_namespace_that_is_not_there_names_the_namespace(wire: Wire) -> None:
    code, status = await wire("POST", MAPS.replace("default", "nowhere"), config_map("a"))
    assert (code, status["message"]) == (404, 'namespaces "nowhere" not found')


async def test_a_stale_put_or_patch_conflicts_and_changes_nothing(wire: Wire) -> None:
    stale = await wire.create(ROUTES, virtual_service())
    newest = await wire.merge(f"{ROUTES}/web", {"metadata": {"labels": {"a": "b"}}})
    version = {"metadata": {"resourceVersion": stale["metadata"]["resourceVersion"], "labels": {"a": "c"}}}
    for method, body, kind in (("PUT", stale, "application/json"), ("PATCH", version, MERGE)):
        code, status = await wire(method, f"{ROUTES}/web", body, kind)
        assert (code, status["reason"], status["details"]) == (
            409,
            "Conflict",
            {"name": "web", "group": "networking.istio.io", "kind": "virtualservices"},
        )
        assert status["message"] == (
            f'Operation cannot be fulfilled on virtualservices.networking.istio.io "web": {CHANGED}'
        )
    assert (await wire("GET", f"{ROUTES}/web"))[1] == newest


async def test_a_put_without_version_is_taken_for_built_in_kinds_only(wire: Wire) -> None:
    await wire.create(APPS, deployment())
    assert (await wire("PUT", f"{APPS}/web", deployment(replicas=5)))[0] == 200
    await wire.create(ROUTES, virtual_service())
    code, status = await wire("PUT", f"{ROUTES}/web", virtual_service())
    assert (code, status["details"]["causes"]) == (
        422,
        [
            {
                "reason": "FieldValueInvalid",
                "message": "Invalid value: 0: must be specified for an update",
                "field": "metadata.resourceVersion",
            }
        ],
    )


async def test_writing_the_same_again_is_no_write(wire: Wire, kube: KubeEmulator) -> None:
    created = await wire.create(ROUTES, virtual_service())
    before = kube.store.revision
    assert await wire.merge(f"{ROUTES}/web", {"spec": created["spec"]}) == created
    assert (await wire("PUT", f"{ROUTES}/web", created)) == (200, created)
    assert kube.store.revision == before


async def test_generation_counts_the_spec_and_not_the_metadata(wire: Wire) -> None:
    await wire.create(ROUTES, virtual_service())
    annotated = await wire.merge(f"{ROUTES}/web", {"metadata": {"annotations": {"a": "b"}}})
    assert annotated["metadata"]["generation"] == 1
    rerouted = await wire.merge(f"{ROUTES}/web", {"spec": virtual_service(weights=(90, 10))["spec"]})
    assert rerouted["metadata"]["generation"] == 2


async def test_an_annotation_of_a_deployment_counts_as_a_generation_but_a_label_does_not(wire: Wire) -> None:
    await wire.create(APPS, deployment())
    labelled = await wire.merge(f"{APPS}/web", {"metadata": {"labels": {"a": "b"}}})
    assert labelled["metadata"]["generation"] == 1
    annotated = await wire.merge(f"{APPS}/web", {"metadata": {"annotations": {"a": "b"}}})
    assert annotated["metadata"]["generation"] == 2


async def test_a_plain_write_leaves_the_status_and_a_status_write_leaves_the_rest(wire: Wire) -> None:
    await wire.create(ROUTES, virtual_service() | {"status": {"observedGeneration": "9"}})
    plain = await wire.merge(f"{ROUTES}/web", {"status": {"observedGeneration": "1"}})
    assert "status" not in plain
    wanted = {"status": {"observedGeneration": "1"}, "spec": {"hosts": ["other"]}}
    written = await wire.merge(f"{ROUTES}/web/status", wanted)
    assert (written["status"], written["spec"]["hosts"]) == ({"observedGeneration": "1"}, ["web"])
    assert written["metadata"]["generation"] == 1


async def test_what_the_server_keeps_cannot_be_written(wire: Wire) -> None:
    created = await wire.create(MAPS, config_map("a"))
    forged = {
        "metadata": {"creationTimestamp": "2001-01-01T00:00:00Z", "generation": 7, "labels": {"a": "b"}}
    }
    patched = await wire.merge(f"{MAPS}/a", forged)
    assert patched["metadata"]["creationTimestamp"] == created["metadata"]["creationTimestamp"]
    assert "generation" not in patched["metadata"]


async def test_a_write_meant_for_an_object_of_another_uid_is_refused(wire: Wire) -> None:
    uid = (await wire.create(MAPS, config_map("a")))["metadata"]["uid"]
    code, status = await wire("PATCH", f"{MAPS}/a", {"metadata": {"uid": "other"}}, MERGE)
    assert (code, status["message"]) == (
        422,
        'ConfigMap "a" is invalid: metadata.uid: Invalid value: "other": field is immutable',
    )
    code, status = await wire("PUT", f"{MAPS}/a", config_map("a", uid="other"))
    precondition = f"Precondition failed: UID in precondition: other, UID in object meta: {uid}"
    assert (code, status["reason"], status["message"]) == (
        409,
        "Conflict",
        (
            'Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, '
            f"Key: /registry/configmaps/default/a, ResourceVersion: 0, AdditionalErrorMsg: {precondition}"
        ),
    )


async def test_a_body_for_another_object_is_refused(wire: Wire) -> None:
    await wire.create(MAPS, config_map("a"))
    renamed = await wire("PUT", f"{MAPS}/a", config_map("b"))
    moved = await wire("POST", MAPS, config_map("b", namespace="kube-system"))
    other_kind = await wire("POST", MAPS, deployment())
    assert [code for code, _ in (renamed, moved, other_kind)] == [400, 400, 400]
    assert renamed[1]["message"] == "the name of the object (b) does not match the name on the URL (a)"


async def test_a_dry_run_shows_the_result_and_stores_nothing(wire: Wire, kube: KubeEmulator) -> None:
    before = kube.store.revision
    code, shown = await wire("POST", f"{APPS}?dryRun=All", deployment())
    assert (code, shown["spec"]["progressDeadlineSeconds"]) == (201, 600)
    assert (await wire("GET", f"{APPS}/web"))[0] == 404
    await wire.create(MAPS, config_map("a"))
    code, shown = await wire("PATCH", f"{MAPS}/a?dryRun=All", {"data": {"a": "2"}}, MERGE)
    assert (code, shown["data"]) == (200, {"a": "2"})
    assert (await wire("DELETE", f"{MAPS}/a?dryRun=All"))[0] == 200
    assert (await wire("GET", f"{MAPS}/a"))[1]["data"] == {"a": "1"}
    assert kube.store.revision == before + 1


async def test_both_versions_of_a_kind_show_the_same_object(wire: Wire) -> None:
    old = virtual_service() | {"apiVersion": "networking.istio.io/v1beta1"}
    created = await wire.create(ROUTES.replace("v1", "v1beta1"), old)
    assert created["apiVersion"] == "networking.istio.io/v1beta1"
    code, newer = await wire("GET", f"{ROUTES}/web")
    assert (code, newer) == (200, created | {"apiVersion": "networking.istio.io/v1"})


async def test_everybody_who_is_let_in_may_do_everything_and_is_told_his_name(wire: Wire) -> None:
    who = await wire(
        "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {"kind": "SelfSubjectReview"}
    )
    assert (who[0], who[1]["status"]["userInfo"]["username"]) == (201, "system:admin")
    may = await wire("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {"spec": {}})
    assert may == (201, {"spec": {}, "status": {"allowed": True}})


async def test_an_unknown_token_is_refused(wire: Wire) -> None:
    async with KubeEmulator(tokens={"s3cret": "ana"}) as guarded:
        guarded_wire = Wire(wire._session, guarded.url)
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            code, status = await guarded_wire("GET", MAPS, **headers)
            assert (code, status["reason"], status["message"]) == (401, "Unauthorized", "Unauthorized")
        assert (await guarded_wire("GET", MAPS, Authorization="Bearer s3cret"))[0] == 200
