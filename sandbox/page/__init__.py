"""The web page of the sandbox: the workspace to type in, and beside it the cluster as it really is.

It shows what the emulator and the world tell it and passes on what people press. It may not know the
bot, and decides nothing; static files without a build step, and nothing is fetched from elsewhere.
"""

from sandbox.page.server import Page
from sandbox.page.world import World, WorldError

__all__ = ["Page", "World", "WorldError"]
