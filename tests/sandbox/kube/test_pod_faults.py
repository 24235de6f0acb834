"""Pods that fail as told, in the words of a real kubelet."""

import pytest

from sandbox.kube import Fault, FaultKind, KubeEmulator
from sandbox.kube.clock import ManualClock, settle
from sandbox.kube.document import Document
from sandbox.kube.resources import EVENT, POD
from tests.sandbox.kube.wire import APPS, PODS, Wire, deployment, pod

IMAGE = "registry.example/web:v1"


def container(kube: KubeEmulator) -> Document:
    status: Document = kube.store.documents(POD)[0]["status"]["containerStatuses"][0]
    return status


def events(kube: KubeEmulator, reason: str) -> list[str]:
    return sorted(event["message"] for event in kube.store.documents(EVENT) if event["reason"] == reason)


async def test_an_image_that_cannot_be_pulled(wire: Wire, kube: KubeEmulator, clock: ManualClock) -> None:
    fault = kube.faults.set(Fault(FaultKind.IMAGE_PULL, image="web:v1"))
    await wire.create(PODS, pod())
    await settle()
    error = (
        f'rpc error: code = NotFound desc = failed to pull and unpack image "{IMAGE}": failed to resolve reference '
        f'"{IMAGE}": {IMAGE}: not found'
    )
    assert container(kube)["state"] == {"waiting": {"reason": "ErrImagePull", "message": error}}
    await clock.advance(1)
    message = f'Back-off pulling image "{IMAGE}": ErrImagePull: {error}'
    assert container(kube)["state"] == {"waiting": {"reason": "ImagePullBackOff", "message": message}}
    assert kube.store.documents(POD)[0]["status"]["phase"] == "Pending"
    assert events(kube, "Failed") == [
        "Error: ErrImagePull",
        "Error: ImagePullBackOff",
        f'Failed to pull image "{IMAGE}": {error}',
    ]
    kube.faults.lift(fault)
    await clock.advance(1)
    assert container(kube)["ready"] is True


async def test_a_running_pod_crashes_is_started_at_once_then_after_a_pause_and_recovers(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(APPS, deployment(replicas=1))
    await clock.advance(1)
    assert container(kube)["ready"] is True
    kube.faults.set(Fault(FaultKind.CRASH_LOOP, labels="app=web", reason="OOMKilled"))
    await settle()
    again = container(kube)
    assert (again["ready"], again["restartCount"], list(again["state"])) == (False, 1, ["running"])
    assert again["lastState"]["terminated"] == {
        "exitCode": 137,
        "reason": "OOMKilled",
        "startedAt": "2026-01-01T00:00:00Z",
        "finishedAt": "2026-01-01T00:00:01Z",
        "containerID": "containerd://web-0",
    }
    await clock.advance(0.2)
    crashed = container(kube)
    meta = kube.store.documents(POD)[0]["metadata"]
    where = f"{meta['name']}_default({meta['uid']})"
    message = f"back-off 1s restarting failed container=web pod={where}"
    assert (crashed["ready"], crashed["state"]) == (
        False,
        {"waiting": {"reason": "CrashLoopBackOff", "message": message}},
    )
    assert crashed["lastState"]["terminated"]["containerID"] == "containerd://web-1"
    await clock.advance(10)
    assert container(kube)["restartCount"] == 4
    kube.faults.lift_all()
    await clock.advance(1)
    assert (container(kube)["ready"], container(kube)["restartCount"]) == (True, 5)


async def test_a_pod_nobody_has_room_for(wire: Wire, kube: KubeEmulator, clock: ManualClock) -> None:
    fault = kube.faults.set(Fault(FaultKind.PENDING, namespace="default", message="exceeded quota: compute"))
    await wire.create(PODS, pod())
    await settle()
    waiting = kube.store.documents(POD)[0]
    assert ("nodeName" in waiting["spec"], waiting["status"]["phase"]) == (False, "Pending")
    assert waiting["status"]["conditions"] == [
        {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": "exceeded quota: compute",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
    ]
    assert events(kube, "FailedScheduling") == ["exceeded quota: compute"]
    kube.faults.lift(fault)
    await clock.advance(1)
    assert container(kube)["ready"] is True


async def test_a_pod_that_never_gets_ready(wire: Wire, kube: KubeEmulator, clock: ManualClock) -> None:
    await wire.create(PODS, pod(annotations={"sandbox.lockmaster.dev/fault": "NotReady"}))
    await clock.advance(60)
    assert (container(kube)["ready"], list(container(kube)["state"])) == (False, ["running"])
    assert events(kube, "Unhealthy") == ["Readiness probe failed: HTTP probe failed with statuscode: 503"]
    await wire.merge(f"{PODS}/lone", {"metadata": {"annotations": None}})
    await settle()
    assert container(kube)["ready"] is True


async def test_a_fault_hits_only_what_it_names(wire: Wire, kube: KubeEmulator, clock: ManualClock) -> None:
    kube.faults.set(Fault(FaultKind.CRASH_LOOP, labels="track in (canary)"))
    kube.faults.set(Fault(FaultKind.CRASH_LOOP, namespace="elsewhere"))
    kube.faults.set(Fault(FaultKind.CRASH_LOOP, image="other"))
    await wire.create(PODS, pod())
    await clock.advance(5)
    assert container(kube)["ready"] is True


async def test_faults_are_set_and_lifted_by_http(wire: Wire, kube: KubeEmulator, clock: ManualClock) -> None:
    await wire.create(PODS, pod())
    await clock.advance(1)
    code, answer = await wire("POST", "/sandbox/faults", {"kind": "NotReady", "image": "web:v1"})
    assert (code, answer) == (201, {"id": "fault-1"})
    await settle()
    assert container(kube)["ready"] is False
    assert (await wire("GET", "/sandbox/faults"))[1]["items"] == [
        {
            "id": "fault-1",
            "kind": "NotReady",
            "namespace": "",
            "image": "web:v1",
            "labels": "",
            "message": "",
            "reason": "Error",
            "exit_code": 1,
        }
    ]
    assert (await wire("DELETE", "/sandbox/faults/fault-1"))[0] == 204
    assert (await wire("DELETE", "/sandbox/faults/fault-1"))[0] == 404
    await clock.advance(1)
    assert container(kube)["ready"] is True


@pytest.mark.parametrize("body", [{}, {"kind": "Nonsense"}, {"kind": "NotReady", "x": 1}, "{"])
async def test_a_fault_that_is_none_is_refused(wire: Wire, body: object) -> None:
    code, answer = await wire("POST", "/sandbox/faults", body)
    assert (code, list(answer)) == (400, ["error"])
