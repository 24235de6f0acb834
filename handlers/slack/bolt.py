"""The Bolt application: a single dispatcher for the command, all buttons and all dialogs."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.response import BoltResponse

from handlers.slack.talk import Talk


class _Everyone(AsyncAuthorize):
    """Bolt's own client is never used, so nobody needs a token here and Slack is not asked for one."""

    def __init__(self) -> None:
        """Keep nothing."""

    async def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, **_rest: Any
    ) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


class _Dispatcher(AsyncMiddleware):
    """A middleware rather than listeners: Bolt tries those one by one, and builds 30 arguments for each try."""

    def __init__(self, command: str, talk: Talk) -> None:
        self._command = command
        self._talk = talk

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002  of Bolt's signature
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002  of Bolt's signature
    ) -> BoltResponse | None:
        """Answer what is ours; anything else goes on and ends as 404."""
        request = req.context["request"]
        match req.body:
            case {"command": self._command}:
                return BoltResponse(status=200, body=await self._talk.typed(req.body, request))
            case {"type": "block_actions", "actions": [{}, *_]}:
                self._talk.pressed(req.body, request)
            case {"type": "view_submission", "view": {}}:
                self._talk.submitted(req.body, request)
            case _:
                return await next()
        return BoltResponse(status=200, body="")


def application(command: str, talk: Talk) -> AsyncApp:
    """Build the application. Whoever calls it has checked the signature and put a `Request` into the context."""
    logger = logging.getLogger("lockmaster.bolt")
    # Bolt warns at each start that a token in the environment goes unused; what nobody takes is logged at the gate
    logger.setLevel(logging.ERROR)
    return AsyncApp(
        name="lockmaster",
        logger=logger,
        process_before_response=True,
        authorize=_Everyone(),
        before_authorize=_Dispatcher(command, talk),
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
