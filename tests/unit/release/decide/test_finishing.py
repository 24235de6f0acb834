"""The two ways out: promotion and rollback."""

from inspect import cleandoc as block

from bot.release.decide import decide
from bot.release.decision import EndUnclaimed
from bot.release.model import ALL_STABLE
from bot.release.observed import Gone, ShareSeen
from bot.release.phases import Phase
from tests.unit.release.decide.scene import (
    ENDING,
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
    route,
    seen,
    split,
    table,
    track,
)

FULL = {"weights": split(100), "stage": 1, **MOVED}
HOME = {"weights": ALL_STABLE, "stage": 1, **MOVED}
BACK = {**HOME, "ending": ENDING}
GONE = Gone("the route object of checkout", whole=False)


def test_stable_becomes_the_new_version() -> None:
    promoting = release(Phase.PROMOTING, **FULL)
    updating, sick = track(NEW, settled=False), track(NEW, settled=False, trouble="Unschedulable: no node")
    cases: dict[str, Case] = {
        "old image": (promoting, seen(split(100))),
        "updating": (promoting, seen(split(100), stable=updating)),
        "in trouble": (promoting, seen(split(100), stable=sick)),
        "too slow": (promoting, seen(split(100), stable=updating), 300),
        "in trouble for too long": (promoting, seen(split(100), stable=sick), 300),
        "ready": (promoting, seen(split(100), stable=track(NEW))),
        "paused": (promoting.model_copy(update={"paused": PAUSED}), seen(split(100))),
        "store away": (promoting, seen(split(100), remembered=False)),
        "failing": (promoting, seen(split(100), judgement=FAIL)),
        "failing once patched": (promoting, seen(split(100), judgement=FAIL, stable=updating)),
        "unproven": (promoting, seen(split(100), judgement=THIN)),
        "stable gone": (promoting, seen(split(100), stable=None)),
    }
    assert table(cases) == block("""
        old image                PatchStable: shop/checkout:v1.3.0, v1.3.0
        updating                 Wait: its pods are being replaced, +5 s
        in trouble               Wait: Unschedulable: no node, +5 s
        too slow                 Turn →needs_human 100 %: stable does not become ready with v1.3.0: its update does not end
        in trouble for too long  Turn →needs_human 100 %: stable does not become ready with v1.3.0: Unschedulable: no node
        ready                    SetWeights →finishing 0 %: stable runs v1.3.0 on 4 pods
        paused                   Wait: paused, +5 s
        store away               Wait: the store cannot be reached; nothing moves forward, +5 s
        failing                  SetWeights →rolling_back 0 %: errors 9.00 % in 10 s
        failing once patched     Turn →rolling_back 100 %: errors 9.00 % in 10 s
        unproven                 PatchStable: shop/checkout:v1.3.0, v1.3.0
        stable gone              Turn →needs_human 100 %: the stable Deployment no longer exists
        """)


def test_the_traffic_comes_home_to_the_new_version() -> None:
    finishing = release(Phase.FINISHING, **HOME)
    rung = finishing.model_copy(update={"asked_at": at(30)})
    blind, busy = ShareSeen(None, 0, "no series of either track"), ShareSeen(0.2, 500)
    cases: dict[str, Case] = {
        "seen": (finishing, seen(stable=track(NEW))),
        "on its way": (finishing, seen(stable=track(NEW), share=busy), 2),
        "still elsewhere": (rung, seen(stable=track(NEW), share=busy), 3600),
        "unseen": (finishing, seen(stable=track(NEW), share=blind), 44),
        "unseen for long": (finishing, seen(stable=track(NEW), share=blind), 45),
        "hardly any requests": (finishing, seen(stable=track(NEW), share=ShareSeen(0.0, 3)), 45),
        "edited by hand": (finishing, seen(stable=track(NEW), route=route(split(50)))),
        "tracks taken out": (finishing, seen(stable=track(NEW), route=route(None))),
        "tracks dropped": (finishing, seen(stable=track(NEW), route=route(None, subsets=False))),
    }
    assert table(cases).replace(UNKNOWN, "…") == block("""
        seen                 Turn →promoted 0 %: stable serves everything, seen in the traffic
        on its way           Wait: the weight is on its way, +7 s
        still elsewhere      Wait: not in effect: 20.0 % of the requests still reach the canary, 0 % is ordered; …, +3605 s
        unseen               Wait: the weight is on its way, +49 s
        unseen for long      Turn →promoted 0 %: everything is ordered to stable; not seen in the traffic: no series of either track
        hardly any requests  Turn →promoted 0 %: everything is ordered to stable; not seen in the traffic: too few requests
        edited by hand       SetWeights finishing 0 %: everything to stable
        tracks taken out     SetWeights finishing 0 %: everything to stable
        tracks dropped       Turn →promoted 0 %: stable serves everything, seen in the traffic
        """)


