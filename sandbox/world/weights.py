"""The weights that stand in a VirtualService, and a new form of it with others. No I/O."""

from collections.abc import Mapping
from typing import Any

from sandbox.page.world import Weights

STABLE, CANARY = "stable", "canary"


def weights_of(route: Mapping[str, Any]) -> Weights | None:
    """What is ordered for both tracks; None where the route does not name them."""
    found = {
        destination["destination"].get("subset"): destination.get("weight", 0)
        for http in route["spec"].get("http") or ()
        for destination in http.get("route") or ()
    }
    if STABLE not in found or CANARY not in found:
        return None
    return {"stable": found[STABLE], "canary": found[CANARY]}


def with_weights(route: Mapping[str, Any], weights: Weights) -> list[dict[str, Any]]:
    """The route's `spec.http` with these weights on both tracks, all else as it was."""
    ordered = {STABLE: weights["stable"], CANARY: weights["canary"]}
    return [
        {**http, "route": [_weighted(each, ordered) for each in http.get("route") or ()]}
        for http in route["spec"]["http"]
    ]


def _weighted(destination: Mapping[str, Any], ordered: Mapping[str, int]) -> dict[str, Any]:
    subset = destination["destination"].get("subset")
    return {**destination, "weight": ordered[subset]} if subset in ordered else dict(destination)
