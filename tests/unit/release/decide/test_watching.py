"""While traffic moves: shifting, baking, gate."""

from inspect import cleandoc as block

from bot.release.gate import Gate
from bot.release.model import ALL_STABLE, Kind
from bot.release.observed import ShareSeen
from bot.release.phases import Phase
from bot.release.verdict import Judgement, Verdict
from tests.unit.release.decide.scene import (
    BLIND,
    FAIL,
    MOVED,
    NEW,
    NOW,
    PAUSED,
    THIN,
    UNKNOWN,
    Case,
    at,
    decided,
    release,
    seen,
    split,
    stages,
    table,
    track,
)

S = Phase.SHIFTING
FEW = track(NEW, replicas=1, ready=1)
AUTO = stages(25, 100, gate=Gate.AUTO)
CRASHING = track(NEW, crashing=True, broken=True, trouble="CrashLoopBackOff: back-off 10s")
AT25 = {"weights": split(25), **MOVED}
AT100 = {"weights": split(100), "stage": 1, **MOVED}


def test_a_weight_is_on_its_way() -> None:
    cases: dict[str, Case] = {
        "arrived": (release(S, **AT25), seen(split(25), share=ShareSeen(0.24, 400)), 2),
        "not yet": (release(S, **AT25), seen(split(25), share=ShareSeen(0.10, 400)), 2),
        "too few to tell": (release(S, **AT25), seen(split(25), share=ShareSeen(0.25, 19)), 2),
        "late": (release(S, **AT25), seen(split(25), share=ShareSeen(0.10, 400)), 30),
        "late and unseen": (release(S, **AT25), seen(split(25), share=ShareSeen(None, 0, "no data")), 30),
        "late and silent": (release(S, **AT25), seen(split(25), share=ShareSeen(None, 0)), 30),
        "too late": (release(S, **AT25), seen(split(25), share=ShareSeen(None, 0)), 180),
        "people wait longer": (
            release(S, patience_until=at(360), **AT25),
            seen(split(25), share=ShareSeen(None, 0)),
            180,
        ),
        "a restore unseen": (
            release(S, kind=Kind.RESTORE, **AT25),
            seen(split(25), share=ShareSeen(None, 0, "no data")),
            30,
        ),
        "next weight": (release(S, weights=ALL_STABLE), seen(canary=FEW)),
        "more pods first": (release(S, **AT25 | {"stage": 1}), seen(split(25), canary=FEW)),
        "pods starting": (release(S, **AT25 | {"stage": 1}), seen(split(25), canary=track(NEW, ready=2))),
        "pods pending": (
            release(S, **AT25 | {"stage": 1}),
            seen(split(25), canary=track(NEW, ready=2, trouble="Unschedulable")),
        ),
        "no canary before the first weight": (release(S), seen(canary=None)),
        "paused": (release(S, paused=PAUSED, **AT25 | {"stage": 1}), seen(split(25))),
        "store away": (release(S, **AT25 | {"stage": 1}), seen(split(25), remembered=False)),
        "failing": (release(S, **AT25), seen(split(25), judgement=FAIL), 1),
        "crashing": (release(S, **AT25), seen(split(25), canary=CRASHING), 1),
        "canary gone": (release(S, **AT25), seen(split(25), canary=None), 1),
        "crashing without traffic": (release(S), seen(canary=CRASHING), 1),
    }
    assert table(cases).replace(UNKNOWN, "…") == block("""
        arrived                            Turn →baking 25 %: 24.0 % of the requests reach the canary
        not yet                            Wait: the weight is on its way, +7 s
        too few to tell                    Wait: the weight is on its way, +7 s
        late                               Wait: not in effect: 10.0 % of the requests reach the canary, 25 % is ordered; …, +35 s
        late and unseen                    Wait: not in effect: no data, +35 s
        late and silent                    Wait: not in effect: the traffic cannot be seen, +35 s
        too late                           Turn shifting 25 %: the weight is not in effect: the traffic cannot be seen
        people wait longer                 Wait: not in effect: the traffic cannot be seen, +185 s
        a restore unseen                   Turn →baking 25 %: not seen: no data
        next weight                        SetWeights shifting 25 %: 25 % to the canary
        more pods first                    ScaleCanary: 4
        pods starting                      Wait: more canary pods are starting, +5 s
        pods pending                       Wait: Unschedulable, +5 s
        no canary before the first weight  SetWeights →rolling_back 0 %: the canary Deployment is gone
        paused                             Wait: paused, +5 s
        store away                         Wait: the store cannot be reached; nothing moves forward, +5 s
        failing                            SetWeights →rolling_back 0 %: errors 9.00 % in 10 s
        crashing                           SetWeights →rolling_back 0 %: CrashLoopBackOff: back-off 10s
        canary gone                        SetWeights →rolling_back 0 %: the canary Deployment is gone
        crashing without traffic           SetWeights shifting 25 %: 25 % to the canary
        """)


B = Phase.BAKING


