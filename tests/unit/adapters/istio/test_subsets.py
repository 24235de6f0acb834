"""The two tracks beside the user's own subsets."""

from typing import Any

from adapters.kubernetes.marks import ADDED
from adapters.traffic.istio import subsets
from tests.support.worlds import CHECKOUT

MINE = {"name": "v1", "labels": {"version": "v1"}, "trafficPolicy": {"tls": {"mode": "DISABLE"}}}
STABLE = {"name": "stable", "labels": {"lockmaster.dev/track": "stable"}}
CANARY = {"name": "canary", "labels": {"lockmaster.dev/track": "canary"}}


def rule(*found: dict[str, Any], host: str = "checkout", added: str = "") -> dict[str, Any]:
    notes = {"annotations": {ADDED: added}} if added else {}
    meta = {"name": "checkout", "namespace": "shop", **notes}
    return {"metadata": meta, "spec": {"host": host, "subsets": list(found)}}


def test_tracks_are_added_behind_the_users_subsets_and_remembered() -> None:
    assert subsets.with_tracks(CHECKOUT, rule(MINE)) == ([MINE, STABLE, CANARY], ("stable", "canary"))


def test_a_track_that_is_there_already_stays_the_users() -> None:
    assert subsets.with_tracks(CHECKOUT, rule(STABLE)) == ([STABLE, CANARY], ("canary",))


def test_only_what_was_added_is_taken_away() -> None:
    assert subsets.without_tracks(rule(MINE, STABLE, CANARY, added="canary")) == [MINE, STABLE]


def test_tracks_are_there_only_with_both_and_their_labels() -> None:
    other = {"name": "canary", "labels": {"version": "v2"}}
    found = [rule(), rule(STABLE), rule(STABLE, other), rule(STABLE, CANARY)]

    assert [subsets.has_tracks(CHECKOUT, one) for one in found] == [False, False, False, True]


def test_another_host_and_another_meaning_of_a_track_are_both_said() -> None:
    other = {"name": "canary", "labels": {"version": "v2"}}

    reasons = subsets.faults_of(CHECKOUT, rule(MINE, other, host="cart"))

    assert [(one.text, one.next_step) for one in reasons] == [
        (
            "DestinationRule shop/checkout is for the host cart, not for checkout",
            "Name another in `destination_rule:` of checkout in the catalogue, or mend its host.",
        ),
        (
            "the subset canary of DestinationRule shop/checkout does not select lockmaster.dev/track=canary",
            "Rename it, or name other subsets in `traffic.istio.subsets` of checkout in the catalogue.",
        ),
    ]
