"""What the measuring process makes of the routes it is told of."""

import json
from typing import Any

from bench.ledger import Ledger
from bench.stub import Traffic
from bench.thousand import unmeasured


def route(canary: int, phase: str) -> dict[str, Any]:
    weights = [{"weight": 100 - canary}, {"weight": canary}]
    state = json.dumps({"phase": phase})
    return {
        "metadata": {"name": "svc-001", "annotations": {"lockmaster.dev/state": state}},
        "spec": {"http": [{"route": weights}]},
    }


def test_traffic_follows_the_weights_and_its_end_is_noted_with_the_time() -> None:
    ledger = Ledger(Traffic())
    ledger.saw(route(5, "baking"))
    ledger.fail(["svc-001"])
    assert (ledger.traffic.share, ledger.withdrawn) == ({"svc-001": 0.05}, {})

    ledger.saw(route(0, "rolling_back"))

    assert ledger.phases == {"svc-001": "rolling_back"}
    assert ledger.withdrawn.keys() == {"svc-001"}
    assert ledger.traffic.failing == {}


def test_a_route_that_never_had_canary_traffic_lost_none() -> None:
    ledger = Ledger(Traffic())
    ledger.saw(route(0, "preparing"))
    assert ledger.withdrawn == {}


def test_what_cannot_be_measured_says_why() -> None:
    assert unmeasured("Go is missing").how == "Not measured: Go is missing."
