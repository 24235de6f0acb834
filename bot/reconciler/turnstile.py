"""What a step forward has to pass: an audit that can be written, and its turn among all that push the mesh."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.ports.pace import Pace
from bot.reconciler.pacing import waits_for_its_turn
from bot.reconciler.record import Recorder
from bot.reconciler.tell import Teller
from bot.release.decision import Decision, PatchStable
from bot.release.model import Release
from bot.release.observed import Observed

RETRY: Final = timedelta(seconds=1)


class Turnstile:
    """Lets a way back through at once."""

    def __init__(self, pace: Pace, recorder: Recorder, teller: Teller) -> None:
        self._pace = pace
        self._recorder = recorder
        self._teller = teller

    async def wait(self, decision: Decision, release: Release, observed: Observed) -> timedelta | None:
        """How long the step has to wait before it asks again, None for not at all; the card says why."""
        paced = waits_for_its_turn(decision, observed.route.weights)
        if (paced or isinstance(decision, PatchStable)) and not await self._recorder.ready():
            await self._teller.show(release, replace(observed, remembered=False))
            return RETRY
        if not paced:
            return None
        turn = await self._pace.ask(f"{release.id}:{release.revision}")
        if turn:
            await self._teller.show(release, replace(observed, turn=turn))
        return turn or None
