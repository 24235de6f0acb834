"""Deletion: what goes at once, what goes with it, and what stays until somebody lets go."""

from typing import Any

import pytest

from sandbox.kube import KubeEmulator
from sandbox.kube.clock import ManualClock, settle
from sandbox.kube.resources import DEPLOYMENT, EVENT, POD, REPLICA_SET
from tests.sandbox.kube.wire import APPS, MAPS, PODS, Wire, config_map, deployment, pod


def left(kube: KubeEmulator) -> tuple[int, int, int]:
    return (
        len(kube.store.documents(DEPLOYMENT)),
        len(kube.store.documents(REPLICA_SET)),
        len(kube.store.documents(POD)),
    )


async def test_a_deletion_says_what_is_gone(wire: Wire) -> None:
    created = await wire.create(MAPS, config_map("a"))
    details = {"name": "a", "kind": "configmaps", "uid": created["metadata"]["uid"]}
    success = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
    assert await wire("DELETE", f"{MAPS}/a") == (200, success)
    assert (await wire("DELETE", f"{MAPS}/a"))[0] == 404


async def test_replica_sets_and_pods_follow_their_deployment(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(APPS, deployment(replicas=2))
    await clock.advance(1)
    assert (await wire("DELETE", f"{APPS}/web"))[1]["status"] == "Success"
    await settle()
    assert left(kube) == (0, 0, 2)
    await clock.advance(0.5)
    assert left(kube) == (0, 0, 0)


async def test_foreground_deletion_keeps_the_owner_until_the_last_pod_is_gone(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(APPS, deployment(replicas=2))
    await clock.advance(1)
    code, shown = await wire("DELETE", f"{APPS}/web", {"propagationPolicy": "Foreground"})
    assert (code, shown["metadata"]["finalizers"]) == (200, ["foregroundDeletion"])
    await settle()
    assert left(kube) == (1, 1, 2)
    await clock.advance(0.5)
    assert left(kube) == (0, 0, 0)


async def test_orphans_stay_and_name_no_owner(wire: Wire, kube: KubeEmulator, clock: ManualClock) -> None:
    await wire.create(APPS, deployment(replicas=1))
    await clock.advance(1)
    await wire("DELETE", f"{APPS}/web?propagationPolicy=Orphan")
    await clock.advance(1)
    assert left(kube) == (0, 1, 1)
    assert "ownerReferences" not in kube.store.documents(REPLICA_SET)[0]["metadata"]


async def test_a_finalizer_holds_an_object(wire: Wire) -> None:
    await wire.create(MAPS, config_map("a", finalizers=["example.com/hold"]))
    code, shown = await wire("DELETE", f"{MAPS}/a")
    assert (code, "deletionTimestamp" in shown["metadata"]) == (200, True)
    await wire.merge(f"{MAPS}/a", {"metadata": {"finalizers": None}})
    assert (await wire("GET", f"{MAPS}/a"))[0] == 404


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (
            {"uid": "x"},
            (
                "the UID in the precondition (x) does not match the UID in record ({uid}). The object might have been "
                "deleted and then recreated"
            ),
        ),
        (
            {"resourceVersion": "1"},
            (
                "the ResourceVersion in the precondition (1) does not match the ResourceVersion in record "
                "({resourceVersion}). The object might have been modified"
            ),
        ),
    ],
)
async def test_a_precondition_that_fails_keeps_the_object(
    wire: Wire, wanted: dict[str, Any], text: str
) -> None:
    meta = (await wire.create(MAPS, config_map("a")))["metadata"]
    code, status = await wire("DELETE", f"{MAPS}/a", {"preconditions": wanted})
    assert (code, status["reason"], status["message"]) == (
        409,
        "Conflict",
        f'Operation cannot be fulfilled on ConfigMap "a": {text.format(**meta)}',
    )
    assert (await wire("GET", f"{MAPS}/a"))[0] == 200


async def test_a_pod_is_given_time_unless_told_otherwise(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    for name in ("slow", "quick"):
        await wire.create(PODS, pod(name))
    await clock.advance(1)
    code, shown = await wire("DELETE", f"{PODS}/slow")
    assert (code, shown["kind"], shown["metadata"]["deletionGracePeriodSeconds"]) == (200, "Pod", 30)
    assert (await wire("DELETE", f"{PODS}/quick?gracePeriodSeconds=0"))[0] == 200
    assert [document["metadata"]["name"] for document in kube.store.documents(POD)] == ["slow"]
    await clock.advance(0.5)
    assert kube.store.documents(POD) == []


async def test_an_evicted_or_deleted_pod_is_replaced(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(APPS, deployment(replicas=1))
    await clock.advance(1)
    name = kube.store.documents(POD)[0]["metadata"]["name"]
    assert (await wire("POST", f"{PODS}/{name}/eviction", {"kind": "Eviction"}))[0] == 201
    await clock.advance(1)
    assert [document["metadata"]["name"] != name for document in kube.store.documents(POD)] == [True]


async def test_a_collection_is_deleted_by_selector(wire: Wire) -> None:
    for name in ("a", "b"):
        await wire.create(MAPS, config_map(name, labels={"n": name}))
    code, gone = await wire("DELETE", f"{MAPS}?labelSelector=n=a")
    assert (code, [item["metadata"]["name"] for item in gone["items"]]) == (200, ["a"])
    assert [item["metadata"]["name"] for item in (await wire("GET", MAPS))[1]["items"]] == ["b"]


async def test_a_namespace_takes_everything_with_it(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create("/api/v1/namespaces", {"metadata": {"name": "shop"}})
    await wire.create(APPS.replace("default", "shop"), deployment())
    await clock.advance(1)
    code, shown = await wire("DELETE", "/api/v1/namespaces/shop")
    assert (code, shown["status"]) == (200, {"phase": "Terminating"})
    code, status = await wire("POST", MAPS.replace("default", "shop"), config_map("a"))
    assert (code, status["message"]) == (
        403,
        'configmaps "a" is forbidden: unable to create new content in namespace shop because it is being terminated',
    )
    await clock.advance(2)
    assert (await wire("GET", "/api/v1/namespaces/shop"))[0] == 404
    assert (left(kube), kube.store.documents(EVENT, "shop")) == ((0, 0, 0), [])
