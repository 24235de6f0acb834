"""Where the core takes in what the world says: one narrow Protocol for each way in, with the values it takes."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.messages.model import Message, Modal


@dataclass(frozen=True, slots=True)
class Request:
    """One delivery. `id` is the same for each delivery of the same signed request, and differs between requests.

    `first_time` says whether it was not taken in before, by any replica: the store is asked while the request is read, so whoever
    changes anything awaits it before. None: nobody else can bring it.
    """

    id: str
    first_time: Awaitable[bool] | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Who spoke, and where. Ids are Slack's; fields that Slack left out are empty."""

    user_id: str
    user_name: str
    team_id: str
    channel_id: str
    channel_name: str
    response_url: str
    trigger_id: str
    request: Request


class CommandDesk(Protocol):
    """Takes what was typed."""

    async def typed(self, origin: Origin, text: str) -> Message:
        """Act on the text after the command's name; answer what its author alone sees."""
        ...


class ButtonDesk(Protocol):
    """Takes what was pressed, and what was written in a dialog."""

    async def pressed(self, origin: Origin, action: str, value: str) -> Message | Modal | None:
        """Act on a press: a message is whispered to the presser, a dialog opened for them, None says nothing."""
        ...

    async def submitted(self, origin: Origin, action: str, private: str, text: str) -> Message | None:
        """Act on a dialog: `private` is what it carried, `text` what was written; the answer is whispered."""
        ...


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of a notice. `status` is `firing` or `resolved`; `starts_at` is aware."""

    status: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True)
class AlertReply:
    """`status` is the HTTP answer: 200 taken, 503 please again. `reasons`: alert by alert, what was done or why not."""

    status: int
    reasons: tuple[str, ...]


class AlertDesk(Protocol):
    """Takes notices of alerts."""

    async def fired(self, alerts: tuple[Alert, ...]) -> AlertReply:
        """Answer one reason an alert, in their order. `Unavailable` is answered 503, so that they come again."""
        ...


class Health(Protocol):
    """What the health probes ask."""

    @property
    def started(self) -> bool:
        """Whether the bot takes work."""
        ...

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        ...

    def stuck(self) -> tuple[str, ...]:
        """The parts of the bot that do not turn any more although the process lives, so that only a new one helps."""
        ...

    def late(self) -> Mapping[str, float]:
        """What the bot does again and again, by name, and how many seconds late it was at worst in the last minute."""
        ...

    async def parts(self) -> Mapping[str, str]:
        """Each part we depend on, and `ok` or what is wrong with it, in words that name no host."""
        ...
