"""The terminal: `lockmaster serve | sandbox | check | doctor | release …`. Parses arguments, prints, sets exit statuses.

Nothing is decided here. Each word has its own module, imported when it is asked for: a terminal should answer at once.
"""

from bot.cli.main import main

__all__ = ["main"]
