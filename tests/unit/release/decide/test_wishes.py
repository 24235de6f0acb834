"""What people and alerts ask for."""

from inspect import cleandoc as block
from typing import Any

from bot.release.decide import decide
from bot.release.decision import SetWeights
from bot.release.instructions import Ask
from bot.release.model import ALL_STABLE, Kind, Trigger
from bot.release.phases import Phase
from tests.support.values import person
from tests.unit.release.decide.scene import (
    ALERT,
    BLIND,
    FAIL,
    MOVED,
    NEW,
    NOW,
    PAUSED,
    Case,
    at,
    release,
    seen,
    split,
    stages,
    table,
    track,
    wish,
)

AT25 = {"weights": split(25), **MOVED}
LAST = {"weights": split(100), "stage": 1, **MOVED}
BAKING, GATE = release(Phase.BAKING, **AT25), release(Phase.GATE, **AT25)


def asked(ask: Ask, **changes: Any) -> Case:
    return BAKING, seen(split(25), inbox=(wish(ask, **changes),))


def test_a_rollback() -> None:
    back = wish(Ask.ROLL_BACK, because="the logs")
    alert = wish(Ask.ROLL_BACK, by="alert", trigger=Trigger.ALERT, because="HighErrorRate")
    cases: dict[str, Case] = {
        "in the bake": (BAKING, seen(split(25), inbox=(back,))),
        "by an alert": (BAKING, seen(split(25), inbox=(alert.model_copy(update={"by": ALERT}),))),
        "seen at an older stage": asked(Ask.ROLL_BACK, stage=7, attempt=9),
        "before anything else": (BAKING, seen(split(25), inbox=(wish(Ask.PROMOTE, at=at(-9)), back))),
        "before traffic moved": (release(), seen(inbox=(back,))),
        "while stopped": (release(Phase.NEEDS_HUMAN, **AT25), seen(split(25), inbox=(back,))),
        "twice": (release(Phase.ROLLING_BACK, **AT25 | {"weights": ALL_STABLE}), seen(inbox=(back,))),
        "without stable": (BAKING, seen(split(25), inbox=(back,), stable=track(ready=0))),
        "once stable was patched": (release(Phase.FINISHING, **LAST), seen(stable=track(NEW), inbox=(back,))),
        "with the store away": (BAKING, seen(split(25), inbox=(back,), remembered=False)),
        "with the workloads not to be seen": (
            BAKING,
            seen(split(25), inbox=(back,), stable=None, canary=None),
        ),
    }
    assert table(cases) == block("""
        in the bake                        SetWeights →rolling_back 0 %: the logs (bo) +bo:roll_back
        by an alert                        SetWeights →rolling_back 0 %: HighErrorRate (alert HighErrorRate) +alert:roll_back
        seen at an older stage             SetWeights →rolling_back 0 %: as asked (bo) +bo:roll_back
        before anything else               SetWeights →rolling_back 0 %: the logs (bo) +bo:roll_back
        before traffic moved               Turn →cancelled 0 %: the logs (bo) +bo:roll_back
        while stopped                      SetWeights →rolling_back 0 %: the logs (bo) +bo:roll_back
        twice                              Drop: ('bo:roll_back',)
        without stable                     Turn →needs_human 25 %: the logs; but stable has no ready pod to go back to +bo:roll_back
        once stable was patched            Turn →rolling_back 100 %: the logs (bo) +bo:roll_back
        with the store away                SetWeights →rolling_back 0 %: the logs (bo) +bo:roll_back
        with the workloads not to be seen  SetWeights →rolling_back 0 %: the logs (bo) +bo:roll_back
        """)


