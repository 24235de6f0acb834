"""What others did to the objects of a live release, as its record remembers it."""

from enum import StrEnum

from bot.release.frozen import Frozen
from bot.release.phases import Phase
from bot.release.weight import Weight

LONELY = 1
"""One undoing may be a person's; the second to the same weights is a machine's."""


class Obstacle(StrEnum):
    """Why a release stopped although it knows the way.

    `shape`: the route cannot be moved as it is. `denied`: the cluster does not take a write. `altered`: it takes another.
    `put_back`: somebody undoes what the release writes.
    """

    SHAPE = "shape"
    DENIED = "denied"
    ALTERED = "altered"
    PUT_BACK = "put_back"


class Stopped(Frozen):
    """What a release in `needs_human` waits for, and the phase it goes on in when that is mended."""

    by: Obstacle
    phase: Phase


class Tool(StrEnum):
    """Who keeps a cluster as Git has it."""

    ARGO_CD = "Argo CD"
    FLUX = "Flux"
    FLUX_HELM = "Flux's Helm controller"


MANAGERS = {
    "argocd-controller": Tool.ARGO_CD,
    "argocd-application-controller": Tool.ARGO_CD,
    "kustomize-controller": Tool.FLUX,
    "helm-controller": Tool.FLUX_HELM,
}
"""The field managers by which they write."""


class PutBack(Frozen):
    """Weights that were not ours: the canary's (None: no tracks), how often in a row, and the field manager that wrote them.

    `where` is the JSON pointer of the destinations that carry them.
    """

    canary: Weight | None = None
    times: int = 1
    by: str | None = None
    where: str = ""

    @property
    def tool(self) -> Tool | None:
        """Whose it is, if one of those that are known by name."""
        return MANAGERS.get(self.by or "")

    @property
    def stubborn(self) -> bool:
        """True where writing again would be undone again."""
        return self.tool is not None or self.times > LONELY

    @property
    def who(self) -> str:
        """The subject of a sentence."""
        return self.tool or (f"the writer {self.by}" if self.by else "something")
