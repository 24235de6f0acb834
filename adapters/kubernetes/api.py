"""Requests: each with a time-out, its turn, and no more patience than is safe.

Reads are tried again after 429, 5xx and time-outs. Writes are tried again only where the server said that it did not begin
(429, and 401 after the credentials were read again). Any other failure of a write leaves its result unknown and is
`Unavailable`: the caller reads the object before it decides again.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from random import uniform
from typing import Final, Self
from urllib.parse import urlencode

import aiohttp
from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.rest import RESTResponse

from adapters.kubernetes import failures
from adapters.kubernetes.credentials import Credentials
from adapters.kubernetes.failures import PART
from adapters.kubernetes.resources import Object, Ref
from adapters.kubernetes.urgency import Bucket, Urgency
from bot.errors import Unavailable
from bot.ports.clock import Clock

MERGE: Final = "application/merge-patch+json"
JSON: Final = "application/json"
CONNECT_SECONDS: Final = 2.0
TOTAL_SECONDS: Final = 5.0
ATTEMPTS: Final = 3
LONGEST_PATIENCE: Final = 5.0
"""Seconds of Retry-After that are waited for; asked for more, the caller is told."""
GRACE: Final = 5.0
"""Seconds that a watch gets beyond the time it asked for, before its connection is taken for dead."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `verb` is RBAC's word; `ref` an object, or a collection where its name is empty."""

    verb: str
    ref: Ref
    urgency: Urgency
    query: tuple[tuple[str, str], ...] = ()
    body: Object | None = None

    @property
    def method(self) -> str:
        """The method of HTTP."""
        return {"create": "POST", "patch": "PATCH", "delete": "DELETE"}.get(self.verb, "GET")

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, so that it may be repeated. Reviews are created, but leave nothing behind."""
        return self.method == "GET" or self.ref.resource.kind.endswith("Review")

    @property
    def content_type(self) -> str:
        """Always said, never guessed: the client would send other patches for other kinds."""
        return MERGE if self.method == "PATCH" else JSON


class Api:
    """One client for all, with pooled connections. Use as a context manager."""

    def __init__(self, credentials: Credentials, clock: Clock, bucket: Bucket) -> None:
        self._credentials = credentials
        self._clock = clock
        self._bucket = bucket
        self._client: ApiClient

    async def __aenter__(self) -> Self:
        await self._credentials.load()
        self._client = ApiClient(self._credentials.configuration)
        self._client.user_agent = "lockmaster"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._bucket.close()
        await self._client.close()

    async def request(self, call: Call) -> Object:
        """Answer the object, list or status. Raises the errors of `bot.errors`, and `VersionGone`."""
        limits = aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS)
        for attempt in range(1, ATTEMPTS + 1):
            if (left := self._bucket.held(call.urgency)) > LONGEST_PATIENCE:
                raise Unavailable(PART, f"the API server asks for patience: {left:.0f} s more")
            await self._bucket.take(call.urgency)
            try:
                answer = await self._send(call, limits)
                body = await answer.read()
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                if not call.reads or attempt == ATTEMPTS:
                    raise _unreachable(call, error) from error
                await self._clock.sleep(_backoff(attempt))
                continue
            if answer.status < 300:  # noqa: PLR2004 - success
                return json.loads(body)  # type: ignore[no-any-return]
            failure = failures.failure_of(answer.status, failures.status_of(body), call.verb, call.ref)
            pause = await self._pause(call, answer, attempt)
            if pause is None or attempt == ATTEMPTS:
                raise failure
            await self._clock.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def watch(self, call: Call, seconds: int) -> AsyncGenerator[Object, None]:
        """Yield an empty object once the server has begun, then its events, until it closes or `seconds` have passed.

        Raises as `request` does, but tries nothing again. A connection that died silently is given up `GRACE` after its time.
        """
        await self._bucket.take(call.urgency)
        limits = aiohttp.ClientTimeout(total=seconds + GRACE, sock_connect=CONNECT_SECONDS)
        try:
            answer = await self._send(call, limits)
            try:
                if answer.status >= 300:  # noqa: PLR2004 - success
                    status = failures.status_of(await answer.read())
                    await self._pause(call, answer, 1)
                    raise failures.failure_of(answer.status, status, call.verb, call.ref)
                yield {}
                async for line in _lines(answer.response.content):
                    yield json.loads(line)
            finally:
                answer.response.close()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise _unreachable(call, error) from error

    async def _send(self, call: Call, limits: aiohttp.ClientTimeout) -> RESTResponse:
        path = call.ref.path if call.ref.name else call.ref.resource.collection(call.ref.namespace)
        query = f"?{urlencode(call.query)}" if call.query else ""
        # The body goes past param_serialize, which takes an empty one for none.
        method, url, headers, _, _ = await self._client.param_serialize(
            call.method,
            path + query,
            header_params={"Accept": JSON, "Content-Type": call.content_type},
            auth_settings=["BearerToken"],
        )
        return await self._client.call_api(method, url, headers, body=call.body, _request_timeout=limits)

    async def _pause(self, call: Call, answer: RESTResponse, attempt: int) -> float | None:
        """Seconds until the same request may be sent again; None when it must not be."""
        if answer.status == failures.UNAUTHORIZED and attempt == 1:
            await self._credentials.load()
            return 0.0
        if answer.status == failures.THROTTLED:
            pause = _retry_after(answer)
            self._bucket.hold(pause, call.urgency)
            return 0.0 if pause <= LONGEST_PATIENCE else None
        return _backoff(attempt) if answer.status >= failures.SERVER_ERROR and call.reads else None


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Whole lines of whatever length; the reader's own `readline` gives up on long ones."""
    rest = b""
    async for piece in content.iter_any():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line


def _unreachable(call: Call, error: Exception) -> Unavailable:
    why = "no answer in time" if isinstance(error, TimeoutError) else str(error)
    unknown = "" if call.reads else "; whether it was done is unknown"
    return Unavailable(PART, f"{call.verb} {call.ref}: {why}{unknown}")


def _backoff(attempt: int) -> float:
    return uniform(0.1, 0.2) * float(2**attempt)  # noqa: S311 - jitter


def _retry_after(answer: RESTResponse) -> float:
    try:
        return max(0.0, float(answer.headers.get("Retry-After", "1")))
    except ValueError:  # the other form is a date, which no API server sends
        return 1.0
