"""Pods that fail, in the kubelet's own words: a KWOK `Stage` for each trouble, chosen before the one that makes pods ready.

    async with trouble(api, image, IMAGE_PULL): ...     # pods of that image that start meanwhile

A pod that runs already is put in trouble by `strike`. When the block ends, pods of the image that are not ready are deleted, so that
their ReplicaSets try again. A pod that no node can take needs no stage: give its container an impossible request of CPU.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from sandbox.kube.document import Document
from tests.e2e.cluster.api import Api, holds
from tests.e2e.cluster.stages import tell

_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the one container's status says: `state` and `last` as in `containerStatuses`."""

    state: Mapping[str, object]
    last: Mapping[str, object] = field(default_factory=dict)
    restarts: int = 0

    def status(self, container: str, image: str) -> Document:
        """The pod's status."""
        conditions = [
            {"type": kind, "status": "False", "reason": "ContainersNotReady"}
            for kind in ("Ready", "ContainersReady")
        ]
        one = {
            "name": container,
            "image": image,
            "imageID": "",
            "ready": False,
            "started": False,
            "restartCount": self.restarts,
            "state": _filled(self.state, image),
            "lastState": _filled(self.last, image),
        }
        phase = "Pending" if "imagepull" in str(self.state).lower() else "Running"
        return {"phase": phase, "conditions": conditions, "containerStatuses": [one]}


def _waiting(reason: str, message: str) -> Document:
    return {"waiting": {"reason": reason, "message": message}}


def _ended(reason: str, code: int) -> Document:
    return {"terminated": {"reason": reason, "exitCode": code}}


IMAGE_PULL: Final = Trouble(_waiting("ImagePullBackOff", 'Back-off pulling image "{image}"'))
CRASH_LOOP: Final = Trouble(
    _waiting("CrashLoopBackOff", "back-off 10s restarting failed container"), _ended("Error", 1), 3
)
NOT_READY: Final = Trouble({"running": {"startedAt": "2026-01-01T00:00:00Z"}})


@asynccontextmanager
async def trouble(api: Api, image: str, what: Trouble, namespace: str = "") -> AsyncIterator[None]:
    """Let pods of an image get into trouble as they start; of one namespace, or of all."""
    stage = await tell(api, trouble_stage(image, what, namespace))
    try:
        yield
    finally:
        await api.delete("stages", stage)
        for pod in await api.listed("pods", namespace):
            if _image(pod) == image and not holds(pod, "Ready"):
                await api.delete("pods", pod["metadata"]["name"], pod["metadata"]["namespace"], grace=0)


async def strike(api: Api, pod: Document, what: Trouble) -> None:
    """Put a pod in trouble now, whatever it did before; it stays there."""
    meta, container = pod["metadata"], pod["spec"]["containers"][0]
    status = what.status(container["name"], container["image"])
    await api.merge("pods", meta["name"], {"status": status}, meta["namespace"], "status")


def trouble_stage(image: str, what: Trouble, namespace: str = "") -> Document:
    """The same as an object, to be created; it bears the label `trouble: "true"`."""
    expressions = [
        {"key": ".spec.containers[].image", "operator": "In", "values": [image]},
        {"key": ".metadata.deletionTimestamp", "operator": "DoesNotExist"},
        {"key": ".status.phase", "operator": "In", "values": ["Pending"]},
    ]
    if namespace:
        expressions.append({"key": ".metadata.namespace", "operator": "In", "values": [namespace]})
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": f"trouble-{next(_NUMBERS)}", "labels": {"trouble": "true"}},
        "spec": {
            "resourceRef": {"apiGroup": "v1", "kind": "Pod"},
            "selector": {"matchExpressions": expressions},
            # Stages without a weight are left alone where one with a weight fits.
            "weight": 1,
            "next": {"statusTemplate": _template(what, image)},
        },
    }


def _template(what: Trouble, image: str) -> str:
    """YAML with Go's template language; JSON is YAML too, and the container's name is the pod's own."""
    text = json.dumps(what.status("NAME", image))
    return text.replace('"NAME"', "{{ (index .spec.containers 0).name | Quote }}")


def _filled(state: Mapping[str, object], image: str) -> Document:
    return {
        kind: {
            key: value.replace("{image}", image) if isinstance(value, str) else value
            for key, value in said.items()
        }
        for kind, said in state.items()
        if isinstance(said, dict)
    }


def _image(pod: Document) -> str:
    return str(pod["spec"]["containers"][0]["image"])
