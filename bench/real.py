"""A stage with a real control plane: the bench's services in it, each with a pod that KWOK says is ready; Slack, Valkey, the bot."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bench.services import NAMESPACE, manifests, names
from bench.stage import Stage, empty, take_down
from tests.e2e.cluster.api import Api
from tests.e2e.cluster.plane import BOTS, GROUP, Plane, control_plane
from tests.e2e.cluster.programs import Programs

BOT = BOTS[0]
AT_ONCE = 48
"""Objects that are made side by side."""
STANDING = 300.0
"""Seconds for every pod of the bench to stand."""
PREPARING = {"LOCKMASTER_PACE": "100"}
"""So that a thousand releases start in minutes. Nothing that is measured is paced."""

ROLE: Mapping[str, Any] = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "Role",
    "metadata": {"name": GROUP, "namespace": NAMESPACE},
    "rules": [
        {"apiGroups": [""], "resources": ["services", "pods"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]},
        {
            "apiGroups": ["apps", "networking.istio.io", "autoscaling"],
            "resources": ["deployments", "virtualservices", "destinationrules", "horizontalpodautoscalers"],
            "verbs": ["get", "list", "watch", "create", "patch", "delete"],
        },
    ],
}
"""What the chart grants, for all names: that asks the server for fewer permissions at each start, and nothing else is different."""
BINDING: Mapping[str, Any] = {
    "apiVersion": ROLE["apiVersion"],
    "kind": "RoleBinding",
    "metadata": ROLE["metadata"],
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": GROUP},
    "subjects": [{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": GROUP}],
}


@dataclass(frozen=True, slots=True)
class RealStage:
    """`stage` is driven as the other one is; `plane` tells what its API server saw."""

    stage: Stage
    plane: Plane


@asynccontextmanager
async def staged(programs: Programs, services: int) -> AsyncIterator[RealStage]:
    """Bring all of it up, without the bot, and take it down with everything in it."""
    async with empty(services, PREPARING) as stage:
        folder = stage.folder / "plane"
        folder.mkdir()
        async with control_plane(folder, programs) as plane:
            children: list[asyncio.subprocess.Process] = []
            try:
                await _furnish(plane, services)
                children = await _start(stage, plane)
                yield RealStage(stage, plane)
            finally:
                await take_down(stage, children)


async def _start(stage: Stage, plane: Plane) -> list[asyncio.subprocess.Process]:
    plane.kubeconfig(stage.folder / "kubeconfig", BOT, namespace=NAMESPACE)
    watcher = (stage.ports.stub, plane.url, plane.certificate, plane.tokens["admin"])
    children = [await stage.part("witness", *watcher), await stage.slack_part()]
    for child, path in zip(
        children, (f"{stage.ports.stub}/bench/state", f"{stage.ports.slack}/api/api.test"), strict=True
    ):
        await stage.answers(path, child)
    return children


async def _furnish(plane: Plane, services: int) -> None:
    """Make every object, and wait until every Deployment has its pod."""
    namespace, *objects = manifests(names(services))
    async with plane.api() as api:
        for one in (namespace, ROLE, BINDING):
            await api.create(dict(one))
        left = iter(objects)
        await asyncio.gather(*(_create(api, left) for _ in range(AT_ONCE)))
        async with asyncio.timeout(STANDING):
            await _standing(api, services)


async def _create(api: Api, left: Iterable[dict[str, Any]]) -> None:
    for one in left:
        await api.create(one)


async def _standing(api: Api, services: int) -> None:
    missing = set(names(services))
    async for _, found in api.watch("deployments", NAMESPACE):
        if found.get("status", {}).get("readyReplicas"):
            missing.discard(found["metadata"]["name"])
        if not missing:
            return
