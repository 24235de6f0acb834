"""How the canary's pods stand while they have traffic."""

from inspect import cleandoc as block

from bot.release.gate import Gate
from bot.release.model import ALL_STABLE, EventKind
from bot.release.phases import Phase
from tests.unit.release.decide.scene import (
    FAIL,
    MOVED,
    NEW,
    OLD,
    PAUSED,
    Case,
    at,
    release,
    seen,
    split,
    stages,
    table,
    track,
)

S, B, G, P = Phase.SHIFTING, Phase.BAKING, Phase.GATE, Phase.PROMOTING
AUTO = stages(50, 100, gate=Gate.AUTO)
AT50 = {"weights": split(50), "stages": stages(50, 100), **MOVED}
AT100 = {"weights": split(100), "stages": stages(50, 100), "stage": 1, **MOVED}
SHORT = AT50 | {"short_since": at(0)}
ONE = track(NEW, ready=1, trouble="ImagePullBackOff: no such image")
NONE = track(NEW, ready=0, unready="containers with unready status: [app]")
DRAINED = track(NEW, ready=0, taken_away=True, trouble="Evicted")
GROWN = track(OLD, replicas=6, ready=6)


def test_pods_that_serve_nothing_give_everything_back_at_once() -> None:
    cases: dict[str, Case] = {
        "crashing": (release(B, **AT50), seen(split(50), canary=track(NEW, crashing=True, ready=3)), 1),
        "crashing with words": (
            release(G, **AT50),
            seen(split(50), canary=track(NEW, crashing=True, trouble="OOMKilled: OOMKilled, exit code 137")),
        ),
        "crashing while paused": (
            release(B, paused=PAUSED, **AT50),
            seen(split(50), canary=track(NEW, crashing=True, trouble="Error")),
        ),
        "crashing at promotion": (
            release(P, **AT100),
            seen(split(100), canary=track(NEW, crashing=True, trouble="Error")),
        ),
        "none ready": (release(B, **AT50), seen(split(50), canary=NONE), 1),
        "none ready, nothing said": (release(B, **AT50), seen(split(50), canary=track(NEW, ready=0)), 1),
        "all drained": (release(B, **AT50), seen(split(50), canary=DRAINED), 1),
        "all drained on the way": (release(S, **AT50), seen(split(50), canary=DRAINED), 1),
        "all drained at promotion": (release(P, **AT100), seen(split(100), canary=DRAINED), 1),
    }
    assert table(cases) == block("""
        crashing                  SetWeights →rolling_back 0 %: the canary's pods do not stay up: 3 of 4 pods ready
        crashing with words       SetWeights →rolling_back 0 %: OOMKilled: OOMKilled, exit code 137
        crashing while paused     SetWeights →rolling_back 0 %: Error
        crashing at promotion     SetWeights →rolling_back 0 %: Error
        none ready                SetWeights →rolling_back 0 %: no canary pod is ready: containers with unready status: [app]
        none ready, nothing said  SetWeights →rolling_back 0 %: no canary pod is ready
        all drained               SetWeights →shifting 0 %: 0 % to the canary until its pods are back, they were taken away: Evicted
        all drained on the way    SetWeights shifting 0 %: 0 % to the canary until its pods are back, they were taken away: Evicted
        all drained at promotion  SetWeights →rolling_back 0 %: no canary pod is ready: Evicted
        """)


