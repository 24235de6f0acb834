"""The catalogue's entry as a release found it: kept with the release, whatever becomes of the catalogue."""

from functools import lru_cache

from pydantic import ValidationError

from bot.config.catalogue import Catalogue, Service
from bot.release.model import Release

READ_AT_ONCE = 4096
NOW = frozenset({"approvers", "alert_labels", "adopt", "channel"})
"""What is asked of the catalogue as it is: who may do something is checked when they do it."""


def pin(service: Service) -> str:
    """The entry as the record keeps it."""
    return service.model_dump_json(exclude_defaults=True)


def entry_of(release: Release, catalogue: Catalogue) -> Service | None:
    """The entry that a release started with; of an older record, and of one that cannot be read, the catalogue's."""
    present = catalogue.get(release.service)
    kept = _read(release.entry) if release.entry is not None else None
    if kept is None or present is None:
        return kept or present
    return kept.model_copy(update={name: getattr(present, name) for name in NOW})


def outdated(release: Release, catalogue: Catalogue) -> tuple[str, ...]:
    """What the catalogue says otherwise by now, by the names of its fields; `service` where the entry is gone."""
    kept = _read(release.entry) if release.entry is not None else None
    present = catalogue.get(release.service)
    if present is None:
        return ("service",)
    if kept is None:
        return ()
    names = (name for name in Service.model_fields if name not in NOW)
    return tuple(name for name in names if getattr(kept, name) != getattr(present, name))


@lru_cache(maxsize=READ_AT_ONCE)
def _read(text: str) -> Service | None:
    try:
        return Service.model_validate_json(text)
    except ValidationError:
        return None