def test_a_promotion() -> None:
    yes, full = wish(Ask.PROMOTE), wish(Ask.PROMOTE_FULL, because="we agreed")
    two = release(Phase.GATE, **AT25, approvals=(person("dee"),))
    three = stages(25, 50, 100)
    cases: dict[str, Case] = {
        "in the bake": asked(Ask.PROMOTE),
        "at the gate": (GATE, seen(split(25), inbox=(yes,))),
        "in full": (release(Phase.GATE, stages=three, **AT25), seen(split(25), inbox=(full,))),
        "after the last stage": (
            release(Phase.GATE, **LAST),
            seen(split(100), inbox=(wish(Ask.PROMOTE, stage=1),)),
        ),
        "of another stage": asked(Ask.PROMOTE, stage=1),
        "of another attempt": asked(Ask.PROMOTE, attempt=7),
        "typed, bound to nothing": asked(Ask.PROMOTE, stage=None, attempt=None),
        "while the weight moves": (release(Phase.SHIFTING, **AT25), seen(split(25), inbox=(yes,))),
        "while failing": (BAKING, seen(split(25), judgement=FAIL, inbox=(yes,))),
        "without data": (BAKING, seen(split(25), judgement=BLIND, inbox=(yes,))),
        "while paused": (release(Phase.GATE, paused=PAUSED, **AT25), seen(split(25), inbox=(yes,))),
        "with the store away": (GATE, seen(split(25), inbox=(yes,), remembered=False)),
        "too early": (release(), seen(inbox=(yes,))),
        "first of two": (GATE, seen(split(25), inbox=(wish(Ask.PROMOTE, quorum=2),))),
        "second of two": (two, seen(split(25), inbox=(wish(Ask.PROMOTE, quorum=2),))),
        "twice the same person": (two, seen(split(25), inbox=(wish(Ask.PROMOTE, by="dee", quorum=2),))),
    }
    assert table(cases) == block("""
        in the bake              SetWeights →shifting 100 %: 100 % to the canary (bo) +bo:promote
        at the gate              SetWeights →shifting 100 %: 100 % to the canary (bo) +bo:promote
        in full                  SetWeights →shifting 100 %: 100 % to the canary, because “we agreed” (bo) +bo:promote_full
        after the last stage     Turn →promoting 100 %: promotion, stable is updated to v1.3.0 (bo) +bo:promote
        of another stage         Drop: ('bo:promote',)
        of another attempt       Drop: ('bo:promote',)
        typed, bound to nothing  SetWeights →shifting 100 %: 100 % to the canary (bo) +bo:promote
        while the weight moves   Drop: ('bo:promote',)
        while failing            Drop: ('bo:promote',)
        without data             Drop: ('bo:promote',)
        while paused             Drop: ('bo:promote',)
        with the store away      Drop: ('bo:promote',)
        too early                Drop: ('bo:promote',)
        first of two             Turn gate 25 %: 1 of 2 (bo) +bo:promote
        second of two            SetWeights →shifting 100 %: 100 % to the canary (bo) +bo:promote
        twice the same person    Turn gate 25 %: 1 of 2 (dee) +dee:promote
        """)


def test_going_on_without_data() -> None:
    word = wish(Ask.GO_ON_ANYWAY, because="nobody buys at night")
    cases: dict[str, Case] = {
        "at the gate": (GATE, seen(split(25), judgement=BLIND, inbox=(word,))),
        "while the weight moves": (
            release(Phase.SHIFTING, **AT25),
            seen(split(25), judgement=BLIND, inbox=(word,)),
        ),
        "while failing": (GATE, seen(split(25), judgement=FAIL, inbox=(word,))),
        "while paused": (release(Phase.GATE, paused=PAUSED, **AT25), seen(split(25), inbox=(word,))),
        "with the store away": (GATE, seen(split(25), inbox=(word,), remembered=False)),
        "too early": (release(), seen(inbox=(word,))),
        "waiting longer": (GATE, seen(split(25), judgement=BLIND, inbox=(wish(Ask.WAIT_LONGER),))),
        "waiting longer too early": (release(), seen(inbox=(wish(Ask.WAIT_LONGER),))),
    }
    assert table(cases) == block("""
        at the gate               SetWeights →shifting 100 %: 100 % to the canary, because “nobody buys at night” (bo) +bo:go_on_anyway
        while the weight moves    Turn →baking 25 %: taken as in effect: nobody buys at night (bo) +bo:go_on_anyway
        while failing             Drop: ('bo:go_on_anyway',)
        while paused              Drop: ('bo:go_on_anyway',)
        with the store away       Drop: ('bo:go_on_anyway',)
        too early                 Drop: ('bo:go_on_anyway',)
        waiting longer            Turn gate 25 %: waits longer (bo) +bo:wait_longer
        waiting longer too early  Drop: ('bo:wait_longer',)
        """)


