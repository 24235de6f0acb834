"""The exported schema is what the models say, and it accepts and refuses what the bot does."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from bot.config.load import BrokenCatalogue, parse_catalogue
from bot.config.schema import FILE, catalogue_schema, write_schema

EXAMPLE = Path("docs/services.example.yaml").read_text(encoding="utf-8")


def refused_by_schema(text: str) -> bool:
    return not Draft202012Validator(catalogue_schema()).is_valid(yaml.safe_load(text))


def refused_by_bot(text: str) -> bool:
    try:
        parse_catalogue(text, "services.yaml")
    except BrokenCatalogue:
        return True
    return False


def test_the_exported_schema_is_up_to_date(tmp_path: Path) -> None:
    write_schema(tmp_path / "schema.json")
    assert FILE.read_text(encoding="utf-8") == (tmp_path / "schema.json").read_text(encoding="utf-8")


def test_the_schema_is_one_of_draft_2020_12() -> None:
    Draft202012Validator.check_schema(catalogue_schema())
    assert json.loads(FILE.read_text(encoding="utf-8"))["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def test_the_example_is_accepted_by_both() -> None:
    assert (refused_by_schema(EXAMPLE), refused_by_bot(EXAMPLE)) == (False, False)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("bake: 15m", "bake: soon"),
        ("bake: 15m", "cook: 15m"),
        ("gate: ask", "gate: sometimes"),
        ("limit: 0.5%", "limit: half"),
        ("limit: 0.5%", "limit: -1"),
        ("[2, 20, 50, 100]", "[2, 20, 50, 101]"),
        ("[2, 20, 50, 100]", "[]"),
        ("[2, 20, 50, 100]", "[a]"),
        ("count: 1", "count: 0"),
        ("rollback: anyone", "rollback: everyone"),
        ("namespace: books", "namespace: Books"),
        ("image: registry.example/money/payout", "image: registry.example/money/payout:v1"),
        ('"#bookshop-releases"', '"#bookshop releases"'),
        ("adopt: ask", "adopt: later"),
        ("  payout:", "  rollback:"),
        ("  payout:", "  Payout:"),
        ("defaults:", "default:"),
    ],
)
def test_what_the_bot_refuses_the_schema_refuses(right: str, wrong: str) -> None:
    assert right in EXAMPLE
    text = EXAMPLE.replace(right, wrong)
    assert (refused_by_schema(text), refused_by_bot(text)) == (True, True)
