"""The floor of stable's autoscaler."""

from inspect import cleandoc as block
from typing import Any

from bot.release.decide import decide
from bot.release.decision import Turn
from bot.release.model import Floor
from bot.release.observed import AutoscalerSeen, Unseen
from bot.release.phases import Phase
from tests.unit.release.decide.scene import (
    FAIL,
    MOVED,
    NEW,
    Case,
    at,
    release,
    route,
    seen,
    split,
    stages,
    table,
    track,
)

P, B = Phase.PREPARING, Phase.BAKING
AT100 = {"weights": split(100), "stages": stages(50, 100), "stage": 1, **MOVED}
AT25 = {"weights": split(25), **MOVED}
FLOOR = Floor(autoscaler="HPA", was=2, held=4)
LEFT = FLOOR.model_copy(update={"left": True})
ENDED: dict[str, Any] = {"ended_at": at(0), "floor": FLOOR, "revision": 9}


def scaler(floor: int = 2, **changes: Any) -> AutoscalerSeen:
    fields = {"ceiling": 10, "was": floor, "held": None, "revision": 0} | changes
    return AutoscalerSeen("HPA", floor, **fields)


HELD = scaler(4, was=2, held=4, revision=4)
RISK = "; a rollback may find fewer pods than stable had"
SINCE = "as somebody set it since, not 2 as before"
DENIED = Unseen("may not list")


def test_a_floor_is_held_before_a_canary_exists() -> None:
    cases: dict[str, Case] = {
        "first said": (release(), seen(canary=None, autoscaler=scaler())),
        "then done": (release(floor=FLOOR), seen(canary=None, autoscaler=scaler())),
        "held": (release(floor=FLOOR), seen(canary=None, autoscaler=HELD)),
        "high enough": (release(), seen(canary=None, autoscaler=scaler(4))),
        "as much as it may": (release(), seen(canary=None, autoscaler=scaler(1, ceiling=3))),
        "still held by another": (release(), seen(canary=None, autoscaler=scaler(4, was=2, revision=2))),
        "left": (release(floor=LEFT), seen(canary=None, autoscaler=scaler())),
        "unseen": (release(), seen(canary=None, autoscaler=DENIED)),
        "unseen too long": (release(), seen(canary=None, autoscaler=DENIED), 300),
        "nothing scales": (release(), seen(canary=None)),
    }
    assert table(cases) == block("""
        first said             Turn preparing 0 %: HPA keeps at least 4 pods while the release lives, not 2
        then done              HoldFloor: 4
        held                   EnsureCanary: shop/checkout:v1.3.0, v1.3.0, 1
        high enough            EnsureCanary: shop/checkout:v1.3.0, v1.3.0, 1
        as much as it may      Turn preparing 0 %: HPA keeps at least 3 pods while the release lives, not 1
        still held by another  Turn preparing 0 %: HPA keeps at least 4 pods while the release lives, not 2
        left                   EnsureCanary: shop/checkout:v1.3.0, v1.3.0, 1
        unseen                 Wait: stable's autoscaler cannot be looked for: may not list, +5 s
        unseen too long        Turn →cancelled 0 %: not ready in time: stable's autoscaler cannot be looked for: may not list
        nothing scales         EnsureCanary: shop/checkout:v1.3.0, v1.3.0, 1
        """)


def test_somebody_elses_floor_is_said_once_and_stays() -> None:
    changed = scaler(3, held=4, revision=4)
    cases: dict[str, Case] = {
        "lower": (release(B, floor=FLOOR, **AT25), seen(split(25), autoscaler=changed)),
        "higher": (release(B, floor=FLOOR, **AT25), seen(split(25), autoscaler=scaler(7, held=4))),
        "said": (release(B, floor=LEFT, **AT25), seen(split(25), autoscaler=changed)),
        "held": (release(B, floor=FLOOR, **AT25), seen(split(25), autoscaler=HELD)),
        "unseen": (release(B, floor=FLOOR, **AT25), seen(split(25), autoscaler=DENIED)),
        "after a rollback": (
            release(B, floor=FLOOR, **AT25),
            seen(split(25), autoscaler=changed, judgement=FAIL),
        ),
    }
    assert table(cases) == block(f"""
        lower             Turn baking 25 %: HPA was set to at least 3 pods, where 4 were held; that stays{RISK}
        higher            Turn baking 25 %: HPA was set to at least 7 pods, where 4 were held; that stays
        said              Rest: baking, +5 s, +60 s
        held              Rest: baking, +5 s, +60 s
        unseen            Rest: baking, +5 s, +60 s
        after a rollback  SetWeights →rolling_back 0 %: errors 9.00 % in 10 s
        """)


