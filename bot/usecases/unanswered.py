"""A start that the store did not answer: refused, and taken back where the store does it later all the same."""

import structlog

from bot.errors import Unavailable
from bot.release.instructions import Ask, Instruction
from bot.release.model import Release, Trigger
from bot.usecases.office import Office

log = structlog.get_logger()

AGAIN = 1.0
TRIES = 600
BECAUSE = "the store did not answer when it was started"


async def take_back(office: Office, release: Release) -> None:
    """Leave a wish to end it, before or after its record appears; without a record the wish is forgotten in some days."""
    wish = Instruction(
        id=f"{release.id}:unanswered",
        ask=Ask.ROLL_BACK,
        by=release.by,
        at=office.clock.now(),
        trigger=Trigger.CLUSTER,
        because=BECAUSE,
    )
    for _ in range(TRIES):
        try:
            await office.releases.instruct(release.id, wish)
        except Unavailable:
            await office.clock.sleep(AGAIN)
        else:
            return
    log.error("a start that was not answered could not be taken back", release=release.id)
