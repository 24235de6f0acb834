"""A route edited by somebody else in mid-release: seen, shown, never overwritten, never fought over."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from bot.release.phases import Phase
from sandbox.kube.document import Document
from sandbox.kube.resources import DESTINATION_RULE, VIRTUAL_SERVICE, Resource
from tests.faults.hands import Hands, ana, baking, hands, theatre, told, weighted
from tests.faults.shop import Shop
from tests.scenarios.conftest import quiet
from tests.scenarios.theatre import Person
from tests.support.until import until

__all__ = ["ana", "hands", "quiet", "theatre"]


async def test_f17_a_write_between_looking_and_writing_is_read_and_decided_again(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    """Somebody writes the route whenever we are about to; nothing of theirs is lost, and no weight is written on what was not seen."""
    await baking(theatre, ana)
    writes: list[str] = []
    real = theatre.kube.registry.modify

    def raced(resource: Resource, place: Any, change: Any, **kinds: Any) -> Document:
        if resource is VIRTUAL_SERVICE and len(writes) < 3:
            writes.append("raced")
            real(resource, place, lambda old: _noted(old, f"note-{len(writes)}"))
        return real(resource, place, change, **kinds)

    theatre.kube.registry.modify = raced  # type: ignore[method-assign]
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    notes = hands.stored()["metadata"]["annotations"]
    assert {key for key in notes if key.startswith("note-")} == {"note-1", "note-2", "note-3"}
    revisions = [revision for revision, _ in theatre.routes]
    assert all(later - earlier in (0, 1) for earlier, later in pairwise(revisions))


async def test_f17_a_drift_that_races_our_write_is_seen_and_not_overwritten(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% 100% every 1s auto")
    await theatre.until(Phase.BAKING)
    real = theatre.kube.registry.modify
    raced: list[str] = []

    def race(resource: Resource, place: Any, change: Any, **kinds: Any) -> Document:
        if resource is VIRTUAL_SERVICE and not raced:
            raced.append("edited")
            real(resource, place, lambda old: weighted(old, 70, 30))
        return real(resource, place, change, **kinds)

    theatre.kube.registry.modify = race  # type: ignore[method-assign]
    await theatre.pass_(8)
    assert theatre.canary == 30
    assert (await theatre.release()).paused is not None
    assert theatre.thread()[-1] == "Changed by somebody else: the route says 30 % to the canary, not 50 %"


async def test_f24_weights_edited_by_a_person_pause_the_release_within_one_pass(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    await baking(theatre, ana)
    await hands.weights(80, 20)
    await told(
        theatre,
        "Changed by somebody else: the route says 20 % to the canary, not 50 % (written by kubectl-edit)",
    )
    assert theatre.buttons() == ["Apply again", "Adopt theirs", "Roll back", "Details"]


ELSEWHERE: dict[str, tuple[Any, str]] = {
    "a match": (
        lambda routes: routes[0].update(match=[{"uri": {"prefix": "/v2"}}]),
        'spec.http[0].match is [{"uri":{"prefix":"/v2"}}], was not there',
    ),
    "headers": (
        lambda routes: routes[0].update(headers={"request": {"set": {"x-tier": "gold"}}}),
        'spec.http[0].headers is {"request":{"set":{"x-tier":"gold"}}}, was not there',
    ),
    "a mirror": (
        lambda routes: routes[0].update(mirror={"host": "shadow"}),
        'spec.http[0].mirror is {"host":"shadow"}, was not there',
    ),
    "a route before ours": (
        lambda routes: routes.insert(0, {"route": [{"destination": {"host": "cart"}}]}),
        'spec.http has {"route":[{"destination":{"host":"cart"}}]} more',
    ),
    "another form of the host": (
        lambda routes: routes[0]["route"][1]["destination"].update(host="checkout.shop"),
        'spec.http[0].route[1].destination.host is "checkout.shop", was "checkout"',
    ),
}


@pytest.mark.parametrize("how", ELSEWHERE)
async def test_f24_whatever_else_of_the_route_is_edited_is_shown_and_can_be_put_back(
    hands: Hands, theatre: Shop, ana: Person, how: str
) -> None:
    edit, difference = ELSEWHERE[how]
    await baking(theatre, ana)
    before = hands.http()
    routes = hands.http()
    edit(routes)
    await hands.patch({"http": routes})
    await told(theatre, f"Changed by somebody else: the routing was changed: {difference}")
    assert theatre.buttons() == ["Apply again", "Adopt theirs", "Roll back", "Details"]
    assert hands.http() == routes
    assert await ana.presses("Apply again") is None
    await until(lambda: hands.http() == before)
    await theatre.until(Phase.BAKING)
    assert (await theatre.release()).paused is None


async def test_f24_adopted_theirs_is_what_everything_later_is_compared_with(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    await baking(theatre, ana)
    routes = hands.http()
    routes[0]["timeout"] = "3s"
    await hands.patch({"http": routes})
    await theatre.pass_(2)
    assert await ana.presses("Adopt theirs") is None
    await theatre.pass_(1)
    await theatre.until(Phase.BAKING)
    assert hands.http() == routes
    await theatre.pass_(5)
    assert (await theatre.release()).drift is None
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    assert "lockmaster.dev/baseline" not in hands.stored()["metadata"]["annotations"]


async def test_f24_subsets_edited_beside_the_route_are_shown_and_put_back(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    await baking(theatre, ana)
    before = hands.stored(DESTINATION_RULE)["spec"]
    other = {"name": "mine", "labels": {"a": "b"}}
    subsets = [before["subsets"][0], {"name": "canary", "labels": {"version": "v9"}}, other]
    await hands.patch({"subsets": subsets}, plural="destinationrules")
    await told(
        theatre,
        "Changed by somebody else: the routing was changed: "
        'subsets.canary.labels.lockmaster.dev/track is not there, was "canary"; '
        'subsets.canary.labels.version is "v9", was not there',
    )
    assert await ana.presses("Apply again") is None
    await until(lambda: hands.stored(DESTINATION_RULE)["spec"]["subsets"] == [*before["subsets"], other])


async def test_f24_a_canary_subset_that_is_taken_away_turns_the_release_back(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    """What is sent to a subset that does not exist fails: nobody is asked first."""
    await baking(theatre, ana)
    stable = hands.stored(DESTINATION_RULE)["spec"]["subsets"][0]
    await hands.patch({"subsets": [stable]}, plural="destinationrules")
    await theatre.pass_(1)
    assert theatre.canary == 0
    text = "the canary's subset is gone from beside the route, so what is sent to it fails"
    assert theatre.thread()[-1] == f"Rollback: {text}"


async def test_f26_argo_cd_is_known_by_its_field_manager(hands: Hands, theatre: Shop, ana: Person) -> None:
    await baking(theatre, ana)
    await hands.weights(100, 0, manager="argocd-controller")
    await told(
        theatre,
        "Changed by somebody else: Argo CD put the route back to 0 % to the canary, not 50 %",
    )
    assert "jqPathExpressions" in theatre.notice(-1)


async def test_f26_a_tool_that_reverts_every_write_is_held_after_two_reverts(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    """Rolling back against it, without a person: two writes of ours, then none any more."""
    await baking(theatre, ana)

    def git(resource: Resource, place: Any, change: Any, **kinds: Any) -> Document:
        written = real(resource, place, change, **kinds)
        if resource is VIRTUAL_SERVICE and written["spec"]["http"][0]["route"][1]["weight"] == 0:
            asyncio.get_running_loop().call_soon(real, resource, place, lambda old: weighted(old, 90, 10))
        return written

    real = theatre.kube.registry.modify
    theatre.kube.registry.modify = git  # type: ignore[method-assign]
    await ana.types("rollback checkout")
    await theatre.until(Phase.NEEDS_HUMAN)
    await theatre.pass_(20)
    assert [form for form in theatre.routes if form[0] > 3] == [(4, 0), (4, 10), (5, 0), (5, 10), (6, 10)]
    assert theatre.thread()[-1] == (
        "Stopped: something sends 10 % to the canary again, 2 times now; everything belongs to stable"
    )
    theatre.kube.registry.modify = real  # type: ignore[method-assign]
    await hands.weights(100, 0)
    await theatre.until(Phase.ROLLED_BACK)


def _noted(old: Document, key: str) -> Document:
    old["metadata"]["annotations"] = {**old["metadata"].get("annotations", {}), key: "theirs"}
    return old
