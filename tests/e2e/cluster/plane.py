"""A control plane on loopback: etcd, API server, controllers, scheduler, and KWOK in the place of nodes and kubelets.

    async with control_plane(folder, find_programs()) as plane:
        async with plane.api() as api: ...

What is real: storage, watches, admission, RBAC, quotas, garbage collection, Deployments, EndpointSlices, HPA floors, CRDs,
PodDisruptionBudgets. What is not: no container ever runs, so a pod is ready a moment after it has a node (but see `trouble`).
Every program is the child of the process that started it, and dies with it, also by SIGKILL.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from sandbox.child import start_child, stop_child
from sandbox.kube.document import Document
from sandbox.world.environment import process_environment
from sandbox.world.ports import free_ports
from tests.e2e.cluster.api import Api
from tests.e2e.cluster.programs import Programs
from tests.e2e.cluster.stages import say_again
from tests.support.until import until

ADMIN, NOBODY = "admin", "nobody"
GROUP = "lockmaster"
BOTS = tuple(f"lockmaster-{number}" for number in range(10))
"""Users for replicas of the bot, all in the group `lockmaster`, which may do nothing until a test gives it a Role."""

CONTROLLERS = (
    "deployment-controller",
    "disruption-controller",
    "endpointslice-controller",
    "garbage-collector-controller",
    "horizontal-pod-autoscaler-controller",
    "namespace-controller",
    "replicaset-controller",
    "resourcequota-controller",
)
UNUSED = ("ServiceAccount", "TaintNodesByCondition")
"""Admission that waits for controllers and kubelets that are not there."""

ISTIO_KINDS = ("  name: virtualservices.", "  name: destinationrules.")
NODE: Document = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-0"}}
NODE_STAGE = "node-initialize"
UP = 90.0
"""Seconds that each part has to come up."""


@dataclass(frozen=True, slots=True)
class Plane:
    """`url` answers by TLS with `certificate`; `tokens` are the users' bearer tokens."""

    url: str
    folder: Path
    certificate: Path
    tokens: Mapping[str, str]

    @property
    def audit_log(self) -> Path:
        """JSON lines: everything bots asked for, and every write of people; see `audit`."""
        return self.folder / "audit.jsonl"

    def is_certified(self) -> bool:
        """Whether the server has written its certificate, to the end."""
        return self.certificate.exists() and "END CERTIFICATE" in self.certificate.read_text()

    def api(self, user: str = ADMIN) -> AbstractAsyncContextManager[Api]:
        """A connection of that user's."""
        return Api.connect(self.url, self.certificate, self.tokens[user])

    def kubeconfig(self, path: Path, user: str, *, server: str = "", namespace: str = "default") -> Path:
        """Write a kubeconfig for a user; `server` is another door to the same cluster. Returns the path."""
        cluster: Document = {"server": server or self.url}
        if not server:
            cluster["certificate-authority"] = str(self.certificate)
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": user,
            "clusters": [{"name": "real", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": self.tokens[user]}}],
            "contexts": [
                {"name": user, "context": {"cluster": "real", "user": user, "namespace": namespace}}
            ],
        }
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        path.chmod(0o600)
        return path


@asynccontextmanager
async def control_plane(folder: Path, programs: Programs) -> AsyncIterator[Plane]:
    """Start everything in a folder of its own, with CRDs established and the node ready. Must be called on the main thread."""
    client, peer, secure = free_ports(3)
    tokens = {user: secrets.token_hex(16) for user in (ADMIN, NOBODY, *BOTS)}
    plane = Plane(f"https://127.0.0.1:{secure}", folder, folder / "certificates" / "apiserver.crt", tokens)
    async with AsyncExitStack() as stack:
        with _last_words(folder):
            await _run(stack, plane, programs, "etcd", _etcd(folder, client, peer))
            await _run(stack, plane, programs, "kube-apiserver", _api_server(plane, client, secure))
            await until(plane.is_certified, within=UP)
            await _begin(stack, plane, programs)
        yield plane


async def _begin(stack: AsyncExitStack, plane: Plane, programs: Programs) -> None:
    """Once there is an API server."""
    async with plane.api() as api:
        await until(api.is_ready, within=UP)
        await _furnish(api, programs.manifests)
        for name, words in _controllers(plane).items():
            await _run(stack, plane, programs, name, words)
        await _manage_nodes(stack, plane, programs, api)


async def _manage_nodes(stack: AsyncExitStack, plane: Plane, programs: Programs, api: Api) -> None:
    """KWOK, and anew where it took no notice of the node, as it once did: what is tested here is not KWOK."""
    kwok = await _run(stack, plane, programs, "kwok", _kwok(plane))
    try:
        await _until_managed(api)
    except AssertionError:
        await stop_child(kwok, 0.0)
        await _run(stack, plane, programs, "kwok", _kwok(plane))
        await _until_managed(api)


@contextmanager
def _last_words(folder: Path) -> Iterator[None]:
    """What the programs said last stands beside a failure: it may be seen once, on a machine that is gone."""
    try:
        yield
    except AssertionError as failure:
        for path in sorted(folder.glob("*.log")):
            failure.add_note(f"{path.name}: {path.read_text(errors='replace')[-1000:] or 'nothing'}")
        raise


async def _until_managed(api: Api) -> None:
    node = NODE["metadata"]["name"]

    async def is_ready() -> bool:
        await say_again(api, "stages", NODE_STAGE)
        await say_again(api, "nodes", node)
        return await api.has_condition("nodes", node, "Ready")

    await until(is_ready, within=UP)
    await say_again(api, "stages", NODE_STAGE)  # those of pods were read with it, but may have been left out


async def _run(
    stack: AsyncExitStack, plane: Plane, programs: Programs, name: str, words: Sequence[str]
) -> asyncio.subprocess.Process:
    environment = process_environment({"KWOK_WORKDIR": str(plane.folder / "kwok")})
    child = await start_child((programs.path(name), *words), plane.folder / f"{name}.log", env=environment)
    stack.push_async_callback(stop_child, child, 0.0)
    return child


def _etcd(folder: Path, client: int, peer: int) -> tuple[str, ...]:
    here, there = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return (
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={here}",
        f"--advertise-client-urls={here}",
        f"--listen-peer-urls={there}",
        f"--initial-advertise-peer-urls={there}",
        f"--initial-cluster=default={there}",
        "--unsafe-no-fsync",
        "--log-level=error",
    )


def _api_server(plane: Plane, etcd: int, port: int) -> tuple[str, ...]:
    folder, key = plane.folder, plane.certificate.with_suffix(".key")
    (folder / "tokens.csv").write_text(_token_file(plane.tokens))
    (folder / "audit.yaml").write_text(yaml.safe_dump(_audit_policy()))
    return (
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={port}",
        # It signs its own certificate there, and reads that key again to sign service accounts' tokens.
        f"--cert-dir={plane.certificate.parent}",
        f"--service-account-signing-key-file={key}",
        f"--service-account-key-file={key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-cluster-ip-range=10.96.0.0/16",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        f"--audit-policy-file={folder / 'audit.yaml'}",
        f"--audit-log-path={plane.audit_log}",
        f"--disable-admission-plugins={','.join(UNUSED)}",
        "--endpoint-reconciler-type=none",
        "--profiling=false",
    )


def _token_file(tokens: Mapping[str, str]) -> str:
    groups = {ADMIN: ',"system:masters"'} | dict.fromkeys(BOTS, f',"{GROUP}"')
    return "".join(f"{token},{user},{user}{groups.get(user, '')}\n" for user, token in tokens.items())


def _audit_policy() -> Document:
    writes = ["create", "update", "patch", "delete", "deletecollection"]
    rules = [
        {"level": "RequestResponse", "userGroups": [GROUP], "verbs": writes},
        {"level": "Metadata", "userGroups": [GROUP]},
        {"level": "None", "userGroups": ["system:authenticated"], "resources": _NOISE},
        {"level": "Metadata", "verbs": writes, "userGroups": ["system:authenticated"]},
        {"level": "None"},
    ]
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "omitManagedFields": True,
        "rules": rules,
    }


