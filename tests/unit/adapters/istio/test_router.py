"""What the fakes do not model: the objects themselves, and requests."""

from typing import Any

import pytest

from bot.errors import Conflict, Refused
from bot.ports.traffic import Route, RouteWrite
from bot.release.grant import Grant
from bot.release.model import ALL_STABLE, Split
from bot.release.weight import Weight
from sandbox.kube import Interference
from sandbox.kube.resources import DEPLOYMENT, DESTINATION_RULE, VIRTUAL_SERVICE, Resource
from tests.support.worlds import APPS, CHECKOUT, ISTIO, EmulatorWorld, until

GRANT = Grant("checkout", "R-7", 1)
FIVE = Split.of(Weight.parse("5%"))
FIELDS: dict[str, Any] = {
    "headers": {"request": {"set": {"x-tier": "gold"}}},
    "mirror": {"host": "shadow"},
    "timeout": "3s",
    "name": "primary",
}
ORIGINAL: dict[str, Any] = {
    "destination": {"host": "checkout", "port": {"number": 80}},
    "headers": {"response": {"remove": ["x"]}},
}
SECOND = {"match": [{"uri": {"prefix": "/cart"}}], "route": [{"destination": {"host": "cart"}}]}


def stored(world: EmulatorWorld, resource: Resource) -> dict[str, object]:
    found = world.kube.store.get(resource, "shop", "checkout")
    assert found is not None
    meta = {key: found["metadata"].get(key) for key in ("labels", "annotations")}
    return {"metadata": meta, "spec": found["spec"]}


async def dress_up(world: EmulatorWorld) -> None:
    """Give the user's objects everything that must stay."""
    routes = [{**FIELDS, "route": [ORIGINAL]}, SECOND]
    notes = {"annotations": {"team": "shop"}}
    await world.merge(ISTIO, "virtualservices", "checkout", {"metadata": notes, "spec": {"http": routes}})
    own = [{"name": "v1", "labels": {"version": "v1"}}]
    await world.merge(ISTIO, "destinationrules", "checkout", {"spec": {"subsets": own}})


async def adopt(world: EmulatorWorld) -> Route:
    await world.traffic.add_tracks(GRANT, CHECKOUT)
    seen = await world.traffic.read(CHECKOUT, fresh=True)
    return await world.traffic.write(GRANT, CHECKOUT, seen, RouteWrite("R-7", 1, "{}", ALL_STABLE))


async def test_a_release_changes_nothing_in_the_route_but_weights(emulator: EmulatorWorld) -> None:
    await dress_up(emulator)
    seen = await adopt(emulator)

    await emulator.traffic.write(GRANT, CHECKOUT, seen, RouteWrite("R-7", 2, "{}", FIVE))

    def track(name: str, weight: int) -> dict[str, object]:
        return {**ORIGINAL, "destination": {**ORIGINAL["destination"], "subset": name}, "weight": weight}

    assert stored(emulator, VIRTUAL_SERVICE) == {
        "metadata": {
            "labels": {"app": "checkout", "lockmaster.dev/managed": "true"},
            "annotations": {
                "team": "shop",
                "lockmaster.dev/release": "R-7",
                "lockmaster.dev/revision": "2",
                "lockmaster.dev/state": "{}",
                "lockmaster.dev/original": '[{"destination":{"host":"checkout","port":{"number":80}},'
                '"headers":{"response":{"remove":["x"]}}}]',
            },
        },
        "spec": {
            "hosts": ["checkout"],
            "http": [{**FIELDS, "route": [track("stable", 95), track("canary", 5)]}, SECOND],
        },
    }


async def test_unadopting_leaves_no_trace(emulator: EmulatorWorld) -> None:
    await dress_up(emulator)
    kinds = (VIRTUAL_SERVICE, DESTINATION_RULE)
    before = [stored(emulator, kind) for kind in kinds]
    seen = await adopt(emulator)

    await emulator.traffic.unadopt(GRANT, CHECKOUT, seen)
    await emulator.traffic.drop_tracks(GRANT, CHECKOUT)

    for was, kind in zip(before, kinds, strict=True):
        now = stored(emulator, kind)
        assert now == was or {**now, "metadata": was["metadata"]} == was
        assert not [key for key in str(now).split("'") if key.startswith("lockmaster.dev")]


async def test_subsets_from_git_are_taken_as_they_are_and_stay(emulator: EmulatorWorld) -> None:
    tracks = [{"name": name, "labels": {"lockmaster.dev/track": name}} for name in ("stable", "canary")]
    await emulator.merge(ISTIO, "destinationrules", "checkout", {"spec": {"subsets": tracks}})

    seen = await adopt(emulator)
    await emulator.traffic.unadopt(GRANT, CHECKOUT, seen)
    await emulator.traffic.drop_tracks(GRANT, CHECKOUT)

    assert stored(emulator, DESTINATION_RULE)["spec"] == {"host": "checkout", "subsets": tracks}


