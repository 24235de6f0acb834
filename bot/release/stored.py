"""What outlives a process: each form carries its schema; older ones are migrated as they are read, newer ones are never guessed at."""

import json
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, Field, ValidationError

from bot.errors import ReasonCode, Refused, refuse
from bot.release.frozen import Frozen
from bot.release.phases import Phase
from bot.release.schema import MIGRATIONS, SCHEMA, WRITER

ENDED = frozenset(phase.value for phase in Phase if phase.terminal)


class Newer(Refused):
    """Written by a newer Lockmaster. `fields` is what it wrote: to be shown, not to be acted on."""

    def __init__(self, kind: str, fields: dict[str, Any]) -> None:
        writer, schema = fields.get("written_by") or "a newer version", fields.get("schema")
        what = fields.get("id") or f"a {kind.lower()}"
        super().__init__(
            refuse(
                ReasonCode.NEWER_RECORD,
                f"{what} was written by Lockmaster {writer} (schema {schema}); this one, {WRITER} (schema {SCHEMA}), cannot read it.",
                "It is left as it stands until one that can runs again; a rollback still sends everything to stable.",
            ).reason
        )
        self.fields = fields

    @property
    def release(self) -> str:
        """The release's id; empty in what is no release."""
        return str(self.fields.get("id", ""))

    @property
    def service(self) -> str:
        """Its service."""
        return str(self.fields.get("service", ""))

    @property
    def ended(self) -> bool:
        """Whether its phase is one that we know as terminal."""
        return self.fields.get("phase") in ENDED


class Stored(Frozen):
    """The base of every stored model."""

    model_config = ConfigDict(serialize_by_alias=True)
    WITHIN: ClassVar[dict[str, type["Stored"]]] = {}
    """The fields that hold a list of stored models, which are migrated with it."""

    schema_version: int = Field(default=SCHEMA, alias="schema", ge=SCHEMA, le=SCHEMA)

    @classmethod
    def from_storage(cls, text: str | bytes) -> Self:
        """Read the stored form, of this schema or an older one.

        Raises `Newer` for one of a later schema, or of this one with more fields than we know; `pydantic.ValidationError` for a
        damaged one.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            fields = _object(text)
            if fields is None:
                raise
            schema = fields.get("schema", SCHEMA)
            if not isinstance(schema, int):
                raise
            if schema > SCHEMA or _only_knows_more(error):
                raise Newer(cls.__name__, fields) from None
            if schema == SCHEMA:
                raise
        return cls.model_validate_json(json.dumps(cls.migrated(fields, schema)))

    @classmethod
    def migrated(cls, fields: dict[str, Any], schema: int) -> dict[str, Any]:
        """The fields of that schema as the present one has them."""
        for name, kind in cls.WITHIN.items():
            fields = fields | {name: [kind.migrated(one, schema) for one in fields.get(name, ())]}
        for number in range(schema, SCHEMA):
            fields = MIGRATIONS[number](cls.__name__, fields) | {"schema": number + 1}
        return fields


def _only_knows_more(error: ValidationError) -> bool:
    return all(one["type"] == "extra_forbidden" for one in error.errors())


def _object(text: str | bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
