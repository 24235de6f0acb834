"""Admission webhooks that deny what a release writes, or change it."""

from typing import Any

import pytest

from bot.release.model import EventKind
from bot.release.phases import Phase
from sandbox.kube.admission import denied
from sandbox.kube.document import Document
from sandbox.kube.resources import DEPLOYMENT, VIRTUAL_SERVICE, Resource
from tests.faults.hands import Hands, ana, baking, hands, theatre, weighted
from tests.faults.shop import Shop
from tests.scenarios.conftest import quiet
from tests.scenarios.theatre import Person

__all__ = ["ana", "hands", "quiet", "theatre"]


def friday(kind: Resource) -> Any:
    def hook(resource: Resource, document: Document) -> Document:
        if resource is kind:
            raise denied("freeze.example", "it is Friday")
        return document

    return hook


DENIED = (
    "the cluster did not take the patch of VirtualService shop/checkout: "
    'admission webhook "freeze.example" denied the request: it is Friday'
)


async def test_f23_a_denied_step_fails_with_the_webhook_s_text_and_goes_back_when_it_can(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    """Nothing can be written at all: said once, tried again quietly, and back at stable as soon as that is allowed."""
    await ana.types("checkout v1.3.0 canary 50% 100% every 1s ask")
    await theatre.until(Phase.GATE)
    theatre.kube.registry.admission.register("freeze", friday(VIRTUAL_SERVICE))
    await ana.types("promote checkout")
    await theatre.pass_(30)
    assert (theatre.canary, (await theatre.release()).phase) == (50, Phase.NEEDS_HUMAN)
    assert [line for line in theatre.channel() if ") stopped:" in line] == [
        f"checkout v1.2.9 → v1.3.0 (R-1001) stopped: {DENIED}."
    ]
    theatre.kube.registry.admission.remove("freeze")
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.canary == 0
    assert [one.split(":")[0] for one in theatre.thread()].count("Stopped") == 1


async def test_f23_only_forward_denied_goes_back_at_once(hands: Hands, theatre: Shop, ana: Person) -> None:
    def no_more(resource: Resource, document: Document) -> Document:
        if resource is VIRTUAL_SERVICE and document["spec"]["http"][0]["route"][1]["weight"] > 50:
            raise denied("limits.example", "at most half")
        return document

    theatre.kube.registry.admission.register("limits", no_more)
    await ana.types("checkout v1.3.0 canary 50% 100% every 1s auto")
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.notice(-1).splitlines()[:4] == [
        "Rolled back   checkout v1.2.9 → v1.3.0 (R-1001)",
        "",
        "Trigger: the cluster: the cluster did not take the patch of VirtualService shop/checkout: admission",
        'webhook "limits.example" denied the request: at most half (Lockmaster)',
    ]
    assert max(canary for _, canary in theatre.routes) == 50


@pytest.mark.parametrize("kind", [DEPLOYMENT, VIRTUAL_SERVICE])
async def test_f23_what_is_denied_before_traffic_moved_is_cancelled(
    hands: Hands, theatre: Shop, ana: Person, kind: Resource
) -> None:
    theatre.kube.registry.admission.register("freeze", friday(kind))
    await ana.types("checkout v1.3.0")
    await theatre.until(Phase.CANCELLED)
    verb = "create of Deployment shop/" if kind is DEPLOYMENT else "patch of VirtualService shop/checkout"
    ending = (await theatre.release()).ending
    assert ending is not None
    assert ending.text.startswith(f"the cluster did not take the {verb}")
    assert ending.text.endswith('admission webhook "freeze.example" denied the request: it is Friday')
    assert await ana.types("locks") == "Nothing is locked."


def clamped(most: int) -> Any:
    def hook(resource: Resource, document: Document) -> Document:
        if resource is VIRTUAL_SERVICE:
            weight = document["spec"]["http"][0]["route"][1]["weight"]
            return weighted(document, 100 - most, most) if weight > most else document
        return document

    return hook


async def test_f23_a_write_that_a_webhook_changes_turns_the_release_back(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    theatre.kube.registry.admission.register("clamp", clamped(10))
    await ana.types("checkout v1.3.0 canary 50% every 1s auto")
    await theatre.until(Phase.ROLLED_BACK)
    ending = (await theatre.release()).ending
    assert ending is not None
    assert ending.text == (
        "the cluster changed what was written to VirtualService shop/checkout: 10 % to the canary instead of 50 % to the canary"
    )
    assert theatre.canary == 0


async def test_f23_a_way_back_that_a_webhook_changes_is_for_people_and_said_once(
    hands: Hands, theatre: Shop, ana: Person
) -> None:
    def least(resource: Resource, document: Document) -> Document:
        if resource is VIRTUAL_SERVICE and document["spec"]["http"][0]["route"][1]["weight"] < 10:
            return weighted(document, 90, 10)
        return document

    await baking(theatre, ana)
    theatre.kube.registry.admission.register("least", least)
    await ana.types("rollback checkout")
    await theatre.pass_(30)
    assert (theatre.canary, (await theatre.release()).phase) == (10, Phase.NEEDS_HUMAN)
    assert len([line for line in theatre.channel() if ") stopped:" in line]) == 1
    kinds = [event.kind for event in await theatre.releases.events("R-1001")]
    assert kinds[-2:] == [EventKind.ROLLBACK_ORDERED, EventKind.NEEDED_HUMAN]
    theatre.kube.registry.admission.remove("least")
    await hands.weights(100, 0)
    await theatre.until(Phase.ROLLED_BACK)
