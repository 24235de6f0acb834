"""What the API server's refusals mean, in the words of `bot.errors`."""

import json
from typing import Any

from adapters.kubernetes.resources import Ref
from bot.errors import Conflict, Reason, ReasonCode, Refused, TargetGone, Unavailable, refuse

PART = "kubernetes"

UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
CONFLICT = 409
GONE = 410
THROTTLED = 429
SERVER_ERROR = 500

LONGEST_PAGE = 200
"""Characters kept of an answer that is no `Status`, such as a proxy's HTML page."""


class VersionGone(Exception):  # noqa: N818  an answer, not an error
    """The server no longer keeps the changes since that version (410): list again."""


def status_of(body: bytes) -> dict[str, Any]:
    """The `Status` object of an answer; one made of the text where it is none."""
    try:
        status = json.loads(body)
    except ValueError:
        status = None
    if isinstance(status, dict) and "message" in status:
        return status
    return {"message": body[:LONGEST_PAGE].decode(errors="replace")}


def failure_of(code: int, status: dict[str, Any], verb: str, ref: Ref) -> Exception:
    """The error to raise for an answer that is none of success. `verb` as RBAC names it, e.g. `patch`."""
    message = str(status.get("message") or f"HTTP status {code}")
    match code:
        case 403:
            return _forbidden(status, message, verb, ref)
        case 404:
            return TargetGone(str(ref))
        case 409:
            return Conflict(message)
        case 410:
            return VersionGone(message)
        case 401:
            return Unavailable(PART, f"the API server does not accept our credentials: {message}")
        case 429:
            return Unavailable(PART, f"the API server asks for patience: {message}")
        case _ if code >= SERVER_ERROR:
            return Unavailable(PART, f"{verb} {ref}: {message} ({code})")
        case _:
            return _denied(message, verb, ref)


def _forbidden(status: dict[str, Any], message: str, verb: str, ref: Ref) -> Exception:
    """403 says four things: the namespace goes away, a webhook or policy denies, a quota is used up, or RBAC lacks the verb."""
    causes = (status.get("details") or {}).get("causes") or ()
    if any(cause.get("reason") == "NamespaceTerminating" for cause in causes):
        return TargetGone(f"Namespace {ref.namespace}")
    if "denied the request" in message or "exceeded quota" in message or "denied request" in message:
        return _denied(message, verb, ref)
    return Refused(may_not(verb, ref, message))


def may_not(verb: str, ref: Ref, message: str | None = None) -> Reason:
    """Name the permission that is missing."""
    where = f"in namespace {ref.namespace}" if ref.namespace else "in the cluster"
    what = f"{ref.resource.qualified} {ref.name}".rstrip()
    return Reason(
        ReasonCode.NOT_READY,
        f"Lockmaster may not {verb} {what} {where}",
        f"Ask whoever manages the cluster to allow the verb {verb} on {what} to Lockmaster's role {where}.",
        (Reason(ReasonCode.NOT_READY, message),) if message else (),
    )


def _denied(message: str, verb: str, ref: Ref) -> Exception:
    return refuse(
        ReasonCode.NOT_READY,
        f"the cluster did not take the {verb} of {ref}: {message}",
        "Mend what the message names, then try again.",
    )