def test_stable_gets_as_many_pods_as_the_canary_needed_before_it_is_updated() -> None:
    bigger = track(NEW, replicas=6, ready=6)
    promoting = release(Phase.PROMOTING, floor=FLOOR, **AT100)
    raised = promoting.model_copy(update={"floor": FLOOR.model_copy(update={"held": 6})})
    six = scaler(6, was=2, held=6)
    cases: dict[str, Case] = {
        "said": (promoting, seen(split(100), canary=bigger, autoscaler=HELD)),
        "done": (raised, seen(split(100), canary=bigger, autoscaler=HELD)),
        "held": (raised, seen(split(100), canary=bigger, autoscaler=six)),
        "on their way": (raised, seen(split(100), stable=track(NEW), canary=bigger, autoscaler=six), 10),
        "never": (raised, seen(split(100), stable=track(NEW), canary=bigger, autoscaler=six), 300),
        "no autoscaler any more": (raised, seen(split(100), stable=track(NEW), canary=bigger)),
    }
    assert table(cases) == block("""
        said                    Turn promoting 100 %: HPA keeps at least 6 pods while the release lives, not 2
        done                    HoldFloor: 6
        held                    PatchStable: shop/checkout:v1.3.0, v1.3.0
        on their way            Wait: its pods are being replaced, +15 s
        never                   Turn →needs_human 100 %: stable does not become ready with v1.3.0: its update does not end
        no autoscaler any more  SetWeights →finishing 0 %: stable runs v1.3.0 on 4 pods
        """)


def test_a_floor_is_given_back_at_the_end_whatever_the_end_and_before_all_is_forgotten() -> None:
    for phase in (Phase.PROMOTED, Phase.ROLLED_BACK, Phase.CANCELLED):
        ended = release(phase, **ENDED)
        back, theirs = scaler(2, revision=9), scaler(7, revision=9)
        cases: dict[str, Case] = {
            "held": (ended, seen(autoscaler=HELD)),
            "never held, but about to be": (ended, seen(autoscaler=scaler(2, revision=3))),
            "a newer release has it": (ended, seen(autoscaler=scaler(4, revision=12))),
            "given back": (ended, seen(canary=None, autoscaler=back), 30),
            "somebody else's": (ended, seen(canary=None, autoscaler=theirs), 30),
            "unseen, canary first": (ended, seen(autoscaler=DENIED), 30),
            "unseen": (ended, seen(canary=None, autoscaler=DENIED), 30),
            "gone": (ended, seen(canary=None), 30),
        }
        assert table(cases) == block(f"""
            held                         GiveBackFloor
            never held, but about to be  GiveBackFloor
            a newer release has it       Wait: ended; the canary's pods are kept a little, +30 s
            given back                   Turn {phase} 0 %: no canary is left; HPA keeps at least 2 pods, as before
            somebody else's              Turn {phase} 0 %: no canary is left; HPA keeps at least 7 pods, {SINCE}
            unseen, canary first         RemoveCanary
            unseen                       GiveBackFloor
            gone                         Turn {phase} 0 %: no canary is left
            """)


def test_a_route_made_anew_continues_where_the_stamps_beside_it_are() -> None:
    anew = route(claimed=False, revision=0)
    starting = release(revision=0)
    cases: dict[str, Case] = {
        "stable": (starting, seen(route=anew, stable=track(revision=7), canary=None)),
        "autoscaler": (starting, seen(route=anew, canary=None, autoscaler=scaler(revision=8))),
        "unseen": (starting, seen(route=anew, canary=None, autoscaler=DENIED)),
    }
    assert table(cases) == block("""
        stable      Turn preparing 0 %: holds the route object (ana)
        autoscaler  Turn preparing 0 %: holds the route object (ana)
        unseen      Turn preparing 0 %: holds the route object (ana)
        """)
    claims = [decide(case[0], case[1], at(0)) for case in cases.values()]
    assert [one.release.revision for one in claims if isinstance(one, Turn)] == [8, 9, 1]