def test_pods_that_are_missing_are_said_once_waited_for_and_given_up_at_the_deadline() -> None:
    cases: dict[str, Case] = {
        "one missing": (release(B, **AT50), seen(split(50), canary=ONE)),
        "one not ready yet": (
            release(G, **AT50),
            seen(split(50), canary=track(NEW, ready=1, unready="containers with unready status: [app]")),
        ),
        "one missing, said": (release(B, **SHORT), seen(split(50), canary=ONE), 60),
        "nobody is asked": (release(B, **SHORT | {"stages": AUTO}), seen(split(50), canary=ONE), 70),
        "no more weight": (release(G, **SHORT | {"stages": AUTO}), seen(split(50), canary=ONE)),
        "stable is not updated": (release(P, **AT100 | {"short_since": at(0)}), seen(split(100), canary=ONE)),
        "at the deadline": (release(B, **SHORT), seen(split(50), canary=ONE), 300),
        "without a word": (release(B, **SHORT), seen(split(50), canary=track(NEW, ready=1)), 300),
        "back": (release(B, **SHORT), seen(split(50), canary=track(NEW, ready=2))),
        "failing all the same": (release(B, **SHORT), seen(split(50), canary=ONE, judgement=FAIL)),
    }
    assert table(cases) == block("""
        one missing            Turn baking 50 %: 1 of 2 ready, ImagePullBackOff: no such image; nothing goes on without them
        one not ready yet      Turn gate 50 %: 1 of 2 ready, containers with unready status: [app]; nothing goes on without them
        one missing, said      Wait: canary pods are missing, +65 s
        nobody is asked        Wait: canary pods are missing, +75 s
        no more weight         Wait: canary pods are missing, +5 s
        stable is not updated  Wait: canary pods are missing, +5 s
        at the deadline        SetWeights →rolling_back 0 %: not ready in time: ImagePullBackOff: no such image
        without a word         SetWeights →rolling_back 0 %: not ready in time: 1 of 4 pods ready
        back                   Turn baking 50 %: 2 ready
        failing all the same   SetWeights →rolling_back 0 %: errors 9.00 % in 10 s
        """)


def test_more_pods_are_waited_for_until_a_deadline_counted_from_what_happened_last() -> None:
    resumed = release(S, **AT50 | {"stage": 1})
    event = resumed.model_copy(update={"revision": 9}).event
    few = track(NEW, ready=2, trouble="FailedCreate: exceeded quota: shop")
    away = {"weights": ALL_STABLE, "stages": stages(50, 100), **MOVED}
    cases: dict[str, Case] = {
        "waiting": (resumed, seen(split(50), canary=few), 299),
        "too late": (resumed, seen(split(50), canary=few), 300),
        "resumed since": (
            resumed.model_copy(update={"recent": (event(EventKind.RESUMED, at(200), "goes on"),)}),
            seen(split(50), canary=few),
            300,
        ),
        "still drained": (release(S, **away), seen(canary=DRAINED), 299),
        "drained too long": (release(S, **away), seen(canary=DRAINED), 300),
        "back from a drain": (release(S, **away), seen(canary=track(NEW)), 299),
    }
    assert table(cases) == block("""
        waiting            Wait: FailedCreate: exceeded quota: shop, +304 s
        too late           SetWeights →rolling_back 0 %: not ready in time: FailedCreate: exceeded quota: shop
        resumed since      Wait: FailedCreate: exceeded quota: shop, +305 s
        still drained      Wait: Evicted, +304 s
        drained too long   SetWeights →rolling_back 0 %: not ready in time: Evicted
        back from a drain  SetWeights shifting 50 %: 50 % to the canary
        """)


def test_the_canary_follows_a_stable_that_was_given_more_pods_and_is_never_given_fewer() -> None:
    cold = track(NEW, replicas=2, ready=2)
    cases: dict[str, Case] = {
        "before the first weight": (
            release(stages=stages(50, 100)),
            seen(stable=GROWN, canary=track(NEW, replicas=2, ready=2)),
        ),
        "while baking": (release(B, **AT50), seen(split(50), stable=GROWN, canary=cold)),
        "before more weight": (
            release(S, **AT50 | {"stage": 1}),
            seen(split(50), stable=GROWN, canary=track(NEW)),
        ),
        "ready for the old count": (
            release(B, **AT50 | {"stages": AUTO}),
            seen(split(50), stable=GROWN, canary=track(NEW)),
            60,
        ),
        "scaled down since": (
            release(B, **AT50),
            seen(split(50), stable=track(replicas=2, ready=2), canary=track(NEW, replicas=6, ready=6)),
        ),
    }
    assert table(cases) == block("""
        before the first weight  ScaleCanary: 3
        while baking             ScaleCanary: 3
        before more weight       ScaleCanary: 6
        ready for the old count  Turn →shifting 50 %: 100 % of the requests
        scaled down since        Rest: baking, +5 s, +60 s
        """)