def test_the_traffic_goes_back_to_the_old_version() -> None:
    back = release(Phase.ROLLING_BACK, **BACK)
    patched = release(Phase.ROLLING_BACK, **BACK | {"weights": split(100)})
    starting = track(ready=0, settled=False)
    cases: dict[str, Case] = {
        "home": (back, seen()),
        "on its way": (back, seen(share=ShareSeen(0.2, 500)), 2),
        "edited by hand": (back, seen(route=route(split(50)))),
        "stable was patched": (patched, seen(split(100), stable=track(NEW))),
        "no pod of stable yet": (patched, seen(split(100), stable=starting)),
        "no pod of stable for long": (patched, seen(split(100), stable=starting), 300),
        "some pods of stable": (patched, seen(split(100), stable=track(ready=1, settled=False))),
        "workloads unseen": (patched, seen(split(100), stable=None)),
        "home, stable updating": (back, seen(stable=track(settled=False))),
        "home, no reason known": (release(Phase.ROLLING_BACK, **HOME), seen()),
        "route deleted": (back, seen(route=route(claimed=False), gone=GONE)),
    }
    assert table(cases) == block("""
        home                       Turn →rolled_back 0 %: stable serves everything, seen in the traffic (dee)
        on its way                 Wait: the weight is on its way, +7 s
        edited by hand             SetWeights rolling_back 0 %: everything to stable
        stable was patched         PatchStable: shop/checkout:v1.2.9, v1.2.9
        no pod of stable yet       Wait: stable is being brought back to v1.2.9, +5 s
        no pod of stable for long  Turn →needs_human 100 %: stable has no ready pod: stable is being brought back to v1.2.9
        some pods of stable        SetWeights rolling_back 0 %: everything to stable
        workloads unseen           SetWeights rolling_back 0 %: everything to stable
        home, stable updating      Wait: stable is being brought back to v1.2.9, +5 s
        home, no reason known      Turn →rolled_back 0 %: stable serves everything, seen in the traffic
        route deleted              EndUnclaimed →needs_human 0 %: the route object of checkout no longer exists
        """)


def test_a_rollback_ends_although_a_part_of_stable_is_not_well() -> None:
    back = release(Phase.ROLLING_BACK, **BACK)
    crashing = track(ready=3, settled=False, trouble="CrashLoopBackOff")
    text = "Turn →rolled_back 0 %: stable serves everything, seen in the traffic; not all of stable is well: "
    assert decided(back, seen(stable=crashing)) == f"{text}CrashLoopBackOff (dee)"
    late = decided(back, seen(stable=track(settled=False)), 300)
    assert late == f"{text}its update does not end (dee)"


def test_what_stopped_goes_on_when_it_can() -> None:
    stopped = release(Phase.NEEDS_HUMAN, **FULL, ending=ENDING)
    cases: dict[str, Case] = {
        "stable is back": (stopped, seen(split(100))),
        "stable is not back": (stopped, seen(split(100), stable=track(ready=0))),
        "stable cannot be seen": (stopped, seen(split(100), stable=None)),
        "nothing was ordered": (release(Phase.NEEDS_HUMAN, **FULL), seen(split(100))),
        "route deleted": (stopped, seen(route=route(claimed=False), gone=GONE)),
        "workload deleted": (stopped, seen(gone=Gone("Deployment shop/checkout", whole=True))),
    }
    assert table(cases) == block("""
        stable is back         SetWeights →rolling_back 0 %: as asked (dee)
        stable is not back     Wait: somebody has to decide, +5 s
        stable cannot be seen  Wait: somebody has to decide, +5 s
        nothing was ordered    Wait: somebody has to decide, +5 s
        route deleted          Wait: the route object of checkout no longer exists, +5 s
        workload deleted       Turn →cancelled 100 %: Deployment shop/checkout no longer exists
        """)


def test_the_reason_of_a_rollback_stays_when_it_has_to_stop() -> None:
    decision = decide(release(Phase.ROLLING_BACK, **BACK), seen(route=route(claimed=False), gone=GONE), NOW)
    assert isinstance(decision, EndUnclaimed)
    assert decision.release.ending == ENDING
