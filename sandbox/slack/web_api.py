"""The HTTP side of the Web API: token, faults, limits, arguments, answer, log."""

import asyncio
from collections import deque
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox.slack.api import arguments
from sandbox.slack.api.methods import METHODS
from sandbox.slack.api.tenant import Method, SlackError, Tenant
from sandbox.slack.faults import Fault, Faults
from sandbox.slack.limits import RateLimits
from sandbox.slack.message import Json
from sandbox.slack.serving import abort_connection

LOGGED_CALLS = 20_000


@dataclass(frozen=True)
class ApiCall:
    """One call as it came and as it was answered; status 0 is a dropped connection. `at` is Unix time."""

    method: str
    args: Json
    status: int
    answer: Json
    at: float


class WebApi:
    """An ASGI endpoint for `/api/{method}`."""

    def __init__(self, tenant: Tenant, limits: RateLimits, faults: Faults, token: str) -> None:
        self.calls: deque[ApiCall] = deque(maxlen=LOGGED_CALLS)
        self._tenant = tenant
        self._limits = limits
        self._faults = faults
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, or drop it when a fault says so."""
        request = Request(scope, receive)
        method = request.path_params["method"]
        fault = await self._fault_for(method)
        given: Json = {}
        response: Response | None
        if fault is None or fault.after_effect:
            given, response = await self._answer(request, method)
        if fault is not None:
            response = _faulty(fault)
        self._log(method, given, response)
        if response is None:
            await _drop(receive)
        else:
            await response(scope, receive, send)

    async def _fault_for(self, method: str) -> Fault | None:
        other: Fault | None = None
        for fault in self._faults.take(method):
            if fault.kind == "delay":
                await asyncio.sleep(fault.value)
            else:
                other = fault
        return other

    def _log(self, method: str, given: Json, response: Response | None) -> None:
        shown = {name: held for name, held in given.items() if name != "token"}
        answer = response.answer if isinstance(response, _Answer) else {}
        status = response.status_code if response is not None else 0
        self.calls.append(ApiCall(method, shown, status, answer, self._tenant.workspace.clock()))

    async def _answer(self, request: Request, name: str) -> tuple[Json, Response]:
        given: Json = {}
        try:
            method = _method(name)
            given, as_json = await arguments.read(request)
            self._authorize(request, None if as_json else given.get("token"))
            wait = self._limits.wait_for(name, str(given.get("channel", "")))
            if wait:
                return given, _Answer(SlackError("ratelimited").answer(), 429, wait)
            args = arguments.checked(method, given, as_json=as_json)
            return given, _Answer(method.call(self._tenant, args))
        except SlackError as refused:
            return given, _Answer(refused.answer())

    def _authorize(self, request: Request, parameter: str | None) -> None:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        token = bearer.strip() if scheme.lower() == "bearer" else parameter
        if not token:
            raise SlackError("not_authed")
        if token != self._token:
            raise SlackError("invalid_auth")


class _Answer(JSONResponse):
    """A JSON answer that remembers its body for the log."""

    def __init__(self, answer: Json, status: int = 200, retry_after: int = 0) -> None:
        headers = {"retry-after": str(retry_after)} if retry_after else None
        super().__init__(answer, status, headers, media_type="application/json; charset=utf-8")
        self.answer = answer


def _method(name: str) -> Method:
    method = METHODS.get(name)
    if method is None:
        raise SlackError("unknown_method")
    return method


def _faulty(fault: Fault) -> Response | None:
    if fault.kind == "drop":
        return None
    if fault.kind == "ratelimited":
        return _Answer(SlackError("ratelimited").answer(), 429, int(fault.value))
    return PlainTextResponse("upstream connect error", int(fault.value))


async def _drop(receive: Receive) -> None:
    abort_connection(receive)
    while (await receive())["type"] != "http.disconnect":
        pass
