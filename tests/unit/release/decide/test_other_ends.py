"""Drift, unadoption, and what is left to do after the end."""

from inspect import cleandoc as block

import pytest

from bot.release import decide as decide_package
from bot.release.decide.turning import replicas_for, wait
from bot.release.decision import Wait
from bot.release.instructions import Ask
from bot.release.model import ALL_STABLE, LOCKMASTER, EventKind, Kind, Pause
from bot.release.observed import Gone, Terms
from bot.release.phases import Phase
from bot.release.weight import Weight
from tests.unit.release.decide.scene import (
    MOVED,
    NEW,
    NOW,
    PAUSED,
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

AT25 = {"weights": split(25), **MOVED}
ROUTE_GONE = Gone("the route object of checkout", whole=False)
LEFT = track(NEW, ours=False, revision=2)
OURS = Pause(by=LOCKMASTER, since=NOW)


def test_weights_that_somebody_else_wrote() -> None:
    cases: dict[str, Case] = {
        "seen": (release(Phase.BAKING, **AT25), seen(split(40))),
        "seen in a pause": (release(Phase.BAKING, paused=PAUSED, **AT25), seen(split(40))),
        "known": (release(Phase.BAKING, paused=OURS, drift=split(40), **AT25), seen(split(40))),
        "changed again": (release(Phase.BAKING, paused=OURS, drift=split(40), **AT25), seen(split(60))),
        "undone": (release(Phase.BAKING, paused=OURS, drift=split(40), **AT25), seen(split(25))),
        "undone in a person's pause": (
            release(Phase.BAKING, paused=PAUSED, drift=split(40), **AT25),
            seen(split(25)),
        ),
        "route unadopted": (release(Phase.BAKING, **AT25), seen(None)),
        "before traffic moved": (release(), seen(split(40))),
    }
    assert table(cases) == block("""
        seen                        Turn baking 25 %: the route says 40 % to the canary, not 25 %
        seen in a pause             Turn baking 25 %: the route says 40 % to the canary, not 25 %
        known                       Rest: baking, +5 s, +60 s
        changed again               Turn baking 25 %: the route says 60 % to the canary, not 25 %
        undone                      Turn baking 25 %: the route says 25 % again
        undone in a person's pause  Turn baking 25 %: the route says 25 % again
        route unadopted             Turn →needs_human 25 %: the route no longer names the tracks
        before traffic moved        Turn preparing 0 %: the route says 40 % to the canary, not 0 %
        """)


def test_an_unadoption() -> None:
    begun = release(kind=Kind.UNADOPT, stages=(), revision=0)
    left = release(kind=Kind.UNADOPT, stages=(), subsets_since=NOW)
    tidy = release(kind=Kind.UNADOPT, stages=(), subsets_since=NOW, tidied=True)
    free, held = route(claimed=False, revision=7), route(claimed=False, others="R-9")
    leaving = Terms(TERMS.settle, TERMS.ready_within, TERMS.patience, at(3))
    cases: dict[str, Case] = {
        "begun": (begun, seen(route=free, canary=None)),
        "held by another": (begun, seen(route=held, canary=None)),
        "given up": (begun, seen(route=free, inbox=(wish(Ask.ROLL_BACK, because="we need it"),))),
        "given up without a reason": (begun, seen(route=free, inbox=(wish(Ask.ROLL_BACK),))),
        "another wish": (begun, seen(route=free, canary=None, inbox=(wish(Ask.PAUSE),))),
        "pods are leaving": (begun, seen(route=free, terms=leaving)),
        "pods should have left": (begun, seen(route=free, terms=leaving), 60),
        "pods do not leave": (begun, seen(route=free, terms=leaving), 300),
        "route left": (left, seen(None, route=free, canary=None), 14),
        "known to every proxy": (left, seen(None, route=free, canary=None), 15),
        "tracks dropped": (tidy, seen(None, route=free, canary=None), 16),
        "route deleted": (left, seen(None, route=route(None, claimed=False), gone=ROUTE_GONE)),
    }
    assert table(cases) == block("""
        begun                      LeaveRoute preparing 0 %: the route no longer names the tracks (ana)
        held by another            EndUnclaimed →cancelled 0 %: the route object belongs to R-9
        given up                   EndUnclaimed →cancelled 0 %: we need it
        given up without a reason  EndUnclaimed →cancelled 0 %: given up
        another wish               LeaveRoute preparing 0 %: the route no longer names the tracks (ana)
        pods are leaving           Wait: pods of the release before are still leaving, +3 s
        pods should have left      Wait: pods of the release before are still leaving, +65 s
        pods do not leave          EndUnclaimed →cancelled 0 %: a canary Deployment is still there; delete it first
        route left                 Wait: the route's change is being made known to every proxy, +15 s
        known to every proxy       DropTracks preparing 0 %: the tracks are gone (ana)
        tracks dropped             EndUnclaimed →promoted 0 %: as it was before adoption
        route deleted              EndUnclaimed →cancelled 0 %: the route object of checkout no longer exists
        """)


def test_after_the_end() -> None:
    ended = release(Phase.PROMOTED, ended_at=NOW, weights=ALL_STABLE)
    cases: dict[str, Case] = {
        "pods are kept": (ended, seen(), 29),
        "pods go": (ended, seen(), 30),
        "pods are gone": (ended, seen(canary=None), 30),
        "another's pods": (ended, seen(canary=track(NEW, ours=False)), 30),
        "older pods": (ended, seen(canary=LEFT), 30),
        "newer pods": (ended, seen(canary=LEFT, route=route(claimed=False)), 30),
        "route lost": (ended, seen(canary=None, route=route(claimed=False)), 30),
        "route deleted": (ended, seen(canary=None, route=route(claimed=False), gone=ROUTE_GONE), 30),
        "tidied": (ended.model_copy(update={"tidied": True}), seen(), 90),
        "without an end": (ended.model_copy(update={"ended_at": None}), seen(), 90),
        "asked for something": (ended, seen(inbox=(wish(Ask.ROLL_BACK),)), 1),
    }
    assert table(cases) == block("""
        pods are kept        Wait: ended; the canary's pods are kept a little, +30 s
        pods go              RemoveCanary
        pods are gone        Turn promoted 0 %: no canary is left
        another's pods       Turn promoted 0 %: no canary is left
        older pods           RemoveCanary
        newer pods           EndUnclaimed promoted 0 %: no canary is left
        route lost           EndUnclaimed promoted 0 %: no canary is left
        route deleted        EndUnclaimed promoted 0 %: no canary is left
        tidied               Wait: ended, None
        without an end       Wait: ended, None
        asked for something  Wait: ended; the canary's pods are kept a little, +30 s
        """)


def test_pods_for_a_weight_are_rounded_up_and_never_none() -> None:
    counts = [replicas_for(Weight.of(percent), 7) for percent in (0, 0.01, 14, 15, 50, 100)]
    assert counts == [
        1,
        1,
        1,
        2,
        4,
        7,
    ]


def test_a_wait_is_never_for_the_past() -> None:
    assert wait("x", NOW, at(-1)) == Wait("x", at(5))
    assert wait("x", NOW, at(2)) == Wait("x", at(2))
    assert wait("x", NOW, at(9)) == Wait("x", at(5))


def test_the_end_is_decided_elsewhere() -> None:
    with pytest.raises(AssertionError, match="terminal phases are decided elsewhere"):
        decide_package._by_phase(release(Phase.PROMOTED), seen(), NOW)


def test_a_move_that_the_table_does_not_know_is_a_bug() -> None:
    record = release(Phase.PREPARING)
    with pytest.raises(AssertionError, match="R-1: gate may not follow preparing"):
        record.enter(Phase.GATE, record.event(EventKind.ASKED, NOW, "?"))