WATCHED: dict[str, Case] = {
    "baking": (release(B, **AT25), seen(split(25)), 59),
    "healthy": (release(B, **AT25), seen(split(25)), 60),
    "healthy and automatic": (release(B, stages=AUTO, **AT25), seen(split(25)), 60),
    "healthy and in full": (release(B, full=True, **AT25), seen(split(25)), 60),
    "automatic, more pods first": (release(B, stages=AUTO, **AT25), seen(split(25), canary=FEW), 60),
    "automatic at the last stage": (release(B, stages=AUTO, **AT100), seen(split(100)), 60),
    "asking at the last stage": (release(B, **AT100), seen(split(100)), 60),
    "a restore is not judged": (
        release(B, kind=Kind.RESTORE, stages=AUTO, **AT100),
        seen(split(100), judgement=BLIND),
        60,
    ),
    "no data": (release(B, stages=AUTO, **AT25), seen(split(25), judgement=BLIND), 60),
    "not enough traffic": (release(B, stages=AUTO, **AT25), seen(split(25), judgement=THIN), 239),
    "not enough traffic at the deadline": (
        release(B, stages=AUTO, **AT25),
        seen(split(25), judgement=THIN),
        240,
    ),
    "people wait longer": (release(B, patience_until=at(500), **AT25), seen(split(25), judgement=THIN), 240),
    "paused": (release(B, paused=PAUSED, stages=AUTO, **AT25), seen(split(25)), 60),
    "store away": (release(B, stages=AUTO, **AT25), seen(split(25), remembered=False), 60),
    "failing": (release(B, **AT25), seen(split(25), judgement=FAIL), 1),
    "failing while paused": (release(B, paused=PAUSED, **AT25), seen(split(25), judgement=FAIL), 1),
    "failing while the store is away": (
        release(B, **AT25),
        seen(split(25), judgement=FAIL, remembered=False),
        1,
    ),
    "failing without stable": (release(B, **AT25), seen(split(25), judgement=FAIL, stable=track(ready=0)), 1),
    "failing with nobody": (
        release(B, **AT25),
        seen(split(25), judgement=FAIL, stable=track(ready=0), canary=track(NEW, ready=0)),
        1,
    ),
    "failing with one pod of stable": (
        release(B, **AT25),
        seen(split(25), judgement=FAIL, stable=track(ready=1, settled=False)),
        1,
    ),
}


def test_a_canary_is_watched() -> None:
    assert table(WATCHED) == block("""
        baking                              Rest: baking, +60 s, +60 s
        healthy                             Turn →gate 25 %: 25 % is healthy
        healthy and automatic               SetWeights →shifting 100 %: 100 % to the canary
        healthy and in full                 SetWeights →shifting 100 %: 100 % to the canary
        automatic, more pods first          Turn →shifting 25 %: 100 % of the requests
        automatic at the last stage         Turn →promoting 100 %: promotion, stable is updated to v1.3.0
        asking at the last stage            Turn →gate 100 %: 100 % is healthy
        a restore is not judged             Turn →promoting 100 %: promotion, stable is updated to v1.3.0
        no data                             Wait: no data: no series of the canary, +65 s
        not enough traffic                  Wait: not enough traffic: 3 of 50 requests in 10 s, +240 s
        not enough traffic at the deadline  Turn →gate 25 %: not enough traffic: 3 of 50 requests in 10 s
        people wait longer                  Wait: not enough traffic: 3 of 50 requests in 10 s, +245 s
        paused                              Wait: paused, +65 s
        store away                          Wait: the store cannot be reached; nothing moves forward, +65 s
        failing                             SetWeights →rolling_back 0 %: errors 9.00 % in 10 s
        failing while paused                SetWeights →rolling_back 0 %: errors 9.00 % in 10 s
        failing while the store is away     SetWeights →rolling_back 0 %: errors 9.00 % in 10 s
        failing without stable              Turn →needs_human 25 %: errors 9.00 % in 10 s; but stable has no ready pod to go back to
        failing with nobody                 SetWeights →rolling_back 0 %: no canary pod is ready; stable has 0 of 4 pods ready
        failing with one pod of stable      SetWeights →rolling_back 0 %: errors 9.00 % in 10 s; stable has 1 of 4 pods ready
        """)


G = Phase.GATE


def test_people_are_asked() -> None:
    cases: dict[str, Case] = {
        "healthy": (release(G, **AT25), seen(split(25))),
        "automatic and healthy now": (release(G, stages=AUTO, **AT25), seen(split(25))),
        "automatic and unproven": (release(G, stages=AUTO, **AT25), seen(split(25), judgement=THIN)),
        "people wait longer": (release(G, patience_until=at(4), **AT25), seen(split(25), judgement=THIN)),
        "longer has passed": (release(G, patience_until=at(4), **AT25), seen(split(25), judgement=THIN), 4),
        "longer has passed in health": (release(G, patience_until=at(4), **AT25), seen(split(25)), 4),
        "paused": (release(G, paused=PAUSED, **AT25), seen(split(25))),
        "failing": (release(G, **AT25), seen(split(25), judgement=FAIL)),
    }
    assert table(cases) == block("""
        healthy                      Rest: somebody has to decide, +5 s
        automatic and healthy now    SetWeights →shifting 100 %: 100 % to the canary
        automatic and unproven       Rest: somebody has to decide, +5 s
        people wait longer           Rest: somebody has to decide, +4 s, +4 s
        longer has passed            Turn gate 25 %: not enough traffic: 3 of 50 requests in 10 s
        longer has passed in health  Rest: somebody has to decide, +9 s
        paused                       Wait: paused, +5 s
        failing                      SetWeights →rolling_back 0 %: errors 9.00 % in 10 s
        """)


def test_a_verdict_without_a_finding_is_no_data() -> None:
    nothing = Judgement(Verdict.NO_DATA, (), 0.0, NOW)
    assert decided(release(B, **AT25), seen(split(25), judgement=nothing), 240) == "Turn →gate 25 %: no data"
