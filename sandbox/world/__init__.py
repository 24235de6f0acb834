"""The runner: brings the whole sandbox up on loopback, the bot in its own process beside it, and takes it down again.

It knows the bot as the cluster knows it: a program to start with an environment, and addresses to speak to. Nothing of
`bot`, `handlers` or `adapters` may be imported here, and nothing here decides about a release.
"""

from sandbox.world.runner import Sandbox, SandboxError
from sandbox.world.verbs import Verbs

__all__ = ["Sandbox", "SandboxError", "Verbs"]
