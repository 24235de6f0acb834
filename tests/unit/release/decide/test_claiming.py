"""The route object does not carry this release."""

from inspect import cleandoc as block
from typing import Any

from bot.release.decide import decide
from bot.release.decision import Turn
from bot.release.instructions import Ask
from bot.release.model import Kind
from bot.release.observed import Terms
from bot.release.phases import Phase
from tests.unit.release.decide.scene import (
    NEW,
    NOW,
    OLD,
    TERMS,
    Case,
    at,
    release,
    route,
    seen,
    split,
    table,
    track,
    wish,
)

FREE = route(None, claimed=False, revision=7)
HELD = route(split(50), claimed=False, others="R-9")
LOST = route(split(25), claimed=False, revision=0)
UNREADABLE = route(split(25), claimed=False, revision=8, unreadable=True)
LEAVING = Terms(TERMS.settle, TERMS.ready_within, TERMS.patience, at(20))
FOLLOWED = route(claimed=False, revision=8, successor="R-2")
BEGUN: dict[str, Any] = {"revision": 0}


def test_who_does_not_hold_the_route() -> None:
    cases: dict[str, Case] = {
        "free": (release(**BEGUN), seen(route=FREE)),
        "held": (release(**BEGUN), seen(route=HELD)),
        "given up": (release(**BEGUN), seen(route=FREE, inbox=(wish(Ask.ROLL_BACK, because="oops"),))),
        "pods are leaving": (release(**BEGUN), seen(route=FREE, terms=LEAVING)),
        "lost": (release(Phase.BAKING), seen(route=LOST)),
        "taken over": (release(Phase.BAKING), seen(route=HELD)),
        "unreadable": (release(Phase.BAKING), seen(route=UNREADABLE)),
        "lost and told": (release(Phase.NEEDS_HUMAN), seen(route=LOST)),
        "lost, another wish": (release(Phase.NEEDS_HUMAN), seen(route=LOST, inbox=(wish(Ask.PAUSE),))),
        "lost and given up": (release(Phase.NEEDS_HUMAN), seen(route=LOST, inbox=(wish(Ask.ROLL_BACK),))),
        "taken over, given up": (release(Phase.NEEDS_HUMAN), seen(route=HELD, inbox=(wish(Ask.ROLL_BACK),))),
        "unadopted, given up": (release(Phase.NEEDS_HUMAN), seen(route=FREE, inbox=(wish(Ask.ROLL_BACK),))),
        "unreadable, given up": (
            release(Phase.NEEDS_HUMAN),
            seen(route=UNREADABLE, inbox=(wish(Ask.ROLL_BACK),)),
        ),
        "followed": (release(Phase.BAKING), seen(route=FOLLOWED)),
        "followed, given up": (
            release(Phase.NEEDS_HUMAN),
            seen(route=FOLLOWED, inbox=(wish(Ask.ROLL_BACK),)),
        ),
        "followed, unclaimed": (release(**BEGUN), seen(route=FOLLOWED)),
        "no stable, given up": (
            release(Phase.NEEDS_HUMAN),
            seen(route=LOST, stable=track(ready=0), inbox=(wish(Ask.ROLL_BACK),)),
        ),
    }
    assert table(cases) == block("""
        free                  Turn preparing 0 %: holds the route object (ana)
        held                  EndUnclaimed →cancelled 0 %: the route object belongs to R-9
        given up              EndUnclaimed →cancelled 0 %: oops (bo)
        pods are leaving      Turn preparing 0 %: holds the route object (ana)
        lost                  EndUnclaimed →needs_human 0 %: somebody removed R-1 from the route object
        taken over            EndUnclaimed →needs_human 0 %: the route object now belongs to R-9
        unreadable            EndUnclaimed →needs_human 0 %: this version of Lockmaster cannot read the record in the route object
        lost and told         Wait: somebody removed R-1 from the route object, +5 s
        lost, another wish    Wait: somebody removed R-1 from the route object, +5 s
        lost and given up     SetWeights →rolling_back 0 %: as asked (bo) +bo:roll_back
        taken over, given up  EndUnclaimed →cancelled 0 %: as asked (bo)
        unadopted, given up   EndUnclaimed →cancelled 0 %: as asked (bo)
        unreadable, given up  SetWeights →rolling_back 0 %: as asked (bo) +bo:roll_back
        followed              EndUnclaimed →cancelled 0 %: it had ended before R-2 began; the store had lost that, as in a failover
        followed, given up    EndUnclaimed →cancelled 0 %: it had ended before R-2 began; the store had lost that, as in a failover
        followed, unclaimed   EndUnclaimed →cancelled 0 %: it had ended before R-2 began; the store had lost that, as in a failover
        no stable, given up   Wait: as asked; but stable has no ready pod to go back to, +5 s
        """)


def test_a_claim_continues_the_revision_of_the_object() -> None:
    decision = decide(release(revision=0), seen(route=FREE), NOW)
    assert isinstance(decision, Turn)
    assert decision.release.revision == 8


def test_a_claim_stands_on_stable_as_it_is() -> None:
    """Whoever started it had not been told of the promotion before."""
    moved_on, there = track("shop/checkout:v1.2.10", replicas=5), track(NEW)
    adoption = release(**BEGUN, kind=Kind.ADOPT, target="v1.2.9", image=OLD)
    cases: dict[str, Case] = {
        "moved on": (release(**BEGUN), seen(route=FREE, stable=moved_on)),
        "runs the target": (release(**BEGUN), seen(route=FREE, stable=there)),
        "adoption": (adoption, seen(route=FREE, stable=moved_on)),
    }
    assert table(cases) == block("""
        moved on         Turn preparing 0 %: holds the route object; stable runs v1.2.10, not v1.2.9 (ana)
        runs the target  EndUnclaimed →cancelled 0 %: checkout runs v1.3.0 already
        adoption         Turn preparing 0 %: holds the route object; stable runs v1.2.10, not v1.2.9 (ana)
        """)
    claimed = [decide(one[0], one[1], NOW) for name, one in cases.items() if name != "runs the target"]
    records = [one.release for one in claimed if isinstance(one, Turn)]
    assert [(one.source, one.previous_image, one.stable_replicas) for one in records] == [
        ("v1.2.10", "shop/checkout:v1.2.10", 5)
    ] * 2
    assert [(one.target, one.image) for one in records] == [
        ("v1.3.0", NEW),
        ("v1.2.10", "shop/checkout:v1.2.10"),
    ]
