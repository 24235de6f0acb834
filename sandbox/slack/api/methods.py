"""Every method the emulator knows."""

from sandbox.slack.api import chat, conversations, files, people, views
from sandbox.slack.api.tenant import Method

METHODS: dict[str, Method] = {
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **people.METHODS,
    **views.METHODS,
}
