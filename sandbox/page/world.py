"""What the page shows of the world beside Slack, and what it can do to it."""

from typing import Literal, Protocol, TypedDict

Part = Literal["bot", "redis", "prometheus", "envoy", "kubernetes"]


class Weights(TypedDict):
    """A route's weights as written, which need not be what is in effect."""

    stable: int
    canary: int


class Pod(TypedDict):
    """One pod; `reason` is Kubernetes' own word, or empty."""

    name: str
    ready: bool
    phase: str
    reason: str


class Version(TypedDict):
    """One version of a service now. Shares and error rates are fractions of 1; latencies milliseconds.

    `trouble` says how it was broken by hand, or is empty.
    """

    version: str
    track: Literal["stable", "canary"]
    share: float
    rps: float
    error_rate: float
    p50_ms: float
    p95_ms: float
    pods: list[Pod]
    trouble: str


class Sample(TypedDict):
    """One version in one second."""

    share: float
    error_rate: float
    p95_ms: float
    rps: float


class Moment(TypedDict):
    """All versions of a service in one second; `t` is Unix time."""

    t: float
    by_version: dict[str, Sample]


class Service(TypedDict):
    """A service with the last two minutes of its traffic; no ordered weights before it is adopted."""

    name: str
    namespace: str
    weights_ordered: Weights | None
    versions: list[Version]
    history: list[Moment]


class Telemetry(TypedDict):
    """Everything the page draws; `parts` says `running`, `stopped`, or another short word."""

    services: list[Service]
    parts: dict[Part, str]


class WorldError(Exception):
    """The world cannot do this now; the words are shown on the page."""


class World(Protocol):
    """The sandbox around the bot. Every verb returns when the thing is done."""

    async def telemetry(self) -> Telemetry:
        """Return the state of everything, cheap enough to be asked each second."""
        ...

    async def break_version(
        self, service: str, version: str, *, errors: float, latency_ms: float, crash: bool
    ) -> None:
        """Let a version answer this fraction of requests with 500, be slower by so much, or crash."""
        ...

    async def heal(self, service: str, version: str) -> None:
        """Take back what `break_version` did."""
        ...

    async def fire_alert(self, service: str, version: str) -> str:
        """Send the bot a firing alert as Alertmanager does, and return what it answered."""
        ...

    async def kill_bot(self) -> None:
        """Send the bot's process SIGKILL."""
        ...

    async def start_bot(self) -> None:
        """Start the bot again, as it was first started."""
        ...

    async def stop(self, part: Part) -> None:
        """Stop a part other than the bot."""
        ...

    async def start(self, part: Part) -> None:
        """Start a stopped part again."""
        ...

    async def edit_route(self, service: str, stable: int, canary: int) -> None:
        """Write the weights of a VirtualService, as a person with kubectl would."""
        ...

    async def set_load(self, service: str, rps: float) -> None:
        """Send so many requests a second to a service."""
        ...
