"""Deployments from the first pod to the last condition, in a time that the test moves."""

from sandbox.kube import Fault, FaultKind, KubeEmulator
from sandbox.kube.clock import ManualClock, settle
from sandbox.kube.controllers import rollout
from sandbox.kube.controllers.kubelet import READY_AFTER_ANNOTATION
from sandbox.kube.document import Document
from sandbox.kube.resources import DEPLOYMENT, ENDPOINT_SLICE, EVENT, POD, REPLICA_SET
from tests.sandbox.kube.wire import APPS, STRATEGIC, Json, Wire, deployment

V2 = "registry.example/web:v2"


def one(kube: KubeEmulator) -> Document:
    return kube.registry.get(DEPLOYMENT, "default", "web")


def counts(kube: KubeEmulator) -> Document:
    status: Document = one(kube)["status"]
    return {name: value for name, value in status.items() if name.endswith("eplicas")}


def progress(kube: KubeEmulator) -> tuple[str, str]:
    entry = next(entry for entry in one(kube)["status"]["conditions"] if entry["type"] == "Progressing")
    return entry["status"], entry["reason"]


def images(kube: KubeEmulator) -> list[str]:
    return sorted(pod["spec"]["containers"][0]["image"][-2:] for pod in kube.store.documents(POD))


async def set_image(wire: Wire, image: str) -> Json:
    change = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}}
    code, changed = await wire("PATCH", f"{APPS}/web", change, STRATEGIC)
    assert code == 200, changed
    return changed