_NOISE = [
    {"group": "", "resources": ["events"]},
    {"group": "events.k8s.io"},
    {"group": "coordination.k8s.io"},
]


def _kwok(plane: Plane) -> tuple[str, ...]:
    return f"--kubeconfig={_kubeconfig(plane)}", "--manage-all-nodes=true", "--enable-crds=Stage"


def _kubeconfig(plane: Plane) -> Path:
    return plane.kubeconfig(plane.folder / "kubeconfig", ADMIN)


def _controllers(plane: Plane) -> dict[str, tuple[str, ...]]:
    usual = (f"--kubeconfig={_kubeconfig(plane)}", "--leader-elect=false", "--secure-port=0")
    quick = ("--kube-api-qps=1000", "--kube-api-burst=2000")
    controllers = (
        f"--controllers={','.join(CONTROLLERS)}",
        "--horizontal-pod-autoscaler-sync-period=1s",
        "--concurrent-deployment-syncs=20",
        "--concurrent-replicaset-syncs=20",
    )
    return {
        "kube-controller-manager": (*usual, *quick, *controllers),
        "kube-scheduler": (*usual, *quick),
    }


async def _furnish(api: Api, manifests: Sequence[Path]) -> None:
    """The CRDs, and when they are served, the objects that need them."""
    documents = [found for path in manifests for found in _documents(path)]
    definitions = [found for found in documents if found["kind"] == "CustomResourceDefinition"]
    for found in definitions:
        await api.create(found)
    for found in definitions:
        await api.until_condition("customresourcedefinitions", found["metadata"]["name"], "Established")
    for found in (*(other for other in documents if other not in definitions), NODE):
        await api.create(found)


def _documents(path: Path) -> list[Document]:
    """Of Istio's fourteen kinds in one file, those that tests use: each costs the server time and memory."""
    pieces = path.read_text(encoding="utf-8").split("\n---\n")
    wanted = (
        piece for piece in pieces if ".istio.io" not in piece or any(name in piece for name in ISTIO_KINDS)
    )
    return [found for piece in wanted if (found := yaml.load(piece, yaml.CSafeLoader))]
