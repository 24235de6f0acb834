"""What KWOK does to nodes and pods is told by its `Stage` objects; it must be told twice.

It keeps the stages it knows by the version of the newest, and may learn that version before it has stored what came with it: then
it goes on with what it had, at its start with nothing, until a stage changes once more (kwok 0.8, `pkg/config/resources`). A node
that no stage fitted then is looked at when it changes.
"""

import secrets

from sandbox.kube.document import Document
from tests.e2e.cluster.api import Api


async def tell(api: Api, stage: Document) -> str:
    """Create a stage so that it counts; returns its name."""
    name = str((await api.create(stage))["metadata"]["name"])
    await say_again(api, "stages", name)
    return name


async def say_again(api: Api, plural: str, name: str) -> None:
    """Change an object in nothing that matters, so that KWOK looks at it, and at all stages, anew."""
    await api.merge(plural, name, {"metadata": {"annotations": {"said-again": secrets.token_hex(4)}}})
