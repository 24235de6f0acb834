"""Whatever else a VirtualService holds stays as it is."""

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.kubernetes.marks import ORIGINAL
from adapters.traffic.istio.edit import destinations_of, with_weights, without_tracks
from adapters.traffic.istio.shape import Shape, shape_of
from bot.release.model import ALL_STABLE, Split
from bot.release.weight import Weight
from tests.support.worlds import CHECKOUT

SPLIT = Split.of(Weight.parse("5%"))
words = st.text("abcdefgh-", min_size=1, max_size=8)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
extras = st.dictionaries(words.map(lambda word: f"x-{word}"), anything, max_size=3)
KNOWN: dict[str, Any] = {
    "match": [{"headers": {"x-user": {"exact": "a"}}}],
    "headers": {"request": {"set": {"x": "y"}}},
    "mirror": {"host": "shadow"},
    "timeout": "3s",
    "retries": {"attempts": 2},
    "fault": {"abort": {"httpStatus": 503, "percentage": {"value": 0.1}}},
}
known = st.sets(st.sampled_from(sorted(KNOWN))).map(lambda keys: {key: KNOWN[key] for key in keys})
hosts = st.sampled_from(["checkout", "checkout.shop", "checkout.shop.svc", "checkout.shop.svc.cluster.local"])
others = st.lists(
    st.one_of(
        st.builds(lambda extra: {"route": [{"destination": {"host": "cart"}}], **extra}, extras),
        st.builds(lambda extra: {"redirect": {"uri": "/"}, **extra}, extras),
    ),
    max_size=2,
)


@st.composite
def virtual_services(draw: st.DrawFn) -> dict[str, Any]:
    """Objects with exactly one http route to checkout, not adopted."""
    target = {"host": draw(hosts), "port": {"number": 80}, **draw(extras)}
    destination = {"destination": target, **draw(extras)}
    route = {"route": [destination], **draw(known), **draw(extras)}
    routes = [*draw(others), route, *draw(others)]
    return {
        "metadata": {"name": "checkout", "namespace": "shop"},
        "spec": {"hosts": ["checkout"], "http": routes, **draw(extras)},
    }


def shape(found: dict[str, Any]) -> Shape:
    seen = shape_of(CHECKOUT, found)
    assert isinstance(seen, Shape)
    return seen


def adopted(found: dict[str, Any], split: Split, *, remember: bool = True) -> dict[str, Any]:
    """The object after the first write of weights."""
    original = json.dumps(destinations_of(found, shape(found)))
    notes = {"annotations": {ORIGINAL: original}} if remember else {}
    spec = {**found["spec"], "http": with_weights(CHECKOUT, found, shape(found), split)}
    return {"metadata": {**found["metadata"], **notes}, "spec": spec}


def without_destinations(found: dict[str, Any]) -> dict[str, Any]:
    """The object with its route to checkout emptied."""
    left = copy.deepcopy(found)
    left["metadata"].pop("annotations", None)
    left["spec"]["http"][shape(found).index]["route"] = []
    return left


@settings(max_examples=40)
@given(virtual_services())
def test_adoption_and_weights_change_nothing_but_the_destinations(found: dict[str, Any]) -> None:
    before = copy.deepcopy(found)

    first = adopted(found, ALL_STABLE)
    second = {**first, "spec": {**first["spec"], "http": with_weights(CHECKOUT, first, shape(first), SPLIT)}}

    assert found == before
    assert without_destinations(second) == without_destinations(before)
    assert shape(second).weights == SPLIT


@settings(max_examples=40)
@given(virtual_services())
def test_both_tracks_keep_what_the_destination_had(found: dict[str, Any]) -> None:
    [original] = destinations_of(found, shape(found))

    for one in destinations_of(adopted(found, SPLIT), shape(found)):
        target = {key: value for key, value in one["destination"].items() if key != "subset"}
        rest = {key: value for key, value in one.items() if key != "weight"}
        assert {**rest, "destination": target} == original


@settings(max_examples=40)
@given(virtual_services())
def test_unadopting_gives_back_exactly_what_was_there(found: dict[str, Any]) -> None:
    moved = adopted(found, SPLIT)

    assert without_tracks(CHECKOUT, moved, shape(moved)) == found["spec"]["http"]


@settings(max_examples=40)
@given(virtual_services())
def test_adopted_through_git_the_host_alone_is_left(found: dict[str, Any]) -> None:
    moved = adopted(found, SPLIT, remember=False)

    assert without_tracks(CHECKOUT, moved, shape(moved)) == found["spec"]["http"]


def test_a_damaged_note_of_the_original_is_not_believed() -> None:
    found: dict[str, Any] = {
        "metadata": {"name": "checkout", "namespace": "shop"},
        "spec": {"http": [{"route": [{"destination": {"host": "checkout"}}]}]},
    }
    moved = adopted(found, SPLIT)
    moved["metadata"]["annotations"][ORIGINAL] = "[{"

    assert without_tracks(CHECKOUT, moved, shape(moved)) == found["spec"]["http"]
