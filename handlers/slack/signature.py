"""Whether Slack signed these bytes, a moment ago. Pure, total, and of constant cost for a given length.

Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

WINDOW = 300
_SECONDS = re.compile(rb"[0-9]{1,11}")


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it came: raw header values (None where missing) and raw body."""

    timestamp: bytes | None
    signature: bytes | None
    body: bytes


def is_signed(request: Signed, secrets: Sequence[bytes], now: float) -> bool:
    """Whether one of the secrets made the signature, at most `WINDOW` seconds from `now` (Unix time)."""
    if request.timestamp is None or request.signature is None:
        return False
    if not _SECONDS.fullmatch(request.timestamp) or abs(now - int(request.timestamp)) > WINDOW:
        return False
    signed = b"v0:" + request.timestamp + b":" + request.body
    found = [
        hmac.compare_digest(b"v0=" + hmac.digest(secret, signed, "sha256").hex().encode(), request.signature)
        for secret in secrets
    ]
    return any(found)
