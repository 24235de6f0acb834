"""That the bot itself is late: whoever reads figures has to know how old they may be."""

from collections.abc import Mapping

from bot.messages.model import Block, note


def behind(late: Mapping[str, float]) -> tuple[Block, ...]:
    """A note for what was late in the last minute, by name, in seconds; nothing without."""
    if not late:
        return ()
    told = " and ".join(f"{what} up to {seconds:.0f} s late" for what, seconds in late.items())
    return (note(f"Lockmaster does not keep its cadence: {told} in the last minute."),)
