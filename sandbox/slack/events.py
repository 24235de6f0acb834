"""Events to the bot: sent in the background, and again where it does not answer."""

import asyncio
from dataclasses import dataclass, field

from sandbox.slack.link import BotLink, NoAnswerError
from sandbox.slack.message import Json
from sandbox.slack.payloads import event_envelope

# Slack tries again nearly at once, after one minute and after five; both words go into its headers.
RETRY_DELAYS = (0.0, 60.0, 300.0)
REASONS = {"operation_timeout": "http_timeout", "dispatch_failed": "http_error"}


@dataclass
class Events:
    """Deliveries under way; `retry_delays` are seconds before each further try."""

    link: BotLink
    retry_delays: tuple[float, ...] = RETRY_DELAYS
    _under_way: set[asyncio.Task[bool]] = field(default_factory=set)

    def send(self, event: Json) -> None:
        """Deliver in the background."""
        task = asyncio.create_task(self.deliver(event))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def deliver(self, event: Json) -> bool:
        """Deliver now, with Slack's retries; whether the bot took it in the end."""
        envelope = event_envelope(event, self.link.clock())
        headers: dict[str, str] = {}
        for attempt, delay in enumerate((0.0, *self.retry_delays)):
            await asyncio.sleep(delay)
            try:
                await self.link.event(envelope, headers)
            except NoAnswerError as silent:
                headers = {
                    "X-Slack-Retry-Num": str(attempt + 1),
                    "X-Slack-Retry-Reason": REASONS[silent.failure],
                }
            else:
                return True
        return False

    async def verify_url(self, challenge: str) -> bool:
        """Ask the bot to echo a challenge, as Slack does when its request URL is set."""
        try:
            answer = await self.link.event({"type": "url_verification", "token": "", "challenge": challenge})
        except NoAnswerError:
            return False
        body = answer.as_json()
        return challenge in (answer.text.strip(), body.get("challenge") if body else None)

    async def stop(self) -> None:
        """Give up what is under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
