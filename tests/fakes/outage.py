"""A switch shared by the fakes of one part: while it is on, every verb raises `Unavailable`."""

from bot.errors import Unavailable


class Outage:
    """`part` as in `Unavailable`: redis, kubernetes, prometheus, slack."""

    def __init__(self, part: str = "redis", why: str = "switched off by the test") -> None:
        self.part = part
        self.why = why
        self.on = False

    def begin(self) -> None:
        self.on = True

    def end(self) -> None:
        self.on = False

    def check(self) -> None:
        """Raise while the part is away."""
        if self.on:
            raise Unavailable(self.part, self.why)
