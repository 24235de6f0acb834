"""What others do to the route, as decisions."""

from inspect import cleandoc as block

from bot.errors import ReasonCode, refuse
from bot.release.decide.denied import answers
from bot.release.meddling import Obstacle, PutBack, Stopped
from bot.release.model import ALL_STABLE, Kind
from bot.release.phases import Phase
from bot.release.weight import Weight
from tests.unit.release.decide.scene import (
    ENDING,
    FAIL,
    MOVED,
    NEW,
    NOW,
    OLD,
    Case,
    release,
    route,
    seen,
    split,
    table,
    told,
    track,
)

AT25 = {"weights": split(25), **MOVED}
FAULT = "two routes. Leave one"
BROKEN = route(None, fault=FAULT, writable=False)
ZERO = route(None, fault="all weights are 0", writable=True)


def stopped(by: Obstacle, phase: Phase) -> dict[str, object]:
    return {"stopped": Stopped(by=by, phase=phase)}


def test_a_route_that_cannot_be_moved() -> None:
    waiting = release(Phase.NEEDS_HUMAN, **AT25, **stopped(Obstacle.SHAPE, Phase.BAKING))
    ordered = waiting.model_copy(update={"ending": ENDING})
    again = PutBack(times=1)
    cases: dict[str, Case] = {
        "before traffic moved": (release(), seen(route=BROKEN)),
        "while it moves": (release(Phase.BAKING, **AT25), seen(route=BROKEN)),
        "on the way back": (release(Phase.ROLLING_BACK, weights=ALL_STABLE), seen(route=BROKEN)),
        "all zero": (release(Phase.BAKING, **AT25), seen(route=ZERO)),
        "all zero on the way back": (release(Phase.ROLLING_BACK, weights=ALL_STABLE), seen(route=ZERO)),
        "all zero again": (release(Phase.ROLLING_BACK, weights=ALL_STABLE, put_back=again), seen(route=ZERO)),
        "not mended": (waiting, seen(route=BROKEN)),
        "without tracks": (waiting, seen(None)),
        "mended": (waiting, seen(split(25))),
        "mended, going back": (ordered, seen(split(25))),
        "nobody's": (release(Phase.NEEDS_HUMAN, **AT25), seen(split(25))),
        "no stable": (
            release(Phase.NEEDS_HUMAN, weights=ALL_STABLE, **stopped(Obstacle.PUT_BACK, Phase.FINISHING)),
            seen(stable=None),
        ),
    }
    assert table(cases) == block("""
        before traffic moved      Turn →cancelled 0 %: two routes. Leave one
        while it moves            Turn →needs_human 25 %: two routes. Leave one
        on the way back           Turn →needs_human 0 %: two routes. Leave one
        all zero                  Turn →needs_human 25 %: all weights are 0
        all zero on the way back  SetWeights rolling_back 0 %: everything to stable
        all zero again            Turn →needs_human 0 %: all weights are 0
        not mended                Wait: two routes. Leave one, +5 s
        without tracks            Wait: somebody has to decide, +5 s
        mended                    Turn →shifting 25 %: what stopped it is mended
        mended, going back        SetWeights →rolling_back 0 %: as asked (dee)
        nobody's                  Wait: somebody has to decide, +5 s
        no stable                 Wait: somebody has to decide, +5 s
        """)


def test_a_rollback_that_the_route_does_not_let_through() -> None:
    denial = refuse(ReasonCode.NOT_READY, "denied").reason
    given = answers(release(Phase.BAKING, **AT25), seen(route=BROKEN), denial, NOW)
    assert [told(one, release(Phase.BAKING, **AT25)) for one in given] == [
        "Turn →needs_human 25 %: denied; but two routes. Leave one",
        "Turn →needs_human 25 %: denied",
        "EndUnclaimed →needs_human 25 %: denied",
    ]


