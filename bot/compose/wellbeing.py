"""How the bot is, for those who probe it."""

from collections.abc import Mapping

from bot.compose.core import Core
from bot.errors import Unavailable
from bot.reconciler.watchdog import Watchdog

STALE_WATCH = 30.0


class Wellbeing:
    """Implements the handlers' `Health`: started or not, and which parts are away."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._watchdog = Watchdog(core.office.clock, core.rounds)
        self.started = self.stopping = False

    def stuck(self) -> tuple[str, ...]:
        """The loops that do not turn any more."""
        return self._watchdog.stuck()

    def late(self) -> Mapping[str, float]:
        """How late each loop was at worst in the last minute, in seconds."""
        return self._core.sampler.cadence.lags()

    async def parts(self) -> Mapping[str, str]:
        """`ok`, or in a few words what is wrong."""
        behind = self._core.sampler.behind()
        return {
            "cadence": f"behind: {', '.join(behind)}" if behind else "ok",
            "redis": await self._redis(),
            "kubernetes": "ok" if self._core.cluster.age() < STALE_WATCH else "no contact",
            "releases": "some break, see the log" if self._core.reconciler.quarantine.held else "ok",
            "prometheus": "no answer" if self._core.sampler.why_blind else "ok",
            "slack": "no answer" if self._core.slack.why_away else "ok",
        }

    async def _redis(self) -> str:
        try:
            await self._core.store.ping()
        except Unavailable:
            return "no answer"
        return "ok"
