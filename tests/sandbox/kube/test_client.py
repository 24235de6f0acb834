"""The stock asynchronous client, as the bot uses it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes.aio import watch
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.client.api.apps_v1_api import AppsV1Api
from kubernetes.aio.client.api.coordination_v1_api import CoordinationV1Api
from kubernetes.aio.client.api.core_v1_api import CoreV1Api
from kubernetes.aio.client.api.custom_objects_api import CustomObjectsApi
from kubernetes.aio.client.exceptions import ApiException
from kubernetes.aio.config.kube_config import load_kube_config
from kubernetes.aio.dynamic import DynamicClient

from sandbox.kube import KubeEmulator
from sandbox.kube.clock import ManualClock, settle
from tests.sandbox.kube.wire import JSON_PATCH, MERGE, Wire, deployment, virtual_service

ISTIO = ("networking.istio.io", "v1", "default", "virtualservices")


@pytest.fixture
async def client(kube: KubeEmulator, tmp_path: Path) -> AsyncIterator[Any]:
    configuration = Configuration()
    path = kube.kubeconfig(tmp_path / "config")
    await load_kube_config(str(path), client_configuration=configuration, persist_config=False)
    async with ApiClient(configuration) as made:
        yield made


async def test_the_typed_client_creates_reads_and_scales(client: Any, clock: ManualClock) -> None:
    apps: Any = AppsV1Api(client)
    core: Any = CoreV1Api(client)
    created = await apps.create_namespaced_deployment("default", deployment(replicas=2), _request_timeout=5)
    assert (created.metadata.generation, created.spec.replicas) == (1, 2)
    await clock.advance(1)
    read = await apps.read_namespaced_deployment("web", "default", _request_timeout=5)
    assert (read.status.ready_replicas, read.status.observed_generation) == (2, 1)
    pods = await core.list_namespaced_pod("default", label_selector="app=web", _request_timeout=5)
    assert [pod.status.phase for pod in pods.items] == ["Running", "Running"]
    scale = {"spec": {"replicas": 3}}
    await apps.patch_namespaced_deployment_scale("web", "default", scale, _request_timeout=5)
    await settle()
    assert len((await core.list_namespaced_pod("default", _request_timeout=5)).items) == 3
    image = {
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "registry.example/web:v2"}]}}}
    }
    patched = await apps.patch_namespaced_deployment("web", "default", image, _request_timeout=5)
    assert patched.spec.template.spec.containers[0].image == "registry.example/web:v2"


async def test_custom_objects_are_patched_by_merge_and_by_json_patch(client: Any) -> None:
    custom: Any = CustomObjectsApi(client)
    created = await custom.create_namespaced_custom_object(*ISTIO, virtual_service(), _request_timeout=5)
    version = created["metadata"]["resourceVersion"]
    change = {"metadata": {"resourceVersion": version, "annotations": {"a": "b"}}}
    options: dict[str, Any] = {"_content_type": MERGE, "_request_timeout": 5}
    patched = await custom.patch_namespaced_custom_object(*ISTIO, "web", change, **options)
    assert patched["metadata"]["annotations"] == {"a": "b"}
    with pytest.raises(ApiException) as raised:
        await custom.patch_namespaced_custom_object(*ISTIO, "web", change | {"spec": {}}, **options)
    assert raised.value.status == 409
    weight = [{"op": "replace", "path": "/spec/http/0/route/0/weight", "value": 50}]
    options["_content_type"] = JSON_PATCH
    patched = await custom.patch_namespaced_custom_object(*ISTIO, "web", weight, **options)
    assert patched["spec"]["http"][0]["route"][0]["weight"] == 50


async def test_a_list_and_its_watch_see_every_change_once(client: Any, wire: Wire) -> None:
    core: Any = CoreV1Api(client)
    listed = await core.list_namespaced_config_map("default", _request_timeout=5)
    for name in ("a", "b"):
        await wire.create("/api/v1/namespaces/default/configmaps", {"metadata": {"name": name}})
    seen = []
    async with watch.Watch() as stream:
        version = listed.metadata.resource_version
        options: dict[str, Any] = {"timeout_seconds": 5, "_request_timeout": 5}
        async for event in stream.stream(
            core.list_namespaced_config_map, "default", resource_version=version, **options
        ):
            seen.append((event["type"], event["object"].metadata.name))
            if len(seen) == 2:
                break
    assert seen == [("ADDED", "a"), ("ADDED", "b")]


async def test_a_watch_that_is_too_old_raises_gone(client: Any, wire: Wire, kube: KubeEmulator) -> None:
    core: Any = CoreV1Api(client)
    await wire.create("/api/v1/namespaces/default/configmaps", {"metadata": {"name": "a"}})
    kube.store.compact()
    options: dict[str, Any] = {"resource_version": "1", "timeout_seconds": 5, "_request_timeout": 5}
    async with watch.Watch() as stream:
        events = stream.stream(core.list_namespaced_config_map, "default", **options)
        with pytest.raises(ApiException) as raised:
            await anext(events)
    assert raised.value.status == 410


async def test_the_dynamic_client_discovers_the_kinds(client: Any) -> None:
    dynamic: Any = await DynamicClient(client)
    routes = await dynamic.resources.get(api_version="networking.istio.io/v1", kind="VirtualService")
    await routes.create(body=virtual_service(), namespace="default", _request_timeout=5)
    change = {"metadata": {"labels": {"a": "b"}}}
    with pytest.raises(ApiException) as raised:
        await routes.patch(body=change, name="web", namespace="default", _request_timeout=5)
    assert raised.value.status == 415
    patched = await routes.patch(
        body=change, name="web", namespace="default", content_type=MERGE, _request_timeout=5
    )
    assert patched.metadata.labels.a == "b"


async def test_a_lease_is_taken_by_whoever_writes_first(client: Any) -> None:
    leases: Any = CoordinationV1Api(client)
    body = {"metadata": {"name": "bot"}, "spec": {"holderIdentity": "a", "leaseDurationSeconds": 5}}
    lease = await leases.create_namespaced_lease("default", body, _request_timeout=5)
    lease.spec.holder_identity = "b"
    taken = await leases.replace_namespaced_lease("bot", "default", lease, _request_timeout=5)
    assert taken.spec.holder_identity == "b"
    with pytest.raises(ApiException) as raised:
        await leases.replace_namespaced_lease("bot", "default", lease, _request_timeout=5)
    assert raised.value.status == 409
