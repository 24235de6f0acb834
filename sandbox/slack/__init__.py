"""A Slack workspace on loopback: Web API, signed requests to the bot, and people who type and press.

It is part of the world around the bot and knows it by protocol alone: nothing of `bot`, `handlers`
or `adapters` may be imported here, and nothing here decides anything about a release.
"""

from sandbox.slack.acts import ActError, Entered
from sandbox.slack.emulator import SlackEmulator
from sandbox.slack.persona import Seen

__all__ = ["ActError", "Entered", "Seen", "SlackEmulator"]
