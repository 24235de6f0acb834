"""What is remembered of a route, how differences are said, and what a stored object is held against."""

import json
from typing import Any

from adapters.kubernetes.marks import BASELINE
from adapters.kubernetes.resources import VIRTUAL_SERVICE, Ref
from adapters.traffic.istio import baseline, orders
from adapters.traffic.istio.writers import writer_of
from bot.ports.traffic import RouteWrite
from bot.release.baseline import Baseline
from bot.release.model import Split
from bot.release.weight import Weight
from tests.support.worlds import CHECKOUT

HALF = Split.of(Weight.of(50))
REF = Ref(VIRTUAL_SERVICE, "shop", "checkout")
CHANGE = RouteWrite("R-7", 2, "{}", HALF)


def routed(stable: int = 50, canary: int = 50, **fields: Any) -> dict[str, Any]:
    tracks = [
        {"destination": {"host": "checkout", "subset": name}, "weight": weight}
        for name, weight in (("stable", stable), ("canary", canary))
    ]
    meta = {"name": "checkout", "namespace": "shop", "annotations": {}}
    return {"metadata": meta, "spec": {"hosts": ["checkout"], "http": [{"route": tracks, **fields}]}}


def remembering(found: dict[str, Any], kept: object) -> dict[str, Any]:
    found["metadata"]["annotations"] = {BASELINE: kept if isinstance(kept, str) else json.dumps(kept)}
    return found


def test_weights_are_no_difference_and_everything_else_is() -> None:
    kept = baseline.taken(CHECKOUT, routed()["spec"], None)
    same = remembering(routed(90, 10), kept)
    assert baseline.changed(CHECKOUT, same, None) == ()
    other = remembering(routed(90, 10, timeout="3s", name="x" * 80), kept)
    other["spec"]["hosts"] = ["checkout", "shop.example"]
    del other["spec"]["http"][0]["route"][1]
    assert baseline.changed(CHECKOUT, other, None) == (
        'spec.hosts has "shop.example" more',
        f'spec.http[0].name is "{"x" * 58}…, was not there',
        'spec.http[0].route no longer has {"destination":{"host":"checkout","subset":"canary"}}',
        'spec.http[0].timeout is "3s", was not there',
    )
    other["spec"]["gateways"] = ["mesh"]
    assert baseline.changed(CHECKOUT, other, None)[-1] == "and 1 more"


def test_a_baseline_that_somebody_damaged_is_none() -> None:
    for kept in ("{", "[]", '{"spec": {}}', "null"):
        damaged = remembering(routed(timeout="3s"), kept)
        assert baseline.changed(CHECKOUT, damaged, None) == ()
        again = RouteWrite("R-7", 2, "{}", HALF, Baseline.RESTORE)
        assert "spec" not in orders.patch_of(CHECKOUT, damaged, None, again) or kept == "{"


def test_what_was_stored_is_held_against_what_was_ordered() -> None:
    stamped = routed()
    stamped["metadata"]["annotations"] = {
        "lockmaster.dev/release": "R-7",
        "lockmaster.dev/revision": "2",
        "lockmaster.dev/state": "{}",
    }
    assert orders.altered(CHECKOUT, REF, CHANGE, stamped) is None
    said = [
        orders.altered(CHECKOUT, REF, CHANGE, found)
        for found in (routed(), routed(90, 10), routed(0, 0), {**routed(), "spec": {"hosts": ["x"]}})
    ]
    assert [one.text.partition("checkout: ")[2] for one in said if one is not None] == [
        "without lockmaster.dev/release, lockmaster.dev/revision, lockmaster.dev/state as written",
        "10 % to the canary instead of 50 % to the canary",
        "no weights instead of 50 % to the canary",
        "now VirtualService shop/checkout has no http route to checkout, and not what was ordered, instead of 50 % to the canary",
    ]


def test_the_writer_is_whoever_owns_the_routes_last() -> None:
    def owned(manager: str, time: str, *fields: str) -> dict[str, Any]:
        return {"manager": manager, "time": time, "fieldsV1": {"f:spec": {field: {} for field in fields}}}

    ours = owned("lockmaster", "2026-11-21T10:00:00Z", "f:http")
    theirs = owned("argocd-controller", "2026-11-21T10:00:01Z", "f:http", "f:hosts")
    status = {"manager": "istiod", "time": "2026-11-21T10:00:09Z", "fieldsV1": {"f:status": {}}}

    def last(*entries: dict[str, Any]) -> str | None:
        return writer_of({"metadata": {"managedFields": list(entries)}})

    assert last(ours, theirs, status) == "argocd-controller"
    assert last(ours, status) is None
    assert last() is None
    assert writer_of({"metadata": {}}) is None
