"""Pods in their own words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.workloads.pods import deployment_of, not_created, pod_of
from bot.ports.workloads import Pod

MADE, CRASHED = "2026-11-02T09:00:00Z", "2026-11-02T09:05:00Z"
META = {"name": "checkout-1", "creationTimestamp": MADE}


def pod(*, ready: bool = False, containers: tuple[dict[str, Any], ...] = (), **status: Any) -> dict[str, Any]:
    said = status.pop("conditions", ())
    conditions = [*said, {"type": "Ready", "status": str(ready)}]
    return {
        "metadata": dict(META),
        "status": {"conditions": conditions, "containerStatuses": list(containers), **status},
    }


def waiting(reason: str, message: str | None = None, last: dict[str, Any] | None = None) -> dict[str, Any]:
    state = {"reason": reason} | ({"message": message} if message else {})
    return {"restartCount": 2, "state": {"waiting": state}, "lastState": {"terminated": last} if last else {}}


KILLED = {"reason": "OOMKilled", "exitCode": 137}
FAILED = {"reason": "Error", "exitCode": 1, "message": "no such table"}
RUNNING_AGAIN = {"state": {"running": {}}, "lastState": {"terminated": KILLED}}
PENDING = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
NOT_READY = {"type": "Ready", "status": "False", "message": "containers with unready status: [app]"}

SAYINGS = {
    "starting": (pod(containers=(waiting("ContainerCreating"),)), None, None),
    "no status yet": ({"metadata": META}, None, None),
    "pull": (pod(containers=(waiting("ImagePullBackOff", "not found"),)), "ImagePullBackOff", "not found"),
    "config": (
        pod(containers=(waiting("CreateContainerConfigError", 'secret "x" not found'),)),
        "CreateContainerConfigError",
        'secret "x" not found',
    ),
    "crash loop": (
        pod(containers=(waiting("CrashLoopBackOff", "back-off 10s", FAILED),)),
        "CrashLoopBackOff",
        "back-off 10s; before: Error, exit code 1: no such table",
    ),
    "crash loop by memory": (
        pod(containers=(waiting("CrashLoopBackOff", None, KILLED),)),
        "CrashLoopBackOff",
        "before: OOMKilled, exit code 137",
    ),
    "ended": (pod(containers=({"state": {"terminated": KILLED}},)), "OOMKilled", "OOMKilled, exit code 137"),
    "runs again": (pod(containers=(RUNNING_AGAIN,)), "OOMKilled", "OOMKilled, exit code 137"),
    "init container": (
        pod(
            initContainerStatuses=[waiting("ErrImagePull", "denied")],
            containers=(waiting("PodInitializing"),),
        ),
        "ErrImagePull",
        "denied",
    ),
    "no node": (pod(conditions=(PENDING,)), "Unschedulable", "0/3 nodes"),
    "evicted": (pod(reason="Evicted", message="low on memory"), "Evicted", "low on memory"),
    "not ready": (
        pod(conditions=(NOT_READY,), containers=({"state": {"running": {}}},)),
        None,
        "containers with unready status: [app]",
    ),
    "ready after a crash": (pod(ready=True, containers=(RUNNING_AGAIN,)), None, None),
}


@pytest.mark.parametrize(("found", "reason", "message"), SAYINGS.values(), ids=SAYINGS)
def test_a_pod_gives_its_own_reason(found: dict[str, Any], reason: str | None, message: str | None) -> None:
    read = pod_of(found)

    assert (read.reason, read.message) == (reason, message)


def test_restarts_are_added_up_and_a_deletion_is_seen() -> None:
    found = pod(ready=True, containers=({"restartCount": 2}, {"restartCount": 1}))
    found["metadata"]["deletionTimestamp"] = "2026-11-02T09:00:00Z"
    found["metadata"]["annotations"] = {"lockmaster.dev/release": "R-7"}

    assert pod_of(found) == Pod(
        name="checkout-1",
        ready=True,
        reason=None,
        message=None,
        restarts=3,
        terminating=True,
        created=datetime(2026, 11, 2, 9, tzinfo=UTC),
        release="R-7",
    )


DRAINED = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": "EvictionByEvictionAPI",
    "message": "Eviction API: evicting",
}
GOING = {
    "drained": (
        pod(ready=True, conditions=(DRAINED,), phase="Running"),
        "EvictionByEvictionAPI",
        "Eviction API: evicting",
    ),
    "not drained": (pod(conditions=(DRAINED | {"status": "False"},), phase="Running"), None, None),
    "evicted": (
        pod(phase="Failed", reason="Evicted", message="The node was low on resource: memory."),
        "Evicted",
        "The node was low on resource: memory.",
    ),
    "deleted": (pod(ready=True, phase="Running"), None, None),
}


@pytest.mark.parametrize(("found", "reason", "message"), GOING.values(), ids=GOING)
def test_a_pod_that_goes_says_why(found: dict[str, Any], reason: str | None, message: str | None) -> None:
    deleted = {**found, "metadata": META | {"deletionTimestamp": CRASHED}}
    read = pod_of(found if found["status"]["phase"] == "Failed" else deleted)

    assert (read.terminating, read.reason, read.message) == (True, reason, message)


def test_the_last_crash_of_a_pod_is_known_whether_it_runs_again_or_not() -> None:
    before, now = KILLED | {"finishedAt": MADE}, FAILED | {"finishedAt": CRASHED}
    done = {"reason": "Completed", "exitCode": 0, "finishedAt": CRASHED}

    def crashed(*containers: dict[str, Any]) -> datetime | None:
        return pod_of(pod(containers=containers)).crashed

    assert crashed({"state": {"running": {}}, "lastState": {"terminated": before}}) == datetime(
        2026, 11, 2, 9, tzinfo=UTC
    )
    both = {"state": {"terminated": now}, "lastState": {"terminated": before}}
    assert crashed({"state": {"running": {}}}, both) == datetime(2026, 11, 2, 9, 5, tzinfo=UTC)
    assert crashed({"state": {"terminated": done}}, {"state": {"running": {}}, "lastState": {}}) is None


def test_pods_that_a_quota_forbids_are_said_in_the_words_of_the_api() -> None:
    condition = {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": "exceeded quota",
    }
    deployment = {"metadata": {"name": "checkout-canary"}, "status": {"conditions": [condition]}}

    assert not_created(deployment) == Pod(
        name="checkout-canary (not created)",
        ready=False,
        reason="FailedCreate",
        message="exceeded quota",
        restarts=0,
        terminating=False,
    )
    assert not_created({"metadata": {"name": "checkout"}}) is None


@pytest.mark.parametrize(
    ("owner", "labels", "name"),
    [
        ("checkout-7d9f", {"pod-template-hash": "7d9f"}, "checkout"),
        ("check-out-7d9f", {}, "check-out"),
    ],
)
def test_a_pod_belongs_to_the_deployment_of_its_replicaset(
    owner: str, labels: dict[str, str], name: str
) -> None:
    owners = [{"kind": "ReplicaSet", "name": owner, "controller": True}]

    assert deployment_of({"metadata": {"ownerReferences": owners, "labels": labels}}) == name


@pytest.mark.parametrize("owners", [None, [], [{"kind": "Job", "name": "x-1", "controller": True}]])
def test_other_pods_belong_to_none(owners: list[dict[str, Any]] | None) -> None:
    assert deployment_of({"metadata": {"ownerReferences": owners}}) is None
