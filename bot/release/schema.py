"""The number of the stored forms, who writes them, and the way from older ones. Raise the number with any change of a stored model.

A field more counts as a change: a Lockmaster that does not know it would drop it, and decide without it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

SCHEMA: Final = 1
WRITER: Final = "0.1.0"
"""This Lockmaster's own version: said where an older one cannot read what this one wrote."""

Step = Callable[[str, dict[str, Any]], dict[str, Any]]
"""From the name of a model, and its fields at schema n, to its fields at n + 1."""

MIGRATIONS: Final[Mapping[int, Step]] = {}
"""By n. Schema 1 is the first, so there is no step yet."""
