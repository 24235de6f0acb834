"""The entries of a catalogue's document, defaults merged beneath them, checked one by one and against each other."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.config.catalogue import Service
from bot.config.document import Document
from bot.config.problems import Path, Problem, dotted, expected, fields_at, got, unknown

_TOP: Final = ("defaults", "services")


class Entries:
    """Goes through one document; what is wrong gathers in `problems`."""

    def __init__(self, document: Document) -> None:
        self.problems: list[Problem] = []
        self._document = document

    def services(self) -> dict[str, Service]:
        """Every service that is right in itself, by name."""
        root = self._mapping(self._document.value, ())
        if root is None:
            return {}
        for key in root.keys() - set(_TOP):
            self._wrong((key,), unknown(key, _TOP))
        defaults = self._fields(root.get("defaults"), ("defaults",)) or {}
        self._check_defaults(defaults)
        entries = self._mapping(root.get("services"), ("services",))
        if entries == {}:
            self._wrong(("services",), "expected at least one entry, its key the service's name")
        read = [self._service(key, entry, defaults) for key, entry in (entries or {}).items()]
        services = {service.name: service for service in read if service}
        self._check_sharing(services.values())
        return services

    def _check_defaults(self, defaults: Mapping[str, Any]) -> None:
        """What every service overrides must be right all the same; what is missing is no fault here."""
        for error in _checked(defaults)[1]:
            if error["type"] != "missing":
                self._tell(error, ("defaults",), defaults)

    def _service(self, key: str, entry: object, defaults: Mapping[str, Any]) -> Service | None:
        place = ("services", key)
        own = self._fields(entry, place)
        if own is None:
            return None
        merged = _merged({"deployment": key, "service": key, **defaults}, own) | {"name": key}
        service, errors = _checked(merged)
        for error in errors:
            path = _located(error, merged)
            if error["loc"] == ("name",):
                self._wrong(place, f"{expected(error)} {got(key)}")
            elif (*place, *path) in self._document.lines or ("defaults", *path) not in self._document.lines:
                self._tell(error, place, merged)
        return service

    def _tell(self, error: ErrorDetails, place: Path, value: Mapping[str, Any]) -> None:
        """Put one of pydantic's errors in words."""
        path = _located(error, value)
        if error["type"] == "extra_forbidden":
            known = set(fields_at(Service, path[:-1])) - {"name"}
            self._wrong((*place, *path), unknown(str(path[-1]), known))
        elif error["type"] == "missing":
            self._wrong((*place, *path), "expected a value, here or in defaults (got nothing)")
        else:
            self._wrong((*place, *path), f"{expected(error)} {got(_found(value, path))}")

    def _check_sharing(self, services: Collection[Service]) -> None:
        """Two services on one object would be two writers of it."""
        owners: dict[str, str] = {}
        for service in services:
            for target, path in _targets(service):
                owner = owners.setdefault(target, service.name)
                if owner != service.name:
                    place = ("services", service.name, *path)
                    self._wrong(place, f"expected an object of its own (got {target}, which {owner} uses)")

    def _fields(self, value: object, path: Path) -> dict[str, Any] | None:
        """A mapping of a service's fields, without a name; None where there is no mapping."""
        fields = self._mapping(value, path)
        if fields and "name" in fields:
            self._wrong(
                (*path, "name"), f"expected no name: an entry's key is its name {got(fields['name'])}"
            )
            del fields["name"]
        return fields

    def _mapping(self, value: object, path: Path) -> dict[str, Any] | None:
        """The value as a mapping; nothing at all is an empty one, anything else is wrong and None."""
        if value is None:
            return {}
        if isinstance(value, dict):
            return dict(value)
        self._wrong(path, f"expected a mapping {got(value)}")
        return None

    def _wrong(self, path: Path, text: str) -> None:
        self.problems.append(Problem(self._document.line(path), dotted(path), text))


def _checked(value: Mapping[str, Any]) -> tuple[Service | None, list[ErrorDetails]]:
    try:
        return Service.model_validate(value), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings are merged at any depth; anything else above hides what is below."""
    result = dict(below)
    for key, value in above.items():
        beneath = result.get(key)
        if isinstance(value, dict) and isinstance(beneath, dict):
            result[key] = _merged(beneath, value)
        else:
            result[key] = value
    return result


def _located(error: ErrorDetails, value: Any) -> Path:
    """The error's place in the value: pydantic also names the form of a union, which nobody wrote."""
    path: Path = ()
    for step in error["loc"]:
        if isinstance(step, int) or (isinstance(value, dict) and step in value):
            path, value = (*path, step), value[step]
    return (*path, error["loc"][-1]) if error["type"] == "missing" else path


def _found(value: Any, path: Path) -> object:
    for step in path:
        value = value[step]
    return value


def _targets(service: Service) -> Iterable[tuple[str, Path]]:
    """Every object that a release of the service writes, and the field that names it."""
    istio = service.traffic.istio
    for kind, name, path in (
        ("VirtualService", istio.virtual_service, ("traffic", "istio", "virtual_service")),
        ("DestinationRule", istio.destination_rule, ("traffic", "istio", "destination_rule")),
        ("Deployment", service.deployment, ("deployment",)),
        ("Deployment", service.canary, ("deployment",)),
    ):
        yield f"{kind} {service.namespace}/{name}", path