async def test_pods_become_ready_after_their_delay(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(APPS, deployment(replicas=2))
    await settle()
    assert counts(kube) == {"replicas": 2, "updatedReplicas": 2, "unavailableReplicas": 2}
    assert progress(kube) == ("True", "ReplicaSetUpdated")
    pod = kube.store.documents(POD)[0]
    assert (pod["status"]["phase"], pod["status"]["containerStatuses"][0]["ready"]) == ("Running", False)
    await clock.advance(0.3)
    assert counts(kube) == {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2}
    assert one(kube)["status"]["observedGeneration"] == 1
    assert progress(kube) == ("True", "NewReplicaSetAvailable")
    pod = kube.store.documents(POD)[0]
    assert pod["metadata"]["labels"] == {
        "app": "web",
        "pod-template-hash": rollout.template_hash(one(kube)["spec"]["template"]),
    }
    assert pod["spec"]["nodeName"].startswith("sandbox-node-")
    assert pod["status"]["podIP"].startswith("10.244.")
    assert one(kube)["metadata"]["annotations"] == {rollout.REVISION: "1"}


async def test_a_workload_may_take_its_own_time(wire: Wire, kube: KubeEmulator, clock: ManualClock) -> None:
    body = deployment(replicas=1)
    body["spec"]["template"]["metadata"]["annotations"] = {READY_AFTER_ANNOTATION: "60"}
    await wire.create(APPS, body)
    await clock.advance(59)
    assert counts(kube)["unavailableReplicas"] == 1
    await clock.advance(1)
    assert counts(kube)["availableReplicas"] == 1


async def test_a_rolling_update_keeps_to_surge_and_unavailable(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    strategy = {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    await wire.create(APPS, deployment(replicas=3, strategy=strategy))
    await clock.advance(1)
    seen: list[tuple[int, int]] = []

    def note(_: object) -> None:
        alive = [pod for pod in kube.store.documents(POD) if "deletionTimestamp" not in pod["metadata"]]
        ready = [pod for pod in alive if pod["status"].get("containerStatuses", [{}])[0].get("ready")]
        seen.append((len(alive), len(ready)))

    kube.store.subscribe(note)
    await set_image(wire, V2)
    await clock.advance(5)
    assert (max(alive for alive, _ in seen), min(ready for _, ready in seen)) == (4, 3)
    assert images(kube) == ["v2", "v2", "v2"]
    assert counts(kube) == {"replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3}
    assert [
        rs["spec"]["replicas"] for rs in sorted(kube.store.documents(REPLICA_SET), key=rollout.revision_of)
    ] == [
        0,
        3,
    ]
    assert one(kube)["metadata"]["annotations"][rollout.REVISION] == "2"


async def test_going_back_takes_up_the_old_replica_set(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(APPS, deployment(replicas=1))
    await clock.advance(1)
    for image in (V2, "registry.example/web:v1"):
        await set_image(wire, image)
        await clock.advance(3)
    assert sorted(rollout.revision_of(rs) for rs in kube.store.documents(REPLICA_SET)) == [2, 3]
    assert images(kube) == ["v1"]


async def test_recreation_ends_the_old_pods_before_the_new_start(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(APPS, deployment(replicas=2, strategy={"type": "Recreate"}))
    await clock.advance(1)
    await set_image(wire, V2)
    await clock.advance(0.4)
    assert (images(kube), counts(kube)) == (["v1", "v1"], {})
    await clock.advance(1)
    assert (images(kube), counts(kube)["availableReplicas"]) == (["v2", "v2"], 2)


async def test_an_old_pod_is_seen_to_stop_before_it_is_gone(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    service = {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}
    await wire.create("/api/v1/namespaces/default/services", service)
    await wire.create(APPS, deployment(replicas=1))
    await clock.advance(1)
    await wire.merge(f"{APPS}/web", {"spec": {"replicas": 0}})
    await settle()
    pod = kube.store.documents(POD)[0]
    assert pod["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:31Z"
    assert kube.store.documents(ENDPOINT_SLICE)[0]["endpoints"][0]["conditions"] == {
        "ready": False,
        "serving": True,
        "terminating": True,
    }
    await clock.advance(0.5)
    assert kube.store.documents(POD) == []
    assert kube.store.documents(ENDPOINT_SLICE)[0]["endpoints"] == []


async def test_a_rollout_that_gets_nowhere_exceeds_its_deadline(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(APPS, deployment(replicas=2, progressDeadlineSeconds=30))
    await clock.advance(1)
    fault = kube.faults.set(Fault(FaultKind.NOT_READY, image=":v2"))
    await set_image(wire, V2)
    await clock.advance(25)
    assert progress(kube) == ("True", "ReplicaSetUpdated")
    await clock.advance(10)
    assert progress(kube) == ("False", "ProgressDeadlineExceeded")
    assert counts(kube)["availableReplicas"] == 2
    kube.faults.lift(fault)
    await clock.advance(5)
    assert progress(kube) == ("True", "NewReplicaSetAvailable")
    assert images(kube) == ["v2", "v2"]


async def test_scaling_in_mid_rollout_keeps_the_proportion(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(APPS, deployment(replicas=4))
    await clock.advance(1)
    kube.faults.set(Fault(FaultKind.NOT_READY, image=":v2"))
    await set_image(wire, V2)
    await clock.advance(2)
    assert images(kube) == ["v1", "v1", "v1", "v2", "v2"]
    await wire.merge(f"{APPS}/web", {"spec": {"replicas": 8}})
    await clock.advance(2)
    sizes = [
        rs["spec"]["replicas"] for rs in sorted(kube.store.documents(REPLICA_SET), key=rollout.revision_of)
    ]
    assert sizes == [6, 4]


async def test_a_paused_deployment_starts_no_rollout_but_scales(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(APPS, deployment(replicas=1))
    await clock.advance(1)
    await wire.merge(f"{APPS}/web", {"spec": {"paused": True, "replicas": 2}})
    await set_image(wire, V2)
    await clock.advance(2)
    assert images(kube) == ["v1", "v1"]
    await wire.merge(f"{APPS}/web", {"spec": {"paused": None}})
    await clock.advance(3)
    assert images(kube) == ["v2", "v2"]


async def test_a_pod_counts_as_available_after_min_ready_seconds(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(APPS, deployment(replicas=1, minReadySeconds=10))
    await clock.advance(5)
    assert counts(kube) == {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "unavailableReplicas": 1}
    await clock.advance(6)
    assert counts(kube) == {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}


async def test_old_replica_sets_beyond_the_history_limit_go(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(APPS, deployment(replicas=1, revisionHistoryLimit=1))
    for number in range(2, 6):
        await set_image(wire, f"registry.example/web:v{number}")
        await clock.advance(3)
    assert sorted(map(rollout.revision_of, kube.store.documents(REPLICA_SET))) == [4, 5]


async def test_what_happened_is_told_in_events(wire: Wire, kube: KubeEmulator, clock: ManualClock) -> None:
    await wire.create(APPS, deployment(replicas=1))
    await clock.advance(1)
    told = [(event["involvedObject"]["kind"], event["reason"]) for event in kube.store.documents(EVENT)]
    assert sorted(told) == [
        ("Deployment", "ScalingReplicaSet"),
        ("Pod", "Created"),
        ("Pod", "Pulled"),
        ("Pod", "Scheduled"),
        ("Pod", "Started"),
        ("ReplicaSet", "SuccessfulCreate"),
    ]


async def test_a_gate_holds_a_pod_back_and_hears_of_its_end(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    told: list[str] = []
    opened = False

    async def before_ready(pod: Document) -> None:
        told.append(f"asked for {pod['metadata']['name']}")
        if not opened:
            raise ConnectionError

    async def after_end(pod: Document) -> None:
        told.append(f"end of {pod['metadata']['name']}")

    kube.gate.before_ready, kube.gate.after_end = before_ready, after_end
    await wire.create(APPS, deployment(replicas=1))
    await clock.advance(2)
    assert counts(kube)["unavailableReplicas"] == 1
    opened = True
    await clock.advance(1)
    assert counts(kube)["availableReplicas"] == 1
    name = kube.store.documents(POD)[0]["metadata"]["name"]
    await wire.merge(f"{APPS}/web", {"spec": {"replicas": 0}})
    await clock.advance(1)
    assert (told[0], told[-1]) == (f"asked for {name}", f"end of {name}")
