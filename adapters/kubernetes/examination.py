"""Objects and permissions looked for, with a reason in place of an error, so that all that is missing can be said at once."""

import asyncio

from adapters.kubernetes import failures
from adapters.kubernetes.door import Door
from adapters.kubernetes.resources import Object, Ref
from bot.errors import Reason, ReasonCode, Refused, TargetGone


async def look(door: Door, ref: Ref, next_step: str, *, fresh: bool) -> Object | Reason:
    """The object, `fresh` from the server; the reason why there is none to be had."""
    try:
        return await door.read(ref, fresh=fresh)
    except TargetGone as gone:
        return Reason(ReasonCode.NOT_READY, str(gone), next_step)
    except Refused as refused:
        return refused.reason


async def permissions(door: Door, wanted: tuple[tuple[str, Ref], ...]) -> tuple[Reason, ...]:
    """The verbs that are not allowed to us, each once."""
    allowed = await asyncio.gather(*(door.allowed(verb, ref) for verb, ref in wanted))
    missing = [failures.may_not(*asked) for asked, may in zip(wanted, allowed, strict=True) if not may]
    return tuple(dict.fromkeys(missing))
