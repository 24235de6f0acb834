"""The emulator refuses what the real API server refuses, in the same words: where they differ, the emulator is wrong."""

import json
import re
from typing import Any

import aiohttp
import pytest

from sandbox.kube import KubeEmulator, demo
from sandbox.kube.document import Document
from tests.e2e.cluster.api import Api, ApiError
from tests.support.plane import ASKED

pytestmark = pytest.mark.skipif(not ASKED, reason="needs the real control plane: make e2e")

ROUTES = "/apis/networking.istio.io/v1/namespaces/{}/virtualservices"
RULES = "/apis/networking.istio.io/v1/namespaces/{}/destinationrules"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{}/deployments"
MERGE, PLAIN = "application/merge-patch+json", "application/json"
STRANGER = "00000000-0000-0000-0000-000000000000"


def route(destination: object) -> Document:
    return {"spec": {"http": [{"route": [destination]}]}}


def meta(**fields: object) -> Document:
    return {"metadata": fields}


def containers(*names: str) -> Document:
    return {"spec": {"template": {"spec": {"containers": [{"name": name, "image": "a"} for name in names]}}}}


PATCHES: dict[str, tuple[str, Document]] = {
    "a weight that is a text": (ROUTES, route({"destination": {"host": "a"}, "weight": "5"})),
    "a weight with a fraction": (ROUTES, route({"destination": {"host": "a"}, "weight": 1.5})),
    "a weight below zero": (ROUTES, route({"destination": {"host": "a"}, "weight": -1})),
    "a route to nowhere": (ROUTES, route({"weight": 5})),
    "a route to no host": (ROUTES, route({"destination": {}, "weight": 5})),
    "an unknown field": (ROUTES, {"spec": {"bogus": 1}}),
    "an older version": (ROUTES, meta(resourceVersion="1", labels={"a": "b"})),
    "a version that is no number": (ROUTES, meta(resourceVersion="x", labels={"a": "b"})),
    "another object's uid": (DEPLOYMENTS, meta(uid=STRANGER)),
    "a label with a blank": (DEPLOYMENTS, meta(labels={"a": "b c"})),
    "another selector": (DEPLOYMENTS, {"spec": {"selector": {"matchLabels": {"x": "y"}}}}),
    "fewer pods than none": (DEPLOYMENTS, {"spec": {"replicas": -1}}),
    "two containers of one name": (DEPLOYMENTS, containers("a", "a")),
    "a subset without a name": (RULES, {"spec": {"subsets": [{"labels": {"a": "b"}}]}}),
    "a subset that selects by a number": (RULES, {"spec": {"subsets": [{"name": "a", "labels": {"a": 1}}]}}),
}
OTHERS: dict[str, tuple[str, str, Document]] = {
    "created in another namespace": ("POST", DEPLOYMENTS, meta(name="new", namespace="other")),
    "deleted, but another": ("DELETE", DEPLOYMENTS + "/checkout", {"preconditions": {"uid": STRANGER}}),
    "deleted, but older": ("DELETE", ROUTES + "/checkout", {"preconditions": {"resourceVersion": "1"}}),
    "deleted, but not there": ("DELETE", DEPLOYMENTS + "/nothing", {}),
}
REQUESTS = {name: ("PATCH", f"{path}/checkout", body, MERGE) for name, (path, body) in PATCHES.items()} | {
    name: (*request, PLAIN) for name, request in OTHERS.items()
}


async def answer(api: Api, request: tuple[str, str, Document, str], namespace: str) -> list[Any]:
    """What is told of a refusal, without what differs from one cluster to the next; the kind of what was written else."""
    method, path, body, kind = request
    try:
        found = await api.request(method, path.format(namespace), body, kind=kind)
    except ApiError as error:
        status = error.status
        causes = {json.dumps(one, sort_keys=True) for one in status.get("details", {}).get("causes", ())}
        message = re.sub(r"in record \(.*?\)", "in record", status["message"])
        return [error.code, status.get("reason"), message, sorted(causes)]
    return [200, found["kind"]]


async def test_both_give_the_same_answers(people: Api) -> None:
    async with KubeEmulator() as kube, aiohttp.ClientSession(kube.url) as session:
        kube.seed(demo.manifests())
        emulated = {
            name: await answer(Api(session), request, demo.NAMESPACE) for name, request in REQUESTS.items()
        }
    namespace = "emulated"
    for found in demo.manifests():
        name = namespace if found["kind"] == "Namespace" else found["metadata"]["name"]
        own = {} if found["kind"] == "Namespace" else {"namespace": namespace}
        await people.create(found | {"metadata": found["metadata"] | {"name": name} | own})

    real = {name: await answer(people, request, namespace) for name, request in REQUESTS.items()}

    assert emulated == real
    await people.delete("namespaces", namespace)
