"""The real adapters on the real API server, in the demo's namespace, emptied before each test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.clock import SystemClock
from adapters.cluster import Cluster
from bot.ports.workloads import Track
from sandbox.kube import Interference, demo
from sandbox.kube.document import Document
from tests.e2e.cluster.api import Api, ApiError
from tests.e2e.cluster.denial import LABEL
from tests.e2e.cluster.grants import grants
from tests.e2e.cluster.passage import Passage
from tests.e2e.cluster.plane import BOTS, GROUP, Plane
from tests.e2e.cluster.stages import tell
from tests.e2e.cluster.trouble import IMAGE_PULL, trouble_stage
from tests.support.until import until
from tests.support.worlds import CATALOGUE, CHECKOUT, ISTIO, ServerWorld, settled

BOT = BOTS[0]
RBAC = "rbac.authorization.k8s.io/v1"
EMPTIED = (
    "deployments",
    "replicasets",
    "pods",
    "horizontalpodautoscalers",
    "virtualservices",
    "destinationrules",
    "services",
    "resourcequotas",
)
"""What tests leave in the namespace, owners first."""

LEAVE_TO_LOOK: tuple[Document, ...] = (
    {
        "apiVersion": RBAC,
        "kind": "ClusterRole",
        "metadata": {"name": "namespaces"},
        "rules": [
            {"apiGroups": [""], "resources": ["namespaces"], "resourceNames": ["shop"], "verbs": ["get"]}
        ],
    },
    {
        "apiVersion": RBAC,
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "namespaces"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "namespaces"},
        "subjects": [{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": GROUP}],
    },
)
"""A Role is deleted with its namespace: who is to see the namespace go needs leave from outside of it."""


class RealWorld(ServerWorld):
    """With no more rights than the project's own Role gives. `people` has every right, and passes by what interferes."""

    def __init__(self, people: Api, passage: Passage, cluster: Cluster, bot: Api) -> None:
        super().__init__("", people.session, cluster)
        self.people = people
        self._passage = passage
        self._bot = bot

    async def break_image(self, image: str) -> None:
        await tell(self.people, trouble_stage(image, IMAGE_PULL, CHECKOUT.namespace))

    async def lose_next_answer(self) -> None:
        self._passage.interfere(Interference(method="PATCH", status=504, applied=True))

    async def deny_next_write(self) -> None:
        await self.people.merge("namespaces", CHECKOUT.namespace, {"metadata": {"labels": {LABEL: "true"}}})
        await until(self._is_denied)

    async def _is_denied(self) -> bool:
        """The server takes a label into account a moment after it took the label."""
        path = f"/{ISTIO}/namespaces/{CHECKOUT.namespace}/virtualservices/checkout"
        query = {"dryRun": "All"}
        kind = "application/merge-patch+json"
        try:
            await self._bot.request(
                "PATCH", path, {"metadata": {"labels": {"a": "b"}}}, kind=kind, query=query
            )
        except ApiError as error:
            return error.code == 422
        return False


@asynccontextmanager
async def real(plane: Plane, directory: Path) -> AsyncIterator[RealWorld]:
    """The demo's cluster on the real API server, everything in it ready."""
    async with plane.api() as people, plane.api(BOT) as bot, Passage.before(plane) as passage:
        await _furnish(people)
        kubeconfig = plane.kubeconfig(directory / "kubeconfig", BOT, server=passage.url)
        async with Cluster.connect(kubeconfig, CATALOGUE, SystemClock()) as cluster:
            world = RealWorld(people, passage, cluster, bot)
            await settled(world, Track.STABLE)
            yield world


async def _furnish(people: Api) -> None:
    namespace, *rest = demo.manifests()
    await _empty(people, namespace)
    for document in (*grants(CHECKOUT.namespace), *LEAVE_TO_LOOK, *rest):
        await people.create_if_missing(document)


async def _empty(people: Api, namespace: Document) -> None:
    """The namespace without anything of the test before; a new one where that deleted it."""
    name = namespace["metadata"]["name"]
    for stage in await people.listed("stages", selector="trouble=true"):
        await people.delete("stages", stage["metadata"]["name"])
    found = await people.find("namespaces", name)
    if found and "deletionTimestamp" in found["metadata"]:

        async def is_gone() -> bool:
            return await people.find("namespaces", name) is None

        await until(is_gone, within=60.0)
        found = None
    if found is None:
        await people.create(namespace)
        return
    await people.merge("namespaces", name, {"metadata": {"labels": {LABEL: None}}})

    async def is_empty() -> bool:
        for plural in EMPTIED:
            await people.clear(plural, name)
        return not any([await people.listed(plural, name) for plural in EMPTIED])

    await until(is_empty)