def test_nothing_to_go_back_to() -> None:
    denial = refuse(ReasonCode.NOT_READY, "denied").reason
    assert answers(release(Phase.PROMOTED, ended_at=NOW), seen(), denial, NOW) == ()
    assert answers(release(kind=Kind.UNADOPT), seen(), denial, NOW) == ()


def test_a_canary_without_its_subset() -> None:
    lost = route(split(25), lost=("canary",))
    both = route(split(25), lost=("stable", "canary"), changed=("subsets are gone",))
    cases: dict[str, Case] = {
        "turned back": (release(Phase.BAKING, **AT25), seen(route=lost)),
        "stable updated already": (
            release(Phase.PROMOTING, weights=split(100), **MOVED),
            seen(route=route(split(100), lost=("canary",)), stable=track(NEW)),
        ),
        "no way is better": (release(Phase.BAKING, **AT25), seen(route=both)),
        "before traffic moved": (release(), seen(route=route(ALL_STABLE, lost=("canary",)), canary=None)),
    }
    assert table(cases).replace(" from beside the route, so what is sent to it fails", "") == block("""
        turned back             SetWeights →rolling_back 0 %: the canary's subset is gone
        stable updated already  SetWeights →rolling_back 0 %: the canary's subset is gone
        no way is better        Turn baking 25 %: the routing was changed: subsets are gone
        before traffic moved    EnsureCanary: shop/checkout:v1.3.0, v1.3.0, 1
        """)


def test_a_release_cancelled_with_their_weights_in_the_route_sends_them_home() -> None:
    late = release(phase_since=NOW.replace(hour=0))
    assert table({"late": (late, seen(split(40)))}) == (
        "late  Turn preparing 0 %: the route says 40 % to the canary, not 0 %"
    )
    held = late.model_copy(update={"drift": split(40)})
    assert table({"held": (held, seen(split(40)))}) == "held  SetWeights →cancelled 0 %: not ready in time"


def test_an_image_that_somebody_puts_back() -> None:
    mine = {"revision": 3}
    updated = {"entered": 3, "weights": split(100), **MOVED}
    cases: dict[str, Case] = {
        "not yet ours": (release(Phase.PROMOTING, **updated), seen(split(100), stable=track(OLD))),
        "ours before": (
            release(Phase.PROMOTING, **updated),
            seen(split(100), stable=track(OLD, ours=True, revision=2)),
        ),
        "put back": (
            release(Phase.PROMOTING, **updated),
            seen(split(100), stable=track(OLD, ours=True, **mine)),
        ),
        "put back to a digest": (
            release(Phase.FINISHING, weights=ALL_STABLE, **MOVED),
            seen(stable=track("shop/checkout", ours=True)),
        ),
        "back again": (
            release(Phase.ROLLING_BACK, entered=3, weights=ALL_STABLE, **MOVED),
            seen(stable=track(NEW, ours=True, **mine)),
        ),
    }
    lines = table(cases).splitlines()
    assert [line.split("  ")[-1].split(":")[0].strip() for line in lines] == [
        "PatchStable",
        "PatchStable",
        "Turn →needs_human 100 %",
        "Turn →needs_human 0 %",
        "Turn →needs_human 0 %",
    ]
    assert "stable was updated to v1.2.9, and somebody put it back to v1.3.0" in lines[-1]
    assert "somebody put it back to shop/checkout;" in lines[-2]


def test_a_failing_canary_is_turned_back_even_while_a_drift_is_looked_at() -> None:
    drifted = release(Phase.BAKING, drift=split(40), **AT25)
    assert table({"failing": (drifted, seen(split(40), judgement=FAIL))}) == (
        "failing  SetWeights →rolling_back 0 %: errors 9.00 % in 10 s"
    )


def test_who_undoes_it() -> None:
    assert PutBack(canary=Weight.ZERO, by="argocd-application-controller").who == "Argo CD"
    assert PutBack(times=2, by="somebodys-script").who == "the writer somebodys-script"
    assert [PutBack(times=1).stubborn, PutBack(times=2).stubborn] == [False, True]
