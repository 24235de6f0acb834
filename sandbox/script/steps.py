"""What a line of a script can say, as a closed set of frozen values. Shares are in percent, times in seconds."""

from dataclasses import dataclass
from typing import Literal

from sandbox.page.world import Part

Place = Literal["card", "notice", "thread", "answer"]


@dataclass(frozen=True, slots=True)
class Says:
    """People type the same line at once."""

    people: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Presses:
    """People press a button at once; an `old` one stands on a screen that has not changed since it was there."""

    people: tuple[str, ...]
    label: str
    old: bool = False


@dataclass(frozen=True, slots=True)
class Submits:
    """Somebody fills the one input of the open modal and submits it."""

    people: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Different things that people do in the same moment."""

    acts: tuple[Says | Presses | Submits, ...]


@dataclass(frozen=True, slots=True)
class Terminal:
    """An operator runs `lockmaster` with these arguments."""

    command: str


@dataclass(frozen=True, slots=True)
class Break:
    """A version fails."""

    service: str
    version: str
    errors: float = 0
    latency_s: float = 0
    crash: bool = False


@dataclass(frozen=True, slots=True)
class Heal:
    """It is well again."""

    service: str
    version: str


@dataclass(frozen=True, slots=True)
class Alert:
    """Alertmanager delivers a firing alert, the same one so many times."""

    service: str
    version: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class KillBot:
    """SIGKILL; it starts again after a second."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A part is gone."""

    part: Part


@dataclass(frozen=True, slots=True)
class Start:
    """It is back, with what it held."""

    part: Part


@dataclass(frozen=True, slots=True)
class EditRoute:
    """Somebody writes weights with kubectl."""

    service: str
    stable: int
    canary: int


@dataclass(frozen=True, slots=True)
class Load:
    """So many requests a second from now on."""

    service: str
    rate: int


@dataclass(frozen=True, slots=True)
class Rest:
    """Time passes."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Show:
    """Print the channel as it stands, or the traffic."""

    what: Literal["channel", "traffic"]


@dataclass(frozen=True, slots=True)
class Said:
    """Words stand somewhere: on the newest card, or in notices, threads or answers since the last act.

    With `times`, in exactly so many messages.
    """

    place: Place
    text: str
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Cards:
    """So many live messages were posted since the script began."""

    count: int


@dataclass(frozen=True, slots=True)
class Ordered:
    """The weights that stand in the route."""

    service: str
    stable: int
    canary: int


@dataclass(frozen=True, slots=True)
class Observed:
    """The canary's share in Envoy's own counters since the weights took effect."""

    service: str
    share: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class Runs:
    """Every pod of the service's Deployment is ready and runs this version."""

    service: str
    version: str


@dataclass(frozen=True, slots=True)
class NoCanary:
    """There is no canary Deployment."""

    service: str


@dataclass(frozen=True, slots=True)
class Failed:
    """At most so many requests have failed since the script began."""

    most: int


@dataclass(frozen=True, slots=True)
class RolledBackWithin:
    """From the first look at which Prometheus knew of errors of the broken version, to the weight 0 in the route."""

    seconds: float


@dataclass(frozen=True, slots=True)
class BotReady:
    """The bot's process lives and says that it is ready."""


Condition = Said | Cards | Ordered | Observed | Runs | NoCanary | Failed | RolledBackWithin | BotReady


@dataclass(frozen=True, slots=True)
class Wait:
    """Until it is so, or too long."""

    condition: Condition
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Expect:
    """It is so now."""

    condition: Condition


Act = (
    Says
    | Presses
    | Submits
    | AtOnce
    | Terminal
    | Break
    | Heal
    | Alert
    | KillBot
    | Stop
    | Start
    | EditRoute
    | Load
)
Step = Act | Rest | Show | Wait | Expect
