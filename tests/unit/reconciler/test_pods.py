"""What is made of pods: whose words are shown, which of them crash, which were taken away."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports.workloads import Pod, Workload
from bot.reconciler.pods import track_seen
from bot.release.model import Release, Split
from bot.release.observed import TrackSeen
from bot.release.weight import Weight
from tests.support.values import MORNING, release

BEFORE, EXPOSED, AFTER = MORNING - timedelta(minutes=2), MORNING, MORNING + timedelta(seconds=1)
EXPOSED_RELEASE = release(
    "R-1",
    weights=Split.of(Weight.of(50)),
    exposed_since=EXPOSED + timedelta(milliseconds=500),
    ordered_at=EXPOSED,
)
READY = Pod("a", ready=True, reason=None, message=None, restarts=0, terminating=False, created=BEFORE)
UNREADY = replace(READY, ready=False, message="containers with unready status: [app]")
CRASHED = replace(READY, restarts=1, crashed=AFTER)
LOOP = replace(READY, ready=False, reason="CrashLoopBackOff", message="back-off 10s", crashed=AFTER)
PULL = replace(READY, ready=False, reason="ImagePullBackOff")
NO_NODE = replace(READY, ready=False, reason="Unschedulable", message="0/3 nodes", created=AFTER)
DRAINED = replace(READY, reason="EvictionByEvictionAPI", message="Eviction API: evicting", terminating=True)
DELETED = replace(READY, terminating=True)
FORBIDDEN = replace(READY, ready=False, reason="FailedCreate", message="exceeded quota", created=None)


def canary(*pods: Pod, ready: int | None = None, of: Release = EXPOSED_RELEASE) -> TrackSeen:
    staying = [pod for pod in pods if not pod.terminating]
    counted = sum(pod.ready for pod in staying) if ready is None else ready
    workload = Workload(
        name="checkout-canary",
        image="x:v1.3.0",
        version=None,
        track="canary",
        replicas=max(len(staying), 1),
        ready=counted,
        settled=True,
        owner="R-1",
        revision=3,
        pods=pods,
    )
    seen = track_seen(of, workload)
    assert seen is not None
    return seen


@pytest.mark.parametrize(
    ("pods", "crashing"),
    {
        "well": ((READY, READY), False),
        "one crash of one of two": ((CRASHED, READY), False),
        "in the very second of the first traffic": ((replace(CRASHED, crashed=EXPOSED),), True),
        "one crash of the only one": ((CRASHED,), True),
        "one crash of each": ((CRASHED, CRASHED), True),
        "two crashes of one, ready again": ((replace(CRASHED, restarts=2), READY, READY), True),
        "many crashes before traffic": ((replace(CRASHED, restarts=7, crashed=BEFORE), READY), False),
        "Kubernetes says so": ((LOOP, READY, READY), True),
        "one that goes": ((replace(CRASHED, restarts=3, terminating=True), READY), False),
        "none at all": ((), False),
        "one that cannot be pulled": ((PULL, READY), False),
    }.values(),
)
def test_a_crash_loop_is_two_crashes_of_one_pod_or_one_of_each(
    pods: tuple[Pod, ...], *, crashing: bool
) -> None:
    assert canary(*pods).crashing is crashing


@pytest.mark.parametrize(
    ("pods", "taken_away"),
    {
        "drained": ((DRAINED, DRAINED), True),
        "and others find no node": ((DRAINED, NO_NODE), True),
        "and others may not be made": ((DRAINED, FORBIDDEN), True),
        "and the count is ahead of the pods": ((READY, READY), True),
        "unready by themselves": ((UNREADY, UNREADY), False),
        "one drained, one unready": ((DRAINED, UNREADY), False),
    }.values(),
)
def test_pods_are_taken_away_when_none_that_had_traffic_stands_there_unready(
    pods: tuple[Pod, ...], *, taken_away: bool
) -> None:
    assert canary(*pods, ready=0).taken_away is taken_away


@pytest.mark.parametrize(
    ("pods", "words"),
    {
        "the worst": ((NO_NODE, LOOP), "CrashLoopBackOff: back-off 10s"),
        "without a message": ((PULL,), "ImagePullBackOff"),
        "merely unready": ((UNREADY, READY), "1 of 2 pods ready, containers with unready status: [app]"),
        "nothing known": ((READY, replace(UNREADY, message=None)), "1 of 2 pods ready"),
        "why one goes": ((DRAINED, UNREADY), "EvictionByEvictionAPI: Eviction API: evicting"),
        "one that goes unasked": (
            (DELETED, UNREADY),
            "0 of 1 pods ready, containers with unready status: [app]",
        ),
        "nobody is missing": ((DRAINED, READY), "1 of 1 pods ready"),
    }.values(),
)
def test_the_words_of_the_worst_pod_are_shown(pods: tuple[Pod, ...], words: str) -> None:
    assert canary(*pods).words == words


def test_without_traffic_nothing_crashes_under_it_and_nothing_is_taken_away() -> None:
    workload = Workload("c", "x", None, None, 1, 0, False, None, 0, (LOOP,))  # noqa: FBT003  settled
    seen = track_seen(release("R-1"), workload)
    assert seen is not None
    assert (seen.crashing, seen.taken_away, seen.broken, seen.ours) == (False, False, True, False)
    assert track_seen(release("R-1"), None) is None


def test_a_pod_of_the_release_before_is_not_held_against_the_one_that_took_its_canary_over() -> None:
    ours, before = EXPOSED_RELEASE.id, "R-7"
    found = canary(replace(LOOP, release=before), replace(READY, release=ours))
    assert (found.crashing, found.broken, found.trouble) == (False, False, None)
    assert canary(replace(LOOP, release=ours), replace(READY, release=ours)).crashing
    assert canary(replace(DELETED, reason="Evicted", release=before), ready=0).trouble is None
