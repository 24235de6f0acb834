"""What others do on the real API server in mid-release: policies, quotas, autoscalers, and a namespace that is deleted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from sandbox.kube.document import Document
from tests.e2e.cluster.audit import Entry
from tests.e2e.cluster.denial import LABEL, MESSAGE
from tests.e2e.cluster.plane import Plane
from tests.e2e.policies import at_most, clamped
from tests.e2e.site import CHANNEL, PATIENCE, Site, staged
from tests.support.until import until

CART = "cart"
STOPPED = "cart v1.2.9 → v1.3.0 (R-1001) stopped: "
DENIED = (
    "the cluster did not take the patch of VirtualService {0}/cart: virtualservices.networking.istio.io "
    "\"cart\" is forbidden: ValidatingAdmissionPolicy '{1}' with binding '{1}' denied request: {2}"
)


@pytest.fixture
async def shop(plane: Plane, tmp_path: Path) -> AsyncIterator[Site]:
    """With the one service cart: adopted, one pod."""
    async with staged(plane, tmp_path, (CART,)) as found:
        yield found


def told(site: Site, beginning: str) -> list[str]:
    """What the channel and its threads say that begins so."""
    texts = [str(one["text"]) for one in site.slack.messages("ana", CHANNEL)]
    return [text for text in texts if text.startswith(beginning)]


async def nothing_is_locked(site: Site) -> None:
    async def is_so() -> bool:
        return "Nothing is locked." in (await site.types("ana", "locks")).texts

    await until(is_so, within=PATIENCE)


async def ended(site: Site, phase: str) -> str:
    """Wait for that end; the words for why."""
    await site.reaches(CART, phase)
    return str((await site.record(CART))["ending"]["text"])


def ordered(site: Site) -> list[int]:
    """The canary's weights that a bot asked for, whatever became of them."""
    sent = [one.sent for one in site.audit(site.bots[0].user) if one.resource == "virtualservices"]
    return [
        one["spec"]["http"][0]["route"][1]["weight"] for one in sent if one and "http" in one.get("spec", {})
    ]


async def test_f23_a_policy_that_denies_more_weight_turns_the_release_back_with_its_own_words(
    shop: Site,
) -> None:
    await shop.start_bot()
    async with at_most(shop, CART, 50, "at most half") as policy:
        await shop.types("ana", "cart v1.3.0 canary 50% 100% every 1s auto")

        why = await ended(shop, "rolled_back")

    assert why == DENIED.format(shop.namespace, policy, "at most half")
    assert 100 in ordered(shop)
    assert (await shop.weights(CART), await shop.version(CART)) == ((100, 0), "v1.2.9")


async def test_f23_a_policy_that_denies_every_write_is_said_once_and_the_way_back_is_taken_when_it_is_open(
    shop: Site,
) -> None:
    await shop.start_bot()
    await shop.types("ana", "cart v1.3.0 canary 50% 100% every 1s ask")
    await shop.reaches(CART, "gate")
    await shop.api.merge("namespaces", shop.namespace, {"metadata": {"labels": {LABEL: "true"}}})

    await shop.types("bo", "promote cart")
    await until(lambda: bool(told(shop, STOPPED)), within=PATIENCE)
    assert await shop.weights(CART) == (50, 50)
    await shop.api.merge("namespaces", shop.namespace, {"metadata": {"labels": {LABEL: None}}})
    await shop.reaches(CART, "rolled_back")

    assert told(shop, STOPPED) == [f"{STOPPED}{DENIED.format(shop.namespace, 'deny-bots', MESSAGE)}."]
    assert await shop.weights(CART) == (100, 0)


async def test_f23_a_policy_that_changes_the_weights_turns_the_release_back_and_is_said(shop: Site) -> None:
    await shop.start_bot()
    async with clamped(shop, CART, 10):
        await shop.types("ana", "cart v1.3.0 canary 50% every 1h ask")

        why = await ended(shop, "rolled_back")

    assert why == (
        f"the cluster changed what was written to VirtualService {shop.namespace}/cart: "
        "10 % to the canary instead of 50 % to the canary"
    )
    assert await shop.weights(CART) == (100, 0)


async def test_f27_the_floor_of_a_real_autoscaler_is_held_and_given_back(shop: Site) -> None:
    await shop.start_bot()
    await shop.api.merge("deployments", CART, {"spec": {"replicas": 3}}, shop.namespace)
    await shop.api.create(autoscaler(shop.namespace))

    await shop.types("ana", "cart v1.3.0 canary 50% every 1h ask")
    await shop.weighs(CART, (50, 50))
    assert await floor(shop) == 3
    await shop.api.merge("deployments", CART, {"spec": {"replicas": 1}}, shop.namespace)

    async def is_back() -> bool:
        stable = await shop.api.get("deployments", CART, shop.namespace)
        return bool(stable["spec"]["replicas"] == stable["status"].get("readyReplicas") == 3)

    await until(is_back, within=PATIENCE)
    await shop.types("ana", "rollback cart")
    await shop.reaches(CART, "rolled_back")

    async def is_given_back() -> bool:
        return await floor(shop) == 1

    await until(is_given_back, within=PATIENCE)