async def test_a_wrong_shape_is_refused_but_can_be_written_on(emulator: EmulatorWorld) -> None:
    seen = await adopt(emulator)
    routes = [{"route": [{"destination": {"host": "checkout"}}]}] * 2
    await emulator.merge(ISTIO, "virtualservices", "checkout", {"spec": {"http": routes}})

    fault = (await emulator.traffic.read(CHECKOUT, fresh=True)).fault
    assert fault is not None
    assert fault.text.startswith("VirtualService shop/checkout has 2 http routes to checkout")
    with pytest.raises(Conflict):
        await emulator.traffic.write(GRANT, CHECKOUT, seen, RouteWrite("R-7", 2, "{}", None))
    [seen] = await emulator.traffic.managed()
    with pytest.raises(Refused, match="has 2 http routes to checkout"):
        await emulator.traffic.write(GRANT, CHECKOUT, seen, RouteWrite("R-7", 2, "{}", ALL_STABLE))
    written = await emulator.traffic.write(GRANT, CHECKOUT, seen, RouteWrite("R-7", 2, "{}", None))

    assert (written.weights, written.revision) == (None, 2)
    assert stored(emulator, VIRTUAL_SERVICE)["spec"] == {"hosts": ["checkout"], "http": routes}


async def test_looking_costs_no_request_while_the_watches_are_young(emulator: EmulatorWorld) -> None:
    seen = await adopt(emulator)
    emulator.kube.interferences.add(Interference(status=500, times=0))

    assert await emulator.traffic.read(CHECKOUT) == seen
    assert await emulator.traffic.managed() == (seen,)


async def test_everything_that_is_wrong_is_said_at_once(emulator: EmulatorWorld) -> None:
    await emulator.send("DELETE", "api/v1", "services", "checkout")
    await emulator.send("DELETE", ISTIO, "destinationrules", "checkout")
    await emulator.merge(
        ISTIO, "virtualservices", "checkout", {"spec": {"http": None, "tcp": [{"route": []}]}}
    )
    second = {"name": "proxy", "image": "registry.example/proxy:1"}
    first = {"name": "app", "image": "registry.example/other:1"}
    template = {"spec": {"containers": [first, second]}}
    await emulator.merge(APPS, "deployments", "checkout", {"spec": {"paused": True, "template": template}})

    reasons = await emulator.traffic.examine(CHECKOUT)

    assert [reason.text for reason in reasons] == [
        "VirtualService shop/checkout has tcp routes only, whose connections cannot be shared out by request",
        "DestinationRule shop/checkout does not exist",
        "Service shop/checkout does not exist",
        "it is not clear which container of Deployment shop/checkout is checkout's: there are app, proxy",
        "Deployment shop/checkout is paused, so nothing in it would roll out",
    ]
    assert all(reason.next_step for reason in reasons)


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        ({"app": None}, "Service shop/checkout selects no pods"),
        (
            {"app": "cart"},
            "Service shop/checkout does not select the pods of Deployment shop/checkout",
        ),
        (
            {"version": "v1.2.9"},
            "Service shop/checkout selects version=v1.2.9, so it would never select a canary",
        ),
    ],
)
async def test_a_service_that_would_not_select_a_canary_is_said(
    emulator: EmulatorWorld, selector: dict[str, str | None], text: str
) -> None:
    await emulator.merge("api/v1", "services", "checkout", {"spec": {"selector": selector}})

    [reason] = await emulator.traffic.examine(CHECKOUT)

    assert reason.text == text


async def test_a_deployment_of_the_canarys_name_that_is_not_ours_is_said(emulator: EmulatorWorld) -> None:
    theirs = dict(stored(emulator, DEPLOYMENT))
    theirs |= {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": CHECKOUT.canary}}
    await emulator.send("POST", APPS, "deployments", "", theirs)

    [reason] = await emulator.traffic.examine(CHECKOUT)

    assert reason.text == "Deployment shop/checkout-canary exists, and Lockmaster did not make it"


async def test_a_stable_without_ready_pods_is_said(emulator: EmulatorWorld) -> None:
    await emulator.merge(APPS, "deployments", "checkout/scale", {"spec": {"replicas": 0}})

    async def empty() -> bool:
        return bool(await emulator.traffic.examine(CHECKOUT))

    await until(emulator, empty)
    [reason] = await emulator.traffic.examine(CHECKOUT)
    assert reason.text == (
        "Deployment shop/checkout has no ready pod: there is nothing to compare with, and nothing to go back to"
    )


async def test_the_servers_own_version_is_the_fence_where_the_watch_is_behind(
    emulator: EmulatorWorld,
) -> None:
    seen = await adopt(emulator)
    emulator.blind("virtualservices")
    await emulator.edit_weights(FIVE)
    assert await emulator.traffic.read(CHECKOUT) == seen

    with pytest.raises(Conflict, match="the object has been modified"):
        await emulator.traffic.write(GRANT, CHECKOUT, seen, RouteWrite("R-7", 2, "{}", ALL_STABLE))

    assert (await emulator.traffic.read(CHECKOUT)).weights == FIVE
