"""The adapters on the API emulator."""

from tests.support.worlds import emulator

__all__ = ["emulator"]
