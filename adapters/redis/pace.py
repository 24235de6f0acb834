"""The port `Pace`: one script by the server's clock, so that all replicas share the turns of a mesh."""

from datetime import timedelta
from typing import Final

from adapters.redis.door import Connection, Script

PACE: Final = Script("pace")
GRACE: Final = timedelta(seconds=3)
"""How long a turn that came, or was given, is kept. A pass comes within 0.2 s of its time; one whose replica died asks anew."""
_KEPT: Final = timedelta(hours=1)


class RedisPace:
    """`most` is how many writes may go in any second; `mesh` names whose control plane takes them."""

    def __init__(self, connection: Connection, mesh: str, most: int) -> None:
        self._redis = connection
        self._keys = [connection.key("pace", mesh, part) for part in ("given", "queue", "until")]
        self._most = most

    async def ask(self, write: str) -> timedelta:
        """See the port."""
        wait = await self._redis.run(PACE, self._keys, write, self._most, _ms(GRACE), _ms(_KEPT))
        return timedelta(milliseconds=int(wait))


def _ms(time: timedelta) -> int:
    return time // timedelta(milliseconds=1)
