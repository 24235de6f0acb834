"""The one way to Slack's Web API: one connection pool, a time-out for each call, errors in the words of the house."""

import asyncio
import json
import urllib.request
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.config.secrets import Secret
from bot.errors import ReasonCode, Refused, Unavailable, refuse
from bot.ports.chat import RateLimited

SECONDS = 5.0
HOOKS = URL("https://hooks.slack.com").origin()
# Answers that say nothing about the call itself: the same may work later, or with a mended token.
_LATER = frozenset(
    {
        *("internal_error", "fatal_error", "service_unavailable", "request_timeout", "accesslimited"),
        *("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"),
        *("missing_scope", "not_allowed_token_type", "org_login_required", "team_added_to_org"),
    }
)


class SlackRefusal(Refused):
    """Slack's own word for why it did not do it, e.g. `channel_not_found`."""

    def __init__(self, word: str) -> None:
        reason = refuse(ReasonCode.SLACK_UNKNOWN, f"Slack says {word}").reason
        super().__init__(reason)
        self.word = word


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    retry_after: str | None
    word: str | None


class SlackDoor:
    """`api_url` ends in `/api/`. The token is read at each call, so a changed file counts at once."""

    def __init__(self, api_url: str, token: Secret) -> None:
        self._api = URL(api_url)
        self._token = token
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self.why_away: str | None = None

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a method that writes, e.g. `chat.postMessage`. Raises `Unavailable`, `RateLimited` or `SlackRefusal`."""
        return await self._called(method, json=arguments)

    async def ask(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a method that reads, e.g. `users.info`: these take no JSON. Raises the same."""
        return await self._called(method, http_verb="GET", params=arguments)

    async def _called(self, method: str, **request: Any) -> dict[str, Any]:
        try:
            answer = await self._answered(method, request)
        except Unavailable as error:
            self.why_away = error.why
            raise
        self.why_away = None
        return answer

    async def _answered(self, method: str, request: dict[str, Any]) -> dict[str, Any]:
        client = self._ready()
        try:
            client.token = self._token.require()
            async with asyncio.timeout(SECONDS):
                answer = await client.api_call(method, **request)
        except SlackClientError as error:
            raise _translated(_answer_of(error)) from None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Unavailable("slack", _why(error)) from None
        except AttributeError:
            # slack_sdk reads every answer as an object; a proxy may say something else
            raise Unavailable("slack", "it did not answer as Slack does") from None
        return cast("dict[str, Any]", answer.data)  # bytes come for files alone

    async def post(self, url: str, payload: dict[str, Any]) -> None:
        """Post to an address that Slack gave us. Refuses any other, and never follows elsewhere."""
        target = self._trusted(url)
        self._ready()
        assert self._session is not None  # noqa: S101  set by _ready
        try:
            async with (
                asyncio.timeout(SECONDS),
                self._session.post(
                    target, json=payload, allow_redirects=False, proxy=_proxy(target)
                ) as response,
            ):
                text = (await response.content.read(200)).decode(errors="replace")
                status, patience = response.status, response.headers.get("Retry-After")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable("slack", _why(error)) from None
        if status != 200:  # noqa: PLR2004  OK
            raise _translated(_Answer(status, patience, _word(text) or f"status {status}"))

    async def close(self) -> None:
        """Give the connections back."""
        if self._session is not None:
            await self._session.close()
            self._session = self._client = None

    def _ready(self) -> AsyncWebClient:
        if self._client is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS))
            self._client = AsyncWebClient(
                base_url=str(self._api), timeout=int(SECONDS), session=self._session, retry_handlers=[]
            )
            # slack_sdk takes HTTP_PROXY even for hosts that NO_PROXY names
            self._client.proxy = _proxy(self._api)
        return self._client

    def _trusted(self, url: str) -> URL:
        try:
            target = URL(url)
            known = target.user is None and target.origin() in (HOOKS, self._api.origin())
        except ValueError:
            known = False
        if not known:
            raise refuse(ReasonCode.SLACK_UNKNOWN, "the answer's address is not Slack's")
        return target


def _proxy(url: URL) -> str | None:
    if urllib.request.proxy_bypass(url.host or ""):
        return None
    return urllib.request.getproxies().get(url.scheme)


def _answer_of(error: SlackClientError) -> _Answer:
    """Read Slack's answer, of whichever of slack_sdk's two shapes."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None) or getattr(response, "status", None) or 500
    data = getattr(response, "data", None)
    word = data.get("error") if isinstance(data, dict) else None
    return _Answer(int(status), getattr(response, "headers", {}).get("Retry-After"), word)


def _word(text: str) -> str:
    """Find the word in a refusal of hooks.slack.com, which is JSON or nothing but the word."""
    try:
        return str(json.loads(text)["error"])
    except (ValueError, LookupError, TypeError):
        return text.strip()


def _translated(answer: _Answer) -> Exception:
    if answer.status == 429 or answer.word == "ratelimited":  # noqa: PLR2004  too many requests
        patience = answer.retry_after or ""
        return RateLimited(float(patience) if patience.isdigit() else 1.0)
    if answer.status >= 500 or answer.word is None or answer.word in _LATER:  # noqa: PLR2004  the server's fault
        return Unavailable("slack", answer.word or f"it answered {answer.status}")
    return SlackRefusal(answer.word)


def _why(error: Exception) -> str:
    """Say what went wrong without an address or a token."""
    if isinstance(error, TimeoutError):
        return f"no answer within {SECONDS:g} s"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "it cannot be reached"
    return str(error) if isinstance(error, ValueError) else type(error).__name__
