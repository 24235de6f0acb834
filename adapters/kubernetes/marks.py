"""Our names on objects of the cluster. None may hold `istio.io`: that would make every metadata write a push of the mesh."""

from typing import Final

from adapters.kubernetes.resources import Object, Ref
from bot.errors import Conflict
from bot.release.grant import Grant

RELEASE: Final = "lockmaster.dev/release"
REVISION: Final = "lockmaster.dev/revision"
STATE: Final = "lockmaster.dev/state"
MANAGED: Final = "lockmaster.dev/managed"
TRACK: Final = "lockmaster.dev/track"
ORIGINAL: Final = "lockmaster.dev/original"
ADDED: Final = "lockmaster.dev/added"
BASELINE: Final = "lockmaster.dev/baseline"
FLOOR: Final = "lockmaster.dev/floor"


class Overtaken(Conflict):
    """A newer release or revision owns the object: trying again is of no use."""


def annotations(found: Object) -> dict[str, str]:
    """Its annotations; empty without."""
    return found["metadata"].get("annotations") or {}


def owner(found: Object) -> str | None:
    """The release stamped on it."""
    return annotations(found).get(RELEASE)


def revision(found: Object) -> int:
    """The revision stamped on it; 0 without, or where somebody wrote no number there."""
    text = annotations(found).get(REVISION, "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def stamp(grant: Grant) -> dict[str, str]:
    """The annotations of everything that a release writes."""
    return {RELEASE: grant.release, REVISION: str(grant.revision)}


def stamped(found: Object, grant: Grant) -> bool:
    """Whether exactly this stamp stands there."""
    return (owner(found), revision(found)) == (grant.release, grant.revision)


def check(found: Object, grant: Grant, ref: Ref) -> None:
    """Raise `Overtaken` where a newer stamp than the grant's stands."""
    if revision(found) > grant.revision:
        raise Overtaken(f"{ref} belongs to revision {revision(found)}, not to {grant.revision}")
