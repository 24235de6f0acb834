"""The catalogue: every service that may be released, and how. Broken, the bot does not start."""

from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    field_validator,
)

from bot.commands.words import RESERVED_WORDS
from bot.config.shapes import AlertLabel, Channel, DnsName, GroupHandle, ImageName, ObjectName
from bot.release.duration import SHORTEST_BAKE, render_duration
from bot.release.fields import Duration
from bot.release.frozen import Frozen
from bot.release.gate import Gate
from bot.release.rules import Rules
from bot.release.weight import Weight


def _not_shorter(value: timedelta) -> timedelta:
    if value < SHORTEST_BAKE:
        raise ValueError(f"expected at least {render_duration(SHORTEST_BAKE)}")
    return value


Wait = Annotated[Duration, AfterValidator(_not_shorter)]
"""One second or more."""


def _typed(value: object) -> Weight:
    """Let weights be written as people type them: 5, 0.5, "5%"."""
    if isinstance(value, Weight):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("expected a share of traffic such as 5, 0.5 or 5%")  # noqa: TRY004  pydantic wants it so
    return Weight.parse(str(value))


TypedWeight = Annotated[
    Weight,
    BeforeValidator(_typed),
    WithJsonSchema(
        {
            "description": "a share of traffic such as 5, 0.5 or 5%",
            "type": ["number", "string"],
            "exclusiveMinimum": 0,
            "maximum": 100,
            "pattern": r"^[0-9]{1,3}(\.[0-9]{1,2})?%?$",
        }
    ),
]


class Canary(Frozen):
    """A canary's stages: growing weights, how long each is watched, whether people are asked."""

    weights: Annotated[tuple[TypedWeight, ...], Field(min_length=1)] = (
        Weight.of(5),
        Weight.of(25),
        Weight.of(50),
        Weight.FULL,
    )
    bake: Wait = timedelta(minutes=10)
    gate: Gate = Gate.ASK

    @field_validator("weights")
    @classmethod
    def _growing(cls, weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        if any(later <= earlier for earlier, later in pairwise(weights)):
            raise ValueError("expected weights that grow, such as [5, 25, 50, 100]")
        return weights


class Strategy(Frozen):
    """How a service is released when the command does not say."""

    canary: Canary = Canary()


class Approval(Frozen):
    """Who may do something: so many members of a group, not the one who started it where that is asked.

    Without a group any member of the service's channel counts.
    """

    group: GroupHandle | None = None
    count: Annotated[int, Field(ge=1, le=10)] = 1
    not_requester: bool = False


def _form(value: object) -> str | None:
    """Which form of `Who` was meant, so that a refusal speaks of that one alone."""
    if isinstance(value, Approval | dict):
        return "approval"
    return "anyone" if value == "anyone" else None


Who = Annotated[
    Annotated[Literal["anyone"], Tag("anyone")] | Annotated[Approval, Tag("approval")],
    Discriminator(
        _form,
        custom_error_type="who",
        custom_error_message="expected anyone, or a mapping of group, count and not_requester",
    ),
]


class Approvers(Frozen):
    """Who may do what. `anyone` means a member of the service's channel."""

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

    virtual_service: ObjectName
    destination_rule: ObjectName
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

    service: AlertLabel = "service"
    namespace: AlertLabel = "namespace"
    version: AlertLabel = "version"


class Service(Frozen):
    """One service, with the catalogue's defaults filled in.

    `service` is the Kubernetes Service, `container` the one whose image is released (None: the only one), `ready_within` how long
    pods may take to become ready, `patience` how long a stage without a verdict may wait before it is given up.
    """

    name: DnsName
    namespace: DnsName
    deployment: ObjectName
    service: DnsName
    image: ImageName
    container: DnsName | None = None
    traffic: Router
    channel: Channel
    approvers: Approvers = Approvers()
    strategy: Strategy = Strategy()
    rules: Rules = Rules()
    adopt: Adopt = Adopt.AUTO
    ready_within: Wait = timedelta(minutes=10)
    patience: Wait = timedelta(minutes=15)
    alert_labels: AlertLabels = AlertLabels()

    @property
    def canary(self) -> str:
        """The name of the canary Deployment."""
        return f"{self.deployment}-canary"

    @field_validator("name")
    @classmethod
    def _not_a_word(cls, name: str) -> str:
        if name in RESERVED_WORDS:
            raise ValueError(f"expected another key: `{name}` is a word of the command language")
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
