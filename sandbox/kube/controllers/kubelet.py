"""The kubelet and the scheduler: pods get a node, pull, start, become ready, crash and stop, by the faults in force."""

from collections.abc import Iterable
from datetime import timedelta

from sandbox.kube.clock import timestamp
from sandbox.kube.controllers.gate import PodGate
from sandbox.kube.controllers.loop import Key
from sandbox.kube.controllers.podstatus import Run, Stage, crash_message, pod_status, pull_error
from sandbox.kube.controllers.recorder import Note, Recorder
from sandbox.kube.document import Document, annotations_of, dig
from sandbox.kube.faults import Fault, FaultBook, FaultKind
from sandbox.kube.registry import Registry
from sandbox.kube.resources import POD
from sandbox.kube.store import Change
from sandbox.kube.timing import Timing

READY_AFTER_ANNOTATION = "sandbox.lockmaster.dev/ready-after"
"""On a pod: seconds from its start until it is ready."""

_NODES = ("sandbox-node-1", "sandbox-node-2")
_ASK_AGAIN = 1.0  # seconds until a gate that failed is asked again
_UNSCHEDULABLE = "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available."


class Kubelet:
    """Every node's kubelet at once. It remembers what runs; the pods' status only shows it."""

    def __init__(self, registry: Registry, recorder: Recorder, faults: FaultBook, timing: Timing) -> None:
        self._registry = registry
        self._recorder = recorder
        self._faults = faults
        self._timing = timing
        self._runs: dict[str, Run] = {}
        self._addresses = 0
        self.gate = PodGate()

    def keys(self, change: Change) -> Iterable[Key]:
        """The pod that changed."""
        if change.resource is not POD:
            return
        meta = change.document["metadata"]
        if change.type == "DELETED":
            self._runs.pop(meta["uid"], None)
            self.gate.forget(change.document)
        else:
            yield meta["namespace"], meta["name"]

    def every_pod(self) -> Iterable[Key]:
        """All pods: what a change of the faults concerns."""
        for pod in self._registry.store.documents(POD):
            yield pod["metadata"]["namespace"], pod["metadata"]["name"]

    def look(self, key: Key) -> float | None:
        """Move the pod to where it should be by now."""
        pod = self._registry.store.get(POD, *key)
        if pod is None:
            return None
        if "deletionTimestamp" in pod["metadata"]:
            return self._stop(pod)
        fault = self._faults.of(pod)
        if "nodeName" not in pod["spec"]:
            self._schedule(pod, fault)
            return None
        run = self._runs.get(pod["metadata"]["uid"]) or self._admit(pod)
        again = self._advance(pod, run, fault)
        self._report(pod, run, fault)
        return again

    def _schedule(self, pod: Document, fault: Fault | None) -> None:
        meta = pod["metadata"]
        if fault and fault.kind is FaultKind.PENDING:
            message = fault.message or _UNSCHEDULABLE
            now = timestamp(self._registry.clock.now())
            entry = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
            since = dig(pod, "status", "conditions", 0, "lastTransitionTime", default=now)
            status = pod["status"] | {"conditions": [entry | {"lastTransitionTime": since}]}
            self._write_status(pod, status)
            note = Note("FailedScheduling", message, "default-scheduler", warning=True)
            if dig(pod, "status", "conditions", 0, "message") != message:
                self._recorder.record(pod, note)
            return
        node = _NODES[int(meta["uid"][:4], 16) % len(_NODES)]
        placed = self._registry.modify(
            POD,
            (meta["namespace"], meta["name"]),
            lambda old: old | {"spec": old["spec"] | {"nodeName": node}},
        )
        assigned = f"Successfully assigned {meta['namespace']}/{meta['name']} to {node}"
        self._recorder.record(placed, Note("Scheduled", assigned, "default-scheduler"))

    def _admit(self, pod: Document) -> Run:
        self._addresses += 1
        address = f"10.244.{self._addresses // 250 % 250}.{self._addresses % 250 + 1}"
        run = Run(address, self._registry.clock.now())
        self._runs[pod["metadata"]["uid"]] = run
        return run

    def _advance(self, pod: Document, run: Run, fault: Fault | None) -> float | None:
        """One step of the containers; the seconds until the next."""
        kind = fault.kind if fault else None
        match run.stage:
            case Stage.WAITING | Stage.PULL_FAILED | Stage.PULL_BACK_OFF:
                return self._pull(pod, run, fault)
            case Stage.RUNNING if kind is FaultKind.CRASH_LOOP:
                left = self._left(run, self._timing.crash_after)
                return left or self._crash(pod, run, fault)
            case Stage.READY if kind is FaultKind.CRASH_LOOP:
                return self._crash(pod, run, fault)
            case Stage.RUNNING | Stage.READY if kind is FaultKind.NOT_READY:
                self._fail_probe(pod, run, fault)
                return None
            case Stage.RUNNING:
                return self._probe(pod, run)
            case Stage.CRASHED:
                left = self._left(run, run.back_off) if kind is FaultKind.CRASH_LOOP else 0.0
                return left or self._start(pod, run)
            case Stage.READY:
                return None

    def _left(self, run: Run, seconds: float) -> float:
        """What is missing until the pod has been in its stage for so long; 0 when it is over."""
        return max(
            (run.entered + timedelta(seconds=seconds) - self._registry.clock.now()).total_seconds(), 0.0
        )

    def _enter(self, run: Run, stage: Stage) -> None:
        run.stage, run.entered = stage, self._registry.clock.now()

    def _pull(self, pod: Document, run: Run, fault: Fault | None) -> float | None:
        image = pod["spec"]["containers"][0]["image"]
        if fault is None or fault.kind is not FaultKind.IMAGE_PULL:
            self._note(
                pod,
                "Pulled",
                f'Container image "{image}" already present on machine and can be accessed by the pod',
            )
            return self._start(pod, run)
        if run.stage is Stage.WAITING:
            self._enter(run, Stage.PULL_FAILED)
            self._note(pod, "Pulling", f'Pulling image "{image}"')
            self._note(
                pod, "Failed", f'Failed to pull image "{image}": {pull_error(image, fault)}', warning=True
            )
            self._note(pod, "Failed", "Error: ErrImagePull", warning=True)
            return self._timing.pull_retry
        if run.stage is Stage.PULL_FAILED and not self._left(run, self._timing.pull_retry):
            self._enter(run, Stage.PULL_BACK_OFF)
            self._note(pod, "BackOff", f'Back-off pulling image "{image}"')
            self._note(pod, "Failed", "Error: ImagePullBackOff", warning=True)
        return None

    def _start(self, pod: Document, run: Run) -> float:
        run.restarts += run.stage is Stage.CRASHED
        run.admitted = False
        self._enter(run, Stage.RUNNING)
        self._note(pod, "Created", f"Container created: {pod['spec']['containers'][0]['name']}")
        self._note(pod, "Started", f"Container started: {pod['spec']['containers'][0]['name']}")
        return 0.0

    def _probe(self, pod: Document, run: Run) -> float | None:
        wanted = annotations_of(pod).get(READY_AFTER_ANNOTATION)
        left = self._left(run, float(wanted) if wanted else self._timing.ready)
        if left:
            return left
        if self.gate.asks and not run.admitted:
            self.gate.ask(pod, run)
            return _ASK_AGAIN
        run.stage = Stage.READY  # the container's start stays the time it entered
        return None

    def _fail_probe(self, pod: Document, run: Run, fault: Fault | None) -> None:
        run.stage = Stage.RUNNING
        said = (fault.message if fault else "") or "HTTP probe failed with statuscode: 503"
        self._note(pod, "Unhealthy", f"Readiness probe failed: {said}", warning=True)

    def _crash(self, pod: Document, run: Run, fault: Fault | None) -> float:
        now = timestamp(self._registry.clock.now())
        run.last_end = {
            "exitCode": fault.code if fault else 1,
            "reason": fault.reason if fault else "Error",
            "startedAt": timestamp(run.entered),
            "finishedAt": now,
            "containerID": f"containerd://{pod['spec']['containers'][0]['name']}-{run.restarts}",
        }
        if fault and fault.message:
            run.last_end["message"] = fault.message
        run.back_off = self._next_back_off(run)
        run.crashes += 1
        run.admitted = False
        self._enter(run, Stage.CRASHED)
        if not run.back_off:
            return 0.0
        container = pod["spec"]["containers"][0]
        self._note(pod, "BackOff", crash_message(pod, container, run).capitalize(), warning=True)
        return run.back_off

    def _next_back_off(self, run: Run) -> float:
        """Seconds until a crashed container is started again: the first time at once, as the real kubelet does."""
        if not run.crashes:
            return 0.0
        return min(max(run.back_off * 2, self._timing.crash_backoff), self._timing.crash_backoff_limit)

    def _stop(self, pod: Document) -> float | None:
        """Stopping takes a moment, in which the pod still answers; then the object goes."""
        meta, run = pod["metadata"], self._runs.get(pod["metadata"]["uid"])
        if run and run.stopping is None:
            run.stopping = self._registry.clock.now()
            self._note(pod, "Killing", f"Stopping container {pod['spec']['containers'][0]['name']}")
        grace = min(self._timing.termination, meta.get("deletionGracePeriodSeconds", 0))
        if run and run.stopping:
            gone_by = run.stopping + timedelta(seconds=grace)
            left = (gone_by - self._registry.clock.now()).total_seconds()
            if left > 0:
                return left
        if "finalizers" not in meta:
            self._registry.delete(POD, (meta["namespace"], meta["name"]), {"gracePeriodSeconds": 0})
        return None

    def _report(self, pod: Document, run: Run, fault: Fault | None) -> None:
        self._write_status(pod, pod_status(pod, run, fault, timestamp(self._registry.clock.now())))

    def _write_status(self, pod: Document, status: Document) -> None:
        if status != pod.get("status"):
            place = pod["metadata"]["namespace"], pod["metadata"]["name"]
            self._registry.modify(POD, place, lambda old: old | {"status": status}, subresource="status")

    def _note(self, pod: Document, reason: str, message: str, *, warning: bool = False) -> None:
        self._recorder.record(pod, Note(reason, message, "kubelet", warning=warning))
