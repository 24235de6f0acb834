"""The JSON Schema of `services.yaml`, for editors and for whoever generates the file."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from bot.commands.words import RESERVED_WORDS
from bot.config.catalogue import Service
from bot.config.shapes import DNS_LABEL
from bot.release.duration import render_duration

FILE: Final = Path("docs") / "services.schema.json"
"""Where the exported schema stands, from the root of the repository."""


def catalogue_schema() -> dict[str, Any]:
    """The schema of the file, draft 2020-12.

    It asks for no field: what an entry lacks may stand under `defaults:`, and only `bot.config.load` can tell.
    """
    entry = _plain(Service.model_json_schema(schema_generator=_Generator))
    parts = entry.pop("$defs")
    del entry["properties"]["name"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lockmaster's catalogue of services",
        "type": "object",
        "additionalProperties": False,
        "required": ["services"],
        "properties": {
            "defaults": {
                "description": "Merged beneath every service, at any depth.",
                "$ref": "#/$defs/Service",
            },
            "services": {
                "description": "One entry a service; its key is the service's name, and that of its Deployment and Service.",
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": f"^{DNS_LABEL}$", "not": {"enum": sorted(RESERVED_WORDS)}},
                "additionalProperties": {"anyOf": [{"$ref": "#/$defs/Service"}, {"type": "null"}]},
            },
        },
        "$defs": {"Service": entry, **parts},
    }


def write_schema(file: Path = FILE) -> None:
    """Export the schema; `python -m bot.config.schema` does it."""
    file.write_text(json.dumps(catalogue_schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


class _Generator(GenerateJsonSchema):
    """Writes defaults as people would."""

    def encode_default(self, dft: Any) -> Any:
        """Say `10m`, not `PT10M`."""
        return render_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def _plain(schema: Any) -> Any:
    """Leave out generated titles, defaults that the parts repeat, and what is required in a service but not in a file."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _plain(part) for key, part in schema.items() if not _left_out(key, part)}


def _left_out(key: str, part: object) -> bool:
    return (
        key == "required"
        or (key == "title" and isinstance(part, str))
        or (key == "default" and isinstance(part, dict))
    )


if __name__ == "__main__":
    write_schema()
