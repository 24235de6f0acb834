"""After the end: when the canary's pods go."""

from inspect import cleandoc as block
from typing import Any

from bot.release.model import ALL_STABLE, Release
from bot.release.observed import NO_REQUESTS, ShareSeen
from bot.release.phases import Phase
from tests.unit.release.decide.scene import ENDING, NOW, Case, release, route, seen, table


def ended(phase: Phase = Phase.ROLLED_BACK, **changes: Any) -> Release:
    """Ended now, its traffic not seen to be home."""
    fields = {
        "weights": ALL_STABLE,
        "ending": ENDING,
        "ended_at": NOW,
        "exposed_since": NOW,
        "ordered_at": NOW,
    }
    return release(phase, **fields | changes)


def test_a_canary_s_pods_go_when_the_traffic_was_seen_without_them_and_never_before_30_s() -> None:
    blind, busy, idle = ShareSeen(None, 0, "no data"), ShareSeen(0.2, 500), ShareSeen(0.0, 5)
    seen_home = ended(observed_at=NOW)
    cases: dict[str, Case] = {
        "seen home": (seen_home, seen(share=blind), 29),
        "seen home, 30 s": (seen_home, seen(share=blind), 30),
        "promoted": (ended(Phase.PROMOTED, observed_at=NOW), seen(share=blind), 30),
        "no traffic ever moved": (ended(Phase.CANCELLED, exposed_since=None), seen(share=blind), 30),
        "its objects went away": (ended(Phase.CANCELLED), seen(share=blind), 30),
        "idle, too early": (ended(), seen(share=idle), 29),
        "idle": (ended(), seen(share=idle), 30),
        "nobody asks for anything": (ended(), seen(share=ShareSeen(None, 0, NO_REQUESTS)), 30),
        "unseen": (ended(), seen(share=blind), 599),
        "unseen for ten minutes": (ended(), seen(share=blind), 600),
        "requests still come": (ended(), seen(share=busy), 6000),
        "unseen, taken over": (ended(), seen(share=blind, route=route(claimed=False)), 30),
        "gone already": (ended(), seen(share=blind, canary=None), 30),
    }
    assert table(cases) == block("""
        seen home                 Wait: ended; the canary's pods are kept a little, +30 s
        seen home, 30 s           RemoveCanary
        promoted                  RemoveCanary
        no traffic ever moved     RemoveCanary
        its objects went away     RemoveCanary
        idle, too early           Wait: ended; the canary's pods are kept a little, +30 s
        idle                      RemoveCanary
        nobody asks for anything  RemoveCanary
        unseen                    Wait: ended; the canary's pods are kept until the traffic is seen without them, +604 s
        unseen for ten minutes    RemoveCanary
        requests still come       Wait: ended; the canary's pods are kept until the traffic is seen without them, +6005 s
        unseen, taken over        RemoveCanary
        gone already              Turn rolled_back 0 %: no canary is left
        """)
