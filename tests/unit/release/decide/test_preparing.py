"""Before traffic moves."""

from inspect import cleandoc as block

from bot.release.decide import decide
from bot.release.decision import SetWeights
from bot.release.model import Kind
from bot.release.observed import Gone
from bot.release.verdict import Verdict
from tests.unit.release.decide.scene import (
    NEW,
    NOW,
    PAUSED,
    Case,
    at,
    release,
    route,
    seen,
    stages,
    table,
    track,
    verdict,
)

ADOPT = release(kind=Kind.ADOPT, stages=())
COLD = track(NEW, replicas=1, ready=0, settled=False)
BROKEN = track(
    NEW, replicas=1, ready=0, settled=False, broken=True, trouble="ImagePullBackOff: no such image"
)
LEFT = track(NEW, ours=False, revision=2)
PENDING = track(NEW, replicas=1, ready=0, settled=False, trouble="Unschedulable: 0/3 nodes are available")


def test_before_traffic_moves() -> None:
    cases: dict[str, Case] = {
        "no track label": (release(), seen(None, stable=track(marked=False))),
        "label on its way": (release(), seen(None, stable=track(settled=False))),
        "no tracks": (release(), seen(None, route=route(None, subsets=False))),
        "tracks seen": (release(), seen(None)),
        "tracks being made known": (release(subsets_since=at(0)), seen(None), 12),
        "tracks known": (release(subsets_since=at(0)), seen(None), 15),
        "adopted alone": (ADOPT, seen()),
        "no canary": (release(), seen(canary=None)),
        "another's canary": (release(), seen(canary=track(NEW, ours=False))),
        "pods are leaving": (release(leftover_until=at(20)), seen(canary=LEFT)),
        "pods have left": (release(leftover_until=at(20)), seen(canary=LEFT), 20),
        "pods have left early": (release(leftover_until=at(20)), seen(canary=None)),
        "too few pods asked for": (release(stages=stages(75, 100)), seen(canary=track(NEW, replicas=1))),
        "pods starting": (release(), seen(canary=COLD)),
        "pods of another image left": (release(), seen(canary=track(NEW, settled=False))),
        "pods pending": (release(), seen(canary=PENDING)),
        "broken for a moment": (release(), seen(canary=BROKEN), 29),
        "broken for good": (release(), seen(canary=BROKEN), 30),
        "broken since it was waited": (release(leftover_until=at(20)), seen(canary=BROKEN), 49),
        "broken too long since": (release(leftover_until=at(20)), seen(canary=BROKEN), 50),
        "pending at the deadline": (release(), seen(canary=PENDING), 300),
        "silent at the deadline": (release(), seen(canary=COLD), 300),
        "adoption at the deadline": (release(), seen(None, stable=track(settled=False)), 300),
        "warm": (release(), seen()),
        "paused": (release(paused=PAUSED), seen()),
        "store away": (release(), seen(remembered=False)),
        "no stable": (release(), seen(stable=None)),
        "workload gone": (release(), seen(gone=Gone("Deployment shop/checkout", whole=True))),
        "route gone": (
            release(),
            seen(route=route(claimed=False), gone=Gone("the route object of checkout", whole=False)),
        ),
    }
    assert table(cases) == block("""
        no track label              MarkStable
        label on its way            Wait: adoption: stable's pods are being given the track label, +5 s
        no tracks                   AddTracks
        tracks seen                 Turn preparing 0 %: the tracks exist beside the route
        tracks being made known     Wait: adoption: the tracks are being made known to every proxy, +15 s
        tracks known                SetWeights preparing 0 %: the route names both tracks, 100 and 0
        adopted alone               Turn →promoted 0 %: adopted
        no canary                   EnsureCanary: shop/checkout:v1.3.0, v1.3.0, 1
        another's canary            EnsureCanary: shop/checkout:v1.3.0, v1.3.0, 1
        pods are leaving            Wait: pods of the release before are still leaving, +5 s
        pods have left              EnsureCanary: shop/checkout:v1.3.0, v1.3.0, 1
        pods have left early        EnsureCanary: shop/checkout:v1.3.0, v1.3.0, 1
        too few pods asked for      ScaleCanary: 3
        pods starting               Wait: the canary's pods are starting, +5 s
        pods of another image left  Wait: the canary's pods are starting, +5 s
        pods pending                Wait: Unschedulable: 0/3 nodes are available, +5 s
        broken for a moment         Wait: ImagePullBackOff: no such image, +34 s
        broken for good             Turn →cancelled 0 %: ImagePullBackOff: no such image
        broken since it was waited  Wait: ImagePullBackOff: no such image, +54 s
        broken too long since       Turn →cancelled 0 %: ImagePullBackOff: no such image
        pending at the deadline     Turn →cancelled 0 %: not ready in time: Unschedulable: 0/3 nodes are available
        silent at the deadline      Turn →cancelled 0 %: not ready in time: 0 of 1 pods ready
        adoption at the deadline    Turn →cancelled 0 %: not ready in time
        warm                        SetWeights →shifting 25 %: 25 % to the canary
        paused                      Wait: paused, +5 s
        store away                  Wait: the store cannot be reached; nothing moves forward, +5 s
        no stable                   Turn →cancelled 0 %: the stable Deployment no longer exists
        workload gone               Turn →cancelled 0 %: Deployment shop/checkout no longer exists
        route gone                  EndUnclaimed →cancelled 0 %: the route object of checkout no longer exists
        """)


def test_the_first_order_remembers_how_fast_stable_was() -> None:
    judgement = verdict(Verdict.NO_DATA, p95=180.0)
    decision = decide(release(), seen(judgement=judgement), NOW)
    assert isinstance(decision, SetWeights)
    assert decision.release.baseline_p95 == 180.0
    assert decision.release.exposed_since == NOW
