"""Who did what, when and why: one record for each act, each automatic move and each refusal."""

from pydantic import AwareDatetime

from bot.release.model import Actor
from bot.release.stored import Stored


class AuditRecord(Stored):
    """`act` is a command word or an event kind; `outcome` is `done` or a reason code; `text` is for people."""

    at: AwareDatetime
    by: Actor
    act: str
    service: str | None
    release: str | None
    outcome: str
    text: str
    origin: str
