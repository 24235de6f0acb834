"""POST /alerts/alertmanager: notices of alerts, from whoever knows the token.

Alertmanager sends a notice again only after 5xx, so being overloaded or without Redis is answered 503, never 429.
"""

import hashlib
import hmac
from collections.abc import Sequence

import structlog
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot.config.secrets import Secret
from bot.errors import Unavailable
from bot.ports.desks import Alert, AlertDesk
from handlers.body import TooLarge, TooSlow, read
from handlers.notice import alerts, too_much
from handlers.rotation import accepted

MOST = 1024 * 1024
MOST_IN_FLIGHT = 16
log = structlog.get_logger()


class AlertGate:
    """An ASGI application for one path.

    200 or 503 with a reason for each alert, 401 wrong token, 413 too large, 400 not a notice, 503 too slow.
    """

    def __init__(self, desk: AlertDesk, token: Secret) -> None:
        self._desk = desk
        self._token = token
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge one request and answer it."""
        response = await self._answered(scope, receive)
        await response(scope, receive, send)

    async def _answered(self, scope: Scope, receive: Receive) -> Response:
        if not _knows(dict(scope["headers"]).get(b"authorization", b""), accepted(self._token)):
            return _unread("wrong token", 401)
        if self._in_flight >= MOST_IN_FLIGHT:
            return _unread("overloaded: send it again", 503)
        self._in_flight += 1
        try:
            return await self._taken(await read(scope, receive, MOST))
        except TooLarge:
            return _unread("body too large", 413)
        except TooSlow:
            return _unread("body too slow: send it again", 503)
        except Unavailable as error:
            return JSONResponse({"error": f"{error.part} is unavailable: send it again"}, 503)
        except Exception:
            log.exception("a notice of alerts broke")
            return JSONResponse({"error": "this broke: send it again"}, 500)
        finally:
            self._in_flight -= 1

    async def _taken(self, body: bytes) -> Response:
        try:
            found = alerts(body)
        except ValueError as error:
            return JSONResponse({"error": f"not a notice of Alertmanager's: {error}"}, 400)
        ignored = [too_much(alert) for alert in found]
        asked = tuple(alert for alert, why in zip(found, ignored, strict=True) if why is None)
        reply = await self._desk.fired(asked)
        told = iter(reply.reasons)
        reasons = [why or next(told) for why in ignored]
        return JSONResponse({"alerts": _paired(found, reasons)}, reply.status)


def _paired(found: Sequence[Alert], reasons: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"fingerprint": alert.fingerprint, "reason": reason}
        for alert, reason in zip(found, reasons, strict=True)
    ]


def _knows(header: bytes, tokens: Sequence[bytes]) -> bool:
    """Whether the header brings one of the tokens; takes as long for a near miss as for a far one."""
    scheme, _, given = header.partition(b" ")
    digest = hashlib.sha256(given.strip()).digest()
    found = [hmac.compare_digest(hashlib.sha256(token).digest(), digest) for token in tokens]
    return scheme.lower() == b"bearer" and any(found)


def _unread(words: str, status: int) -> Response:
    """Answer without having read the body: the connection cannot be used again."""
    return JSONResponse({"error": words}, status, headers={"connection": "close"})
