"""The door without watches: as a command in a terminal uses it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.kubernetes.door import Door
from adapters.kubernetes.resources import DEPLOYMENT, POD, Ref
from tests.fakes.clock import FakeClock
from tests.unit.adapters.kubernetes.server import Answer, Script, refuse, say, scripted

CHECKOUT = Ref(DEPLOYMENT, "shop", "checkout")
YES, NO = (say({"status": {"allowed": allowed}}) for allowed in (True, False))
FOUND = {"metadata": {"name": "checkout", "uid": "u-1", "resourceVersion": "7"}}


@asynccontextmanager
async def opened(directory: Path, *answers: Answer) -> AsyncIterator[tuple[Door, Script]]:
    async with scripted(*answers) as script, Door.open(script.kubeconfig(directory), FakeClock()) as door:
        yield door, script


async def test_without_watches_every_read_asks_and_nothing_is_stale(tmp_path: Path) -> None:
    async with opened(tmp_path, say(FOUND)) as (door, script):
        assert door.age() == 0
        assert await door.read(CHECKOUT) == FOUND
        assert await door.read(CHECKOUT) == FOUND

    assert len(script.asked) == 2


@pytest.mark.parametrize("how", ["group", "labelled"])
async def test_groups_and_labels_are_asked_for_by_selector(tmp_path: Path, how: str) -> None:
    async with opened(tmp_path, say({"items": [FOUND]})) as (door, script):
        if how == "group":
            found = await door.group(POD, "shop", "checkout", "app=checkout,tier=web")
        else:
            found = await door.labelled(POD, "shop", "app", "checkout")

    assert found == (FOUND,)
    [asked] = script.asked
    assert asked.path == "/api/v1/namespaces/shop/pods"
    assert asked.query == {"labelSelector": "app=checkout,tier=web" if how == "group" else "app=checkout"}


async def test_a_deletion_names_exactly_what_was_seen(tmp_path: Path) -> None:
    async with opened(tmp_path, say({})) as (door, script):
        await door.delete(FOUND, CHECKOUT)

    [asked] = script.asked
    assert (asked.method, asked.path) == ("DELETE", "/apis/apps/v1/namespaces/shop/deployments/checkout")
    assert asked.body == {
        "preconditions": {"uid": "u-1", "resourceVersion": "7"},
        "propagationPolicy": "Background",
    }


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [
        (YES, True),
        (NO, False),
        (refuse(403, "no reviews here"), True),
        (refuse(404, "not found"), True),
    ],
)
async def test_a_permission_is_missing_only_where_the_server_says_so(
    tmp_path: Path, answer: Answer, *, allowed: bool
) -> None:
    async with opened(tmp_path, answer) as (door, script):
        assert await door.allowed("patch", CHECKOUT) is allowed

    assert script.asked[0].body == {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {
            "resourceAttributes": {
                "verb": "patch",
                "group": "apps",
                "resource": "deployments",
                "namespace": "shop",
                "name": "",
            }
        },
    }


async def test_a_permission_for_the_namespace_is_asked_once_a_minute(tmp_path: Path) -> None:
    async with opened(tmp_path, YES) as (door, script):
        assert await door.allowed("patch", CHECKOUT)
        assert await door.allowed("patch", replace(CHECKOUT, name="payments"))

    assert len(script.asked) == 1


async def test_what_the_namespace_denies_is_asked_by_name_and_a_denial_is_asked_again(tmp_path: Path) -> None:
    async with opened(tmp_path, NO, NO, NO, YES) as (door, script):
        assert not await door.allowed("patch", CHECKOUT)
        assert await door.allowed("patch", CHECKOUT)

    names = [asked.body["spec"]["resourceAttributes"]["name"] for asked in script.asked]
    assert names == ["", "checkout", "", "checkout"]


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (say({"status": {"userInfo": {"username": "ana@example"}}}), "ana@example"),
        (refuse(404, "old"), "ana"),
    ],
)
async def test_we_are_who_the_server_says_else_who_the_kubeconfig_says(
    tmp_path: Path, answer: Answer, name: str
) -> None:
    async with opened(tmp_path, answer) as (door, _):
        assert await door.identity() == name
