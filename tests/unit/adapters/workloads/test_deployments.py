"""What the fakes do not model: other people's Deployments, and controllers that write at the same moment."""

import asyncio

import pytest

from bot.errors import Conflict, Refused
from bot.ports.workloads import Track
from bot.release.grant import Grant
from sandbox.kube import Interference
from sandbox.kube.resources import DEPLOYMENT
from tests.support.worlds import APPS, CHECKOUT, EmulatorWorld, settled

GRANT = Grant("checkout", "R-7", 1)
NEW = f"{CHECKOUT.image}:v1.3.0"


async def test_a_409_is_read_again_and_then_written(emulator: EmulatorWorld) -> None:
    emulator.kube.interferences.add(Interference(method="PATCH", status=409, times=2))

    await emulator.workloads.set_stable_image(GRANT, CHECKOUT, image=NEW, version="v1.3.0")

    assert (await settled(emulator, Track.STABLE)).image == NEW


async def test_a_409_that_does_not_end_is_a_conflict(emulator: EmulatorWorld) -> None:
    emulator.kube.interferences.add(Interference(method="PATCH", status=409, times=0))

    with pytest.raises(Conflict, match="the object has been modified"):
        await emulator.workloads.set_stable_image(GRANT, CHECKOUT, image=NEW, version="v1.3.0")


async def test_one_patch_changes_nothing_but_what_was_asked_for(emulator: EmulatorWorld) -> None:
    before = emulator.kube.store.get(DEPLOYMENT, "shop", "checkout")
    assert before is not None
    await emulator.workloads.mark_stable(GRANT, CHECKOUT)
    await settled(emulator, Track.STABLE)
    await emulator.workloads.unmark_stable(GRANT, CHECKOUT)
    await settled(emulator, Track.STABLE)

    after = emulator.kube.store.get(DEPLOYMENT, "shop", "checkout")

    assert after is not None
    assert after["spec"] == before["spec"]
    assert set(after["metadata"]["annotations"]) == {"deployment.kubernetes.io/revision"}


async def test_a_deployment_of_the_canarys_name_that_no_release_made_is_left_alone(
    emulator: EmulatorWorld,
) -> None:
    theirs = await emulator.get(APPS, "deployments", "checkout")
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": CHECKOUT.canary},
        "spec": theirs["spec"],
    }
    await emulator.send("POST", APPS, "deployments", "", body)
    await settled(emulator, Track.CANARY)

    with pytest.raises(
        Refused, match="Deployment shop/checkout-canary exists, and Lockmaster did not make it"
    ):
        await emulator.workloads.ensure_canary(GRANT, CHECKOUT, image=NEW, version="v1.3.0", replicas=1)
    await emulator.workloads.remove_canary(GRANT, CHECKOUT)

    assert emulator.kube.store.get(DEPLOYMENT, "shop", CHECKOUT.canary) is not None


async def test_two_who_make_the_canary_at_once_make_one(emulator: EmulatorWorld) -> None:
    await asyncio.gather(
        *(
            emulator.workloads.ensure_canary(GRANT, CHECKOUT, image=NEW, version="v1.3.0", replicas=1)
            for _ in range(3)
        )
    )

    found = await settled(emulator, Track.CANARY)
    assert (found.replicas, found.owner) == (1, "R-7")


async def test_a_canary_whose_selector_must_change_is_made_again(emulator: EmulatorWorld) -> None:
    await emulator.workloads.ensure_canary(GRANT, CHECKOUT, image=NEW, version="v1.3.0", replicas=1)
    old = await emulator.get(APPS, "deployments", CHECKOUT.canary)
    await emulator.send("DELETE", APPS, "deployments", CHECKOUT.canary)
    labels = {**old["spec"]["selector"]["matchLabels"], "version": "v1.3.0"}
    meta = {key: old["metadata"][key] for key in ("name", "annotations")}
    spec = {**old["spec"], "selector": {"matchLabels": labels}}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}
    await emulator.send("POST", APPS, "deployments", "", body)

    await emulator.workloads.ensure_canary(GRANT, CHECKOUT, image=NEW, version="v1.3.0", replicas=1)

    made = await emulator.get(APPS, "deployments", CHECKOUT.canary)
    assert made["spec"]["selector"] == old["spec"]["selector"]


async def test_a_promoter_that_slept_changes_nothing_even_where_its_watch_slept_too(
    emulator: EmulatorWorld,
) -> None:
    emulator.blind("deployments")
    newer = {"annotations": {"lockmaster.dev/release": "R-8", "lockmaster.dev/revision": "2"}}
    await emulator.merge(APPS, "deployments", "checkout", {"metadata": newer})

    with pytest.raises(Conflict, match="Deployment shop/checkout belongs to revision 2, not to 1"):
        await emulator.workloads.set_stable_image(GRANT, CHECKOUT, image=NEW, version="v1.3.0")

    found = emulator.kube.store.get(DEPLOYMENT, "shop", "checkout")
    assert found is not None
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == f"{CHECKOUT.image}:v1.2.9"
