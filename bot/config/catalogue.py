"""The catalogue: every service that may be released, and how. Broken, the bot does not start."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from bot.commands.words import RESERVED_WORDS
from bot.release.fields import Duration
from bot.release.frozen import Frozen
from bot.release.gate import Gate
from bot.release.rules import Rules
from bot.release.weight import Weight

DnsName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
ImageName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._:/-]{0,254}$")]
Channel = Annotated[str, StringConstraints(pattern=r"^(#[\w-]{1,80}|[CG][A-Z0-9]{2,})$")]
LabelValue = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")]


def _weights(value: object) -> object:
    """Let weights be written as people type them: 5, 0.5, "5%"."""
    if isinstance(value, list):
        return tuple(Weight.parse(str(weight)) for weight in value)
    return value


class Canary(Frozen):
    """A canary's stages: growing weights, how long each is watched, whether people are asked."""

    weights: tuple[Weight, ...] = (Weight.of(5), Weight.of(25), Weight.of(50), Weight.FULL)
    bake: Duration = timedelta(minutes=10)
    gate: Gate = Gate.ASK

    _parse = field_validator("weights", mode="before")(_weights)

    @model_validator(mode="after")
    def _growing(self) -> Self:
        if not self.weights or any(b <= a for a, b in zip(self.weights, self.weights[1:], strict=False)):
            raise ValueError("weights must grow, e.g. [5, 25, 50, 100]")
        if self.bake < timedelta(seconds=1):
            raise ValueError("the shortest bake is 1s")
        return self


class Strategy(Frozen):
    """How a service is released when the command does not say."""

    canary: Canary = Canary()


class Approval(Frozen):
    """Who may do something: so many members of a group, not the one who started it where that is asked."""

    group: Annotated[str, StringConstraints(pattern=r"^@[\w.-]{1,80}$")] | None = None
    count: Annotated[int, Field(ge=1, le=10)] = 1
    not_requester: bool = False


Who = Literal["anyone"] | Approval


class Approvers(Frozen):
    """`anyone` means a member of the service's channel."""

    start: Who = "anyone"
    promote: Who = "anyone"
    rollback: Who = "anyone"
    lock: Who = "anyone"


class Subsets(Frozen):
    """What the two tracks are called in the DestinationRule."""

    stable: DnsName = "stable"
    canary: DnsName = "canary"


class Istio(Frozen):
    """The route object of a service in an Istio mesh; `settle` is how long new subsets need to reach every proxy."""

    virtual_service: DnsName
    destination_rule: DnsName
    subsets: Subsets = Subsets()
    settle: Duration = timedelta(seconds=15)


class Router(Frozen):
    """Which router moves the traffic."""

    istio: Istio


class Adopt(StrEnum):
    """Whether a release may prepare a service that is not yet adopted."""

    AUTO = "auto"
    ASK = "ask"
    NEVER = "never"


class AlertLabels(Frozen):
    """What the alerts' labels are called."""

    service: str = "service"
    namespace: str = "namespace"
    version: str = "version"


class Service(Frozen):
    """One service, with the catalogue's defaults filled in."""

    name: DnsName
    namespace: DnsName
    deployment: DnsName
    service: DnsName
    image: ImageName
    container: DnsName | None = None
    traffic: Router
    channel: Channel
    approvers: Approvers = Approvers()
    strategy: Strategy = Strategy()
    rules: Rules = Rules()
    adopt: Adopt = Adopt.AUTO
    ready_within: Duration = timedelta(minutes=10)
    patience: Duration = timedelta(minutes=15)
    alert_labels: AlertLabels = AlertLabels()

    @property
    def canary(self) -> str:
        """The name of the canary Deployment."""
        return f"{self.deployment}-canary"

    @field_validator("name")
    @classmethod
    def _not_a_word(cls, name: str) -> str:
        if name in RESERVED_WORDS:
            raise ValueError(f"`{name}` is a word of the command language; choose another key")
        return name


class Catalogue(Frozen):
    """All services by name."""

    services: dict[str, Service]

    def get(self, name: str) -> Service | None:
        """The service of that name."""
        return self.services.get(name)

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(self.services))
