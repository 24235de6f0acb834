"""The newest judgement of a live release, for those who have to answer a person, and how late it may be."""

from collections.abc import Mapping
from typing import Protocol

from bot.release.model import Release
from bot.release.verdict import Judgement


class Eyes(Protocol):
    """Answers from memory, at once."""

    def judgement(self, release: Release) -> Judgement:
        """What the metrics last said; NO_DATA when nobody looked lately."""
        ...

    def behind(self) -> Mapping[str, float]:
        """What Lockmaster itself does later than it should, by name, with the most seconds of the last minute."""
        ...
