"""The releases written in the route objects."""

import structlog
from pydantic import ValidationError

from bot.config.catalogue import Catalogue
from bot.config.pinned import outdated
from bot.errors import Refused, TargetGone
from bot.ports.traffic import Route, Traffic
from bot.release.model import Release
from bot.release.stored import Newer

log = structlog.get_logger()


class Registry:
    """Implements `bot.ports.live.Live`. A record is parsed once for each version of its object."""

    def __init__(self, catalogue: Catalogue, traffic: Traffic) -> None:
        self._catalogue = catalogue
        self._traffic = traffic
        self._parsed: dict[str, Release | Newer | None] = {}

    async def of(self, service: str) -> Release | None:
        """The release written in the service's route object. Raises `Newer` for a live one that a newer Lockmaster wrote."""
        entry = self._catalogue.get(service)
        if entry is None:
            return None
        try:
            route = await self._traffic.read(entry)
        except TargetGone:
            return None
        except Refused:
            # A route that may not be read by itself still says whose it is.
            return next((release for release in await self.known() if release.service == service), None)
        newer = self.newer(route)
        if newer is not None and not newer.ended:
            raise newer
        found = self.read(route)
        return found if found is not None and found.service == service else None

    def newer(self, route: Route) -> Newer | None:
        """What a newer Lockmaster wrote there, if one did."""
        self.read(route)
        found = self._parsed.get(route.version)
        return found if isinstance(found, Newer) else None

    async def by_id(self, release: str) -> Release | None:
        """The release of that id, ended or not. Raises `Newer` for one that a newer Lockmaster wrote."""
        found = next((one for one in await self.known() if one.id == release), None)
        if found is None:
            for one in self._parsed.values():
                if isinstance(one, Newer) and one.release == release:
                    raise one
        return found

    async def known(self) -> list[Release]:
        """The release of each route object that ever had one, ended or not."""
        routes = await self._traffic.managed()
        parsed = [self.read(route) for route in routes]
        current = {route.version for route in routes}
        self._parsed = {version: known for version, known in self._parsed.items() if version in current}
        return [release for release in parsed if release is not None and self._catalogue.get(release.service)]

    def outdated(self, release: Release) -> tuple[str, ...]:
        """What the catalogue says otherwise than when the release started."""
        return outdated(release, self._catalogue)

    def read(self, route: Route) -> Release | None:
        """The record in a route object; None without one, or with one that cannot be read (logged once a version)."""
        if route.state is None:
            return None
        if route.version not in self._parsed:
            self._parsed[route.version] = _parse(route)
        found = self._parsed[route.version]
        return None if isinstance(found, Newer) else found


def _parse(route: Route) -> Release | Newer | None:
    try:
        return Release.from_storage(route.state or "")
    except Newer as newer:
        log.warning("left to a newer version", route=route.name, what=str(newer))
        return newer
    except ValidationError as error:
        log.error("unreadable release record", route=route.name, problem=str(error.errors()[0]["msg"]))  # noqa: TRY400  no trace wanted
        return None
