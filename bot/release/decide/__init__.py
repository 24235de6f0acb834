"""What to do next with a release: pure and total. No I/O, no clock, no logger; one file a part of the release's life."""

from datetime import datetime
from typing import assert_never

from bot.release.decide import (
    claiming,
    drifting,
    ended,
    finishing,
    floors,
    mending,
    preparing,
    unadopting,
    watching,
    wishes,
)
from bot.release.decide.turning import automatic, end, to_people
from bot.release.decision import Decision, Wait
from bot.release.instructions import Ask
from bot.release.model import Kind, Release, Trigger
from bot.release.observed import Gone, Observed
from bot.release.phases import Phase


def decide(release: Release, observed: Observed, now: datetime) -> Decision:
    """Say the one next step. The same arguments always give the same answer."""
    if release.phase.terminal:
        return ended.decide(release, observed, now)
    if observed.gone is not None:
        return _gone(release, observed, observed.gone, now)
    if release.kind is Kind.UNADOPT:
        return unadopting.decide(release, observed, now)
    if not observed.route.claimed:
        return claiming.decide(release, observed, now)
    wished = wishes.take(release, observed, now)
    if wished is not None:
        return wished
    drifted = drifting.look(release, observed, now)
    if drifted is not None:
        return drifted
    decision = _by_phase(release, observed, now)
    # Said when nothing more urgent is to be done: it must not stand before a rollback.
    return (floors.look(release, observed, now) or decision) if isinstance(decision, Wait) else decision


def _by_phase(release: Release, observed: Observed, now: datetime) -> Decision:
    match release.phase:
        case Phase.PREPARING:
            return preparing.decide(release, observed, now)
        case Phase.SHIFTING:
            return watching.shifting(release, observed, now)
        case Phase.BAKING:
            return watching.baking(release, observed, now)
        case Phase.GATE:
            return watching.gate(release, observed, now)
        case Phase.PROMOTING:
            return finishing.promoting(release, observed, now)
        case Phase.FINISHING:
            return finishing.finishing(release, observed, now)
        case Phase.ROLLING_BACK:
            return finishing.rolling_back(release, observed, now)
        case Phase.NEEDS_HUMAN:
            return mending.decide(release, observed, now)
        case Phase.PROMOTED | Phase.ROLLED_BACK | Phase.CANCELLED:
            raise AssertionError("terminal phases are decided elsewhere")
        case _:
            assert_never(release.phase)


def _gone(release: Release, observed: Observed, gone: Gone, now: datetime) -> Decision:
    """Without its objects a release cannot go on; nothing is created again.

    Without a workload it ends, and its route, where that is left, says so. Without its route people decide; their rollback ends
    it, and the canary is removed.
    """
    text = f"{gone.what} no longer exists"
    given_up = any(wish.ask is Ask.ROLL_BACK for wish in observed.inbox)
    if gone.whole or release.phase is Phase.PREPARING or (given_up and release.phase is Phase.NEEDS_HUMAN):
        ending = automatic(Trigger.CLUSTER, text, now)
        return end(release, Phase.CANCELLED, ending, claimed=observed.route.claimed)
    return to_people(release, text, now, claimed=False)
