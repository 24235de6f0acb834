"""A pod's status from what its containers do: pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sandbox.kube.clock import timestamp
from sandbox.kube.controllers.conditions import with_condition
from sandbox.kube.document import Document, dig
from sandbox.kube.faults import Fault


class Stage(Enum):
    """What the containers of a pod do. All containers of a pod do the same."""

    WAITING = "waiting"
    PULL_FAILED = "pull failed"
    PULL_BACK_OFF = "pull back-off"
    RUNNING = "running"
    READY = "ready"
    CRASHED = "crashed"


@dataclass(slots=True)
class Run:
    """The course of a pod's containers: in `stage` since `entered`; `back_off` in seconds, `address` is the pod's IP."""

    address: str
    entered: datetime
    stage: Stage = Stage.WAITING
    restarts: int = 0
    crashes: int = 0
    back_off: float = 0.0
    last_end: Document | None = None
    admitted: bool = False
    """The gate has let it become ready."""
    stopping: datetime | None = None


def pod_status(pod: Document, run: Run, fault: Fault | None, now: str) -> Document:
    """The complete status of a pod that has a node."""
    ready, started = (
        run.stage is Stage.READY,
        run.stage
        not in (
            Stage.WAITING,
            Stage.PULL_FAILED,
            Stage.PULL_BACK_OFF,
        ),
    )
    names = [container["name"] for container in pod["spec"]["containers"]]
    unready = {
        "reason": "ContainersNotReady",
        "message": f"containers with unready status: [{' '.join(names)}]",
    }
    conditions = dig(pod, "status", "conditions", default=[])
    for kind, holds in (
        ("PodReadyToStartContainers", True),
        ("Initialized", True),
        ("Ready", ready),
        ("ContainersReady", ready),
        ("PodScheduled", True),
    ):
        entry = {"type": kind, "status": "True"} if holds else {"type": kind, "status": "False"} | unready
        conditions = with_condition(conditions, entry, now)
    return {
        "phase": "Running" if started else "Pending",
        "conditions": conditions,
        "hostIP": "10.0.0.1",
        "hostIPs": [{"ip": "10.0.0.1"}],
        "podIP": run.address,
        "podIPs": [{"ip": run.address}],
        "startTime": dig(pod, "status", "startTime", default=now),
        "containerStatuses": [
            _container(pod, container, run, fault) for container in pod["spec"]["containers"]
        ],
        "qosClass": dig(pod, "status", "qosClass", default="BestEffort"),
    }


def _container(pod: Document, container: Document, run: Run, fault: Fault | None) -> Document:
    image, alive = container["image"], run.stage in (Stage.RUNNING, Stage.READY)
    status: Document = {
        "name": container["name"],
        "state": _state(pod, container, run, fault),
        "lastState": {"terminated": run.last_end} if run.last_end else {},
        "ready": run.stage is Stage.READY,
        "restartCount": run.restarts,
        "image": image,
        "imageID": f"{image.partition('@')[0]}@sandbox" if alive or run.last_end else "",
        "started": alive,
    }
    if alive:
        status["containerID"] = f"containerd://{container['name']}-{run.restarts}"
    return status


def _state(pod: Document, container: Document, run: Run, fault: Fault | None) -> Document:
    match run.stage:
        case Stage.WAITING:
            return {"waiting": {"reason": "ContainerCreating"}}
        case Stage.PULL_FAILED:
            return {"waiting": {"reason": "ErrImagePull", "message": pull_error(container["image"], fault)}}
        case Stage.PULL_BACK_OFF:
            error = pull_error(container["image"], fault)
            message = f'Back-off pulling image "{container["image"]}": ErrImagePull: {error}'
            return {"waiting": {"reason": "ImagePullBackOff", "message": message}}
        case Stage.RUNNING | Stage.READY:
            return {"running": {"startedAt": timestamp(run.entered)}}
        case Stage.CRASHED if not run.back_off:
            return {"terminated": run.last_end}
        case Stage.CRASHED:
            return {"waiting": {"reason": "CrashLoopBackOff", "message": crash_message(pod, container, run)}}


def pull_error(image: str, fault: Fault | None) -> str:
    """What the container runtime says of an image it cannot pull."""
    if fault and fault.message:
        return fault.message
    return (
        f'rpc error: code = NotFound desc = failed to pull and unpack image "{image}": failed to resolve reference '
        f'"{image}": {image}: not found'
    )


def crash_message(pod: Document, container: Document, run: Run) -> str:
    """What the kubelet says while it waits before the next restart."""
    meta, name = pod["metadata"], container["name"]
    where = f"{meta['name']}_{meta['namespace']}({meta['uid']})"
    return f"back-off {run.back_off:g}s restarting failed container={name} pod={where}"