def test_a_pause_and_its_end() -> None:
    paused = release(Phase.GATE, paused=PAUSED, **AT25)
    drifted = release(Phase.GATE, paused=PAUSED, drift=split(40), **AT25)
    cases: dict[str, Case] = {
        "pause": asked(Ask.PAUSE),
        "pause, with a reason": asked(Ask.PAUSE, because="lunch"),
        "pause twice": (paused, seen(split(25), inbox=(wish(Ask.PAUSE),))),
        "pause on the way home": (
            release(Phase.FINISHING, **LAST | {"weights": ALL_STABLE}),
            seen(inbox=(wish(Ask.PAUSE),)),
        ),
        "pause an adoption": (release(kind=Kind.ADOPT, stages=()), seen(inbox=(wish(Ask.PAUSE),))),
        "resume": (paused, seen(split(25), inbox=(wish(Ask.RESUME, because="fed"),))),
        "resume without a reason": (paused, seen(split(25), inbox=(wish(Ask.RESUME),))),
        "resume what runs": asked(Ask.RESUME),
        "resume a drift": (drifted, seen(split(40), inbox=(wish(Ask.RESUME),))),
    }
    assert table(cases) == block("""
        pause                    Turn baking 25 %: held (bo) +bo:pause
        pause, with a reason     Turn baking 25 %: lunch (bo) +bo:pause
        pause twice              Drop: ('bo:pause',)
        pause on the way home    Drop: ('bo:pause',)
        pause an adoption        Drop: ('bo:pause',)
        resume                   Turn gate 25 %: fed (bo) +bo:resume
        resume without a reason  Turn gate 25 %: goes on (bo) +bo:resume
        resume what runs         Drop: ('bo:resume',)
        resume a drift           Drop: ('bo:resume',)
        """)


def test_a_drift_is_settled() -> None:
    drifted = {"paused": PAUSED, "drift": split(40), **AT25}
    ours, theirs = wish(Ask.APPLY_AGAIN), wish(Ask.ADOPT_THEIRS)
    cases: dict[str, Case] = {
        "ours": (release(Phase.GATE, **drifted), seen(split(40), inbox=(ours,))),
        "ours, on the way": (release(Phase.SHIFTING, **drifted), seen(split(40), inbox=(ours,))),
        "ours, promoting": (release(Phase.PROMOTING, **drifted), seen(split(40), inbox=(ours,))),
        "theirs": (release(Phase.GATE, **drifted), seen(split(40), inbox=(theirs,))),
        "no drift": asked(Ask.APPLY_AGAIN),
    }
    assert table(cases) == block("""
        ours              SetWeights →shifting 25 %: 25 % to the canary (bo) +bo:apply_again
        ours, on the way  SetWeights shifting 25 %: 25 % to the canary (bo) +bo:apply_again
        ours, promoting   SetWeights promoting 25 %: 25 % to the canary (bo) +bo:apply_again
        theirs            SetWeights →shifting 40 %: 40 % to the canary (bo) +bo:adopt_theirs
        no drift          Drop: ('bo:apply_again',)
        """)


def test_who_approved_is_kept() -> None:
    two = release(Phase.GATE, **AT25, approvals=(person("dee"),))
    decision = decide(two, seen(split(25), inbox=(wish(Ask.PROMOTE, quorum=2),)), NOW)
    assert isinstance(decision, SetWeights)
    assert [one.name for one in decision.release.approved_by] == ["dee", "bo"]
    assert decision.release.approvals == ()
