"""A route that loses its shape, and objects that are deleted in mid-release."""

import json

from bot.release.phases import Phase
from sandbox.kube.document import Document
from sandbox.kube.resources import DEPLOYMENT, DESTINATION_RULE, NAMESPACE, VIRTUAL_SERVICE, Resource
from tests.faults.hands import PLACE, Hands, ana, baking, hands, theatre, told
from tests.faults.shop import Shop
from tests.scenarios.conftest import quiet
from tests.scenarios.theatre import Person
from tests.support.until import until

__all__ = ["ana", "hands", "quiet", "theatre"]


async def test_f25_a_route_that_loses_its_shape_stops_the_release_and_goes_on_when_mended(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    await baking(theatre, ana)
    routes = hands.http()
    await hands.patch(
        {"http": [*routes, {"name": "second", "route": [{"destination": {"host": "checkout"}}]}]}
    )
    await theatre.pass_(20)
    assert (await theatre.release()).phase is Phase.NEEDS_HUMAN
    [line] = [line for line in theatre.channel() if ") stopped:" in line]
    assert line == (
        "checkout v1.2.9 → v1.3.0 (R-1001) stopped: VirtualService shop/checkout has 2 http routes to checkout "
        "(number 1, second); it is not clear which one to move. Leave one http route with that destination, or give the others "
        "a VirtualService of their own."
    )
    await hands.patch({"http": routes})
    await theatre.until(Phase.BAKING)


async def test_f25_weights_that_are_all_zero_are_mended_by_a_rollback(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    await baking(theatre, ana)
    await hands.weights(0, 0)
    await told(
        theatre,
        "Stopped: all weights of VirtualService shop/checkout are 0, which no proxy takes. Give the subset stable the weight 100",
    )
    assert await ana.presses("Roll back") is None
    await until(lambda: [one["weight"] for one in hands.http()[0]["route"]] == [100, 0])
    await theatre.until(Phase.ROLLED_BACK)


async def test_f25_a_deleted_route_stops_the_release_and_is_not_created_again(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    await baking(theatre, ana)
    await hands.delete("apis/networking.istio.io/v1/namespaces/shop/virtualservices/checkout")
    await told(theatre, "Stopped: the route object of checkout no longer exists")
    assert theatre.kube.store.get(VIRTUAL_SERVICE, *PLACE) is None


async def test_f33_a_namespace_that_is_being_deleted_ends_the_release_and_frees_the_lock(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    """The namespace lingers, as one does while anything in it has a finalizer, and takes in nothing new."""
    for resource in (VIRTUAL_SERVICE, DESTINATION_RULE, DEPLOYMENT):
        theatre.kube.registry.modify(resource, PLACE, _finalized)

    def deleted(resource: Resource, document: Document) -> Document:
        """The moment the release holds its route."""
        if resource is VIRTUAL_SERVICE:
            theatre.kube.registry.delete(NAMESPACE, ("", "shop"))
        return document

    theatre.kube.registry.admission.register("goes", deleted)
    await ana.types("checkout v1.3.0")
    await theatre.until(Phase.CANCELLED)
    assert (await theatre.release()).recent[-1].text == "Namespace shop no longer exists"
    assert await ana.types("locks") == "Nothing is locked."
    assert theatre.kube.store.get(DEPLOYMENT, "shop", "checkout-canary") is None


async def test_f33_a_deployment_deleted_in_mid_release_ends_it_and_leaves_the_route_free(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    await baking(theatre, ana)
    await hands.delete("apis/apps/v1/namespaces/shop/deployments/checkout")
    await theatre.until(Phase.CANCELLED)
    assert theatre.notice(-1).endswith("Deployment shop/checkout no longer exists.")
    assert await ana.types("locks") == "Nothing is locked."
    await theatre.pass_(40)
    state = json.loads(hands.stored()["metadata"]["annotations"]["lockmaster.dev/state"])
    assert state["phase"] == "cancelled"
    assert theatre.kube.store.get(DEPLOYMENT, *PLACE) is None


def _finalized(old: Document) -> Document:
    old["metadata"]["finalizers"] = ["example/hold"]
    return old