def autoscaler(namespace: str) -> Document:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": CART}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": CART, "namespace": namespace},
        "spec": {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 9},
    }


async def floor(site: Site) -> int:
    found = await site.api.get("horizontalpodautoscalers", CART, site.namespace)
    return int(found["spec"]["minReplicas"])


async def test_f30_a_canary_that_a_quota_forbids_is_held_then_given_up_in_the_words_of_the_api(
    shop: Site,
) -> None:
    ready_within(shop, "20s")
    await shop.start_bot()
    await shop.api.create(
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "tight", "namespace": shop.namespace},
            "spec": {"hard": {"pods": "1"}},
        }
    )

    async def is_counted() -> bool:
        quota = await shop.api.get("resourcequotas", "tight", shop.namespace)
        return bool(quota.get("status", {}).get("used") == {"pods": "1"})

    await until(is_counted, within=PATIENCE)
    await shop.types("ana", "cart v1.3.0 canary 50% every 1h ask")

    why = await ended(shop, "cancelled")

    assert why.startswith('not ready in time: FailedCreate: pods "cart-canary-')
    assert why.endswith(
        "is forbidden: exceeded quota: tight, requested: pods=1, used: pods=1, limited: pods=1"
    )
    assert set(ordered(shop)) <= {0}


def ready_within(site: Site, wait: str) -> None:
    """Say so in the catalogue of the bots that start from now on."""
    path = site.folder / "services.yaml"
    catalogue = yaml.safe_load(path.read_text())
    catalogue["services"][CART]["ready_within"] = wait
    path.write_text(yaml.safe_dump(catalogue))


async def test_f33_a_namespace_deleted_in_mid_release_ends_it_and_nothing_comes_back(shop: Site) -> None:
    await shop.start_bot()
    await shop.types("ana", "cart v1.3.0 canary 50% 100% every 1h ask")
    await shop.weighs(CART, (50, 50))
    before = len(created(shop))

    await shop.api.delete("namespaces", shop.namespace)

    await nothing_is_locked(shop)
    await until(lambda: bool(told(shop, "R-1001: Ended: ")), within=PATIENCE)
    await has_gone(shop)
    [why] = told(shop, "R-1001: Ended: ")
    # What goes first is the namespace controller's choice; where that is the bot's own Role, it sees the Deployment go alone.
    place = shop.namespace
    assert why.removeprefix("R-1001: Ended: ") in {
        f"{what} no longer exists" for what in (f"Namespace {place}", f"Deployment {place}/{CART}")
    }
    assert created(shop)[before:] == []


async def test_f33_a_namespace_that_lingers_takes_no_canary_and_ends_the_release(shop: Site) -> None:
    """As one does while anything in it has a finalizer: here all that the bot needs to see."""
    await shop.start_bot()
    held = [("virtualservices", CART), ("destinationrules", CART), ("deployments", CART), ("services", CART)]
    held += [("roles", "lockmaster"), ("rolebindings", "lockmaster")]
    for plural, name in held:
        await finalize(shop, plural, name, ["example.com/hold"])
    await shop.api.delete("namespaces", shop.namespace)

    await shop.types("ana", "cart v1.3.0 canary 50% every 1h ask")

    assert await ended(shop, "cancelled") == f"Namespace {shop.namespace} no longer exists"
    await nothing_is_locked(shop)
    assert [one.code for one in created(shop)] == [403]
    for plural, name in held:
        await finalize(shop, plural, name, None)


async def test_f20_a_bot_whose_rights_went_with_a_namespace_starts_all_the_same_and_says_what_it_lacks(
    shop: Site,
) -> None:
    bot = await shop.start_bot()
    await shop.types("ana", "cart v1.3.0 canary 50% 100% every 1h ask")
    await shop.weighs(CART, (50, 50))
    await bot.kill()
    await shop.api.delete("namespaces", shop.namespace)
    await has_gone(shop)

    await bot.start()

    lacking = (
        "cart v1.2.9 → v1.3.0 (R-1001) cannot go on: Lockmaster may not get virtualservices.networking.istio.io cart "
        f"in namespace {shop.namespace}."
    )
    await until(lambda: told(shop, lacking) == [lacking], within=PATIENCE)
    assert "1 locked" in (await shop.types("ana", "locks")).texts


async def has_gone(site: Site) -> None:
    """Wait until the namespace is no more, and the Role in it."""

    async def is_so() -> bool:
        return await site.api.find("namespaces", site.namespace) is None

    await until(is_so, within=PATIENCE)


def created(site: Site) -> list[Entry]:
    """What the bot tried to create there."""
    return [one for one in site.audit(site.bots[0].user) if one.verb == "create"]


async def finalize(site: Site, plural: str, name: str, finalizers: list[str] | None) -> None:
    await site.api.merge(plural, name, {"metadata": {"finalizers": finalizers}}, site.namespace)
