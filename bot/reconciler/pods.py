"""What is made of a Deployment's pods: whose words are shown, what is beyond waiting, what is nobody's fault.

A pod **crashes** when one of its containers ends with an error. The canary is in a crash loop when, since traffic came to it,

* a pod crashed and has been restarted twice or more, or Kubernetes itself says CrashLoopBackOff (that is its second crash), or
* every one of its pods crashed.

One crash of one pod among several is none: its requests went elsewhere, and a node or a bad request may have been the reason.
"""

from datetime import datetime

from bot.ports.workloads import Pod, Track, Workload
from bot.release.model import Release
from bot.release.observed import TrackSeen

CRASH_LOOP = "CrashLoopBackOff"
BROKEN = frozenset(
    {
        CRASH_LOOP,
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "ErrImageNeverPull",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "OOMKilled",
    }
)
"""Reasons of a pod that do not mend by waiting."""

TOO_OFTEN = 2
"""Restarts of one pod."""


def track_seen(release: Release, workload: Workload | None) -> TrackSeen | None:
    """A Deployment reduced to what deciding needs; None without.

    Pods of the release before do not count: the end of those may be told after the new ones are ready.
    """
    if workload is None:
        return None
    own = tuple(pod for pod in workload.pods if pod.release in (release.id, None))
    staying = tuple(pod for pod in own if not pod.terminating)
    unready = tuple(pod for pod in staying if not pod.ready)
    return TrackSeen(
        image=workload.image,
        replicas=workload.replicas,
        ready=workload.ready,
        settled=workload.settled,
        marked=workload.track == Track.STABLE,
        ours=workload.owner == release.id,
        trouble=_trouble(own, unready, missing=workload.ready < workload.replicas),
        broken=any(pod.reason in BROKEN for pod in unready),
        unready=next((pod.message for pod in unready if pod.reason is None and pod.message), None),
        crashing=release.exposed_since is not None and _crashing(staying, release.exposed_since),
        taken_away=release.ordered_at is not None and _taken_away(staying, release.ordered_at),
        revision=workload.revision,
    )


def _trouble(pods: tuple[Pod, ...], unready: tuple[Pod, ...], *, missing: bool) -> str | None:
    """The worst pod's words. Those of pods that go say why others are missing."""
    said = [pod for pod in unready if pod.reason]
    worst = next((pod for pod in said if pod.reason in BROKEN), said[0] if said else None)
    if worst is None and missing:
        worst = next((pod for pod in pods if pod.terminating and pod.reason), None)
    if worst is None:
        return None
    return f"{worst.reason}: {worst.message}" if worst.message else str(worst.reason)


def _crashing(pods: tuple[Pod, ...], since: datetime) -> bool:
    """See the package: the rule is told there. Kubernetes says times in whole seconds."""
    whole = since.replace(microsecond=0)
    fell = [pod for pod in pods if pod.reason == CRASH_LOOP or (pod.crashed and pod.crashed >= whole)]
    again = any(pod.reason == CRASH_LOOP or pod.restarts >= TOO_OFTEN for pod in fell)
    return again or (bool(fell) and len(fell) == len(pods))


def _taken_away(pods: tuple[Pod, ...], ordered: datetime) -> bool:
    """Whether no pod that was there when the traffic was ordered stands there unready: those that are missing went.

    The Deployment's count may be a moment ahead of its pods; one that still seems ready is not to blame.
    """
    return not any(not pod.ready and pod.created is not None and pod.created <= ordered for pod in pods)
