"""What a VirtualService must look like, and what is said where it does not."""

from typing import Any

import pytest

from adapters.traffic.istio.shape import Shape, names_tracks, shape_of
from bot.errors import Reason
from bot.release.model import Split
from bot.release.weight import Weight
from tests.support.worlds import CHECKOUT


def service(*routes: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "checkout", "namespace": "shop"},
        "spec": {"http": list(routes), **spec} if routes else spec,
    }


def to(host: str = "checkout", subset: str | None = None, weight: int | None = None) -> dict[str, Any]:
    target = {"host": host} | ({"subset": subset} if subset else {})
    return {"destination": target} | ({"weight": weight} if weight is not None else {})


def route(*destinations: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"route": list(destinations), **fields}


@pytest.mark.parametrize(
    "host", ["checkout", "checkout.shop", "checkout.shop.svc", "checkout.shop.svc.cluster.local"]
)
def test_a_host_may_be_written_in_every_form(host: str) -> None:
    assert shape_of(CHECKOUT, service(route(to(host)))) == Shape(0, None)


def test_adoption_is_recognised_by_the_shape_alone() -> None:
    found = service(
        {"redirect": {"uri": "/"}},
        route(to("cart")),
        route(to(subset="canary", weight=1), to(subset="stable", weight=3)),
    )

    assert shape_of(CHECKOUT, found) == Shape(2, Split.of(Weight.parse("25%")))


def test_a_weight_that_is_left_out_is_zero() -> None:
    found = service(route(to(subset="stable", weight=100), to(subset="canary")))

    assert shape_of(CHECKOUT, found) == Shape(0, Split.of(Weight.ZERO))


WRONG = {
    "several": (
        service(route(to(), name="beta"), route(to("checkout.shop"))),
        "VirtualService shop/checkout has 2 http routes to checkout (beta, number 2); it is not clear which one to move",
        "Leave one http route with that destination, or give the others a VirtualService of their own.",
    ),
    "tls and tcp alone": (
        service(tls=[route(to())], tcp=[route(to())]),
        "VirtualService shop/checkout has tls and tcp routes only, whose connections cannot be shared out by request",
        "Only services with an http route can be released by weights.",
    ),
    "other hosts": (
        service(route(to("cart")), route(to("checkout.staging"))),
        "VirtualService shop/checkout has no http route to checkout; it sends to cart, checkout.staging",
        "Add one, or name another in `service:` or `virtual_service:` of checkout in the catalogue.",
    ),
    "nothing": (
        service(),
        "VirtualService shop/checkout has no http route to checkout",
        "Add one, or name another in `service:` or `virtual_service:` of checkout in the catalogue.",
    ),
    "a stranger beside it": (
        service(route(to(weight=50), to("legacy", weight=50))),
        "the http route of VirtualService shop/checkout to checkout also sends to legacy",
        "Let that route send to one host alone.",
    ),
    "other subsets": (
        service(route(to(subset="v1", weight=50), to(subset="v2", weight=50))),
        "the http route of VirtualService shop/checkout to checkout already sends to the subset v1 and the subset v2",
        "Let it send to the host without a subset, or to the subsets stable and canary.",
    ),
    "one subset": (
        service(route(to(subset="stable"))),
        "the http route of VirtualService shop/checkout to checkout already sends to the subset stable",
        "Let it send to the host without a subset, or to the subsets stable and canary.",
    ),
    "a subset beside the host": (
        service(route(to(weight=1), to(subset="canary", weight=1))),
        (
            "the http route of VirtualService shop/checkout to checkout already sends to the host without a subset "
            "and the subset canary"
        ),
        "Let it send to the host without a subset, or to the subsets stable and canary.",
    ),
    "three destinations": (
        service(route(to(subset="stable"), to(subset="canary"), to())),
        (
            "the http route of VirtualService shop/checkout to checkout already sends to the subset stable and "
            "the subset canary and the host without a subset"
        ),
        "Let it send to the host without a subset, or to the subsets stable and canary.",
    ),
    "a mirror to itself": (
        service(route(to(), mirror={"host": "checkout.shop", "subset": "canary"})),
        (
            "the http route of VirtualService shop/checkout to checkout mirrors its requests to checkout itself, which would "
            "count beside those that are shared out"
        ),
        "Take the mirror out of that route, or let it mirror to another host.",
    ),
}


@pytest.mark.parametrize(("found", "text", "next_step"), WRONG.values(), ids=WRONG)
def test_a_wrong_shape_is_said_with_what_to_do(found: dict[str, Any], text: str, next_step: str) -> None:
    reason = shape_of(CHECKOUT, found)

    assert isinstance(reason, Reason)
    assert (reason.text, reason.next_step) == (text, next_step)


def test_weights_that_are_all_zero_are_a_fault_that_a_write_mends() -> None:
    zero = service(route(to(subset="stable", weight=0), to(subset="canary", weight=0)))
    shape = shape_of(CHECKOUT, zero)

    assert isinstance(shape, Shape)
    assert shape.fault is not None
    assert (shape.index, shape.weights, shape.fault.text, shape.fault.next_step) == (
        0,
        None,
        "all weights of VirtualService shop/checkout are 0, which no proxy takes",
        "Give the subset stable the weight 100.",
    )


@pytest.mark.parametrize(
    "found",
    [
        service(route(to(subset="stable"))),
        service(route(to("cart"), mirror={"host": "checkout", "subset": "canary"})),
        service(route(to("cart"), mirrors=[{"destination": {"host": "checkout", "subset": "canary"}}])),
        service(tcp=[route(to(subset="canary"))]),
    ],
)
def test_tracks_are_named_wherever_a_route_or_a_mirror_names_them(found: dict[str, Any]) -> None:
    assert names_tracks(CHECKOUT, found)


def test_other_services_subsets_of_the_same_name_are_not_ours() -> None:
    assert not names_tracks(CHECKOUT, service(route(to("cart", subset="canary")), route(to())))
