"""`lockmaster serve` as a version to come: schema 2, a field more in a release. Made of today's source while it is imported."""

import importlib.machinery
import sys
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any

import bot.release.schema

MODULE = "bot.release.model"
BEFORE = "    tidied: bool = False\n"
MORE = '    mood: str = "unknown"\n'


class Edited(importlib.machinery.SourceFileLoader):
    """Adds the field to the source of the release's model."""

    def get_data(self, path: str) -> bytes:
        text = super().get_data(path)
        if not path.endswith(".py"):
            raise OSError("no cached code: it would be today's")
        assert text.count(BEFORE.encode()) == 1
        return text.replace(BEFORE.encode(), (BEFORE + MORE).encode())

    def set_data(self, path: str, data: Any, **_: Any) -> None:
        """Leave no cached code behind."""


class Finder(MetaPathFinder):
    """Finds that one module."""

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> Any:
        if name != MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = Edited(name, spec.origin)
        return spec


def step(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """From schema 1: releases that were live then are in a mood of their own."""
    return fields | {"mood": "migrated"} if kind == "Release" else fields


def main() -> int:
    """Become the next version, and serve."""
    schema: Any = bot.release.schema
    schema.SCHEMA, schema.WRITER, schema.MIGRATIONS = 2, "9.0.0", {1: step}
    sys.meta_path.insert(0, Finder())
    from bot.cli.serve import run  # noqa: PLC0415  in its coming form
    from tests.faults import dying  # noqa: PLC0415  in its coming form

    dying.prepare("", 0, "before", "", "kill")
    serve: Callable[[list[str]], int] = run
    return serve([])


if __name__ == "__main__":
    sys.exit(main())
