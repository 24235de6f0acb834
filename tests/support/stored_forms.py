"""A sample of each stored form, with every field set, and the file that keeps how it stood in the store.

`python -m tests.support.stored_forms` writes the file of the present schema anew: right only before that schema was ever released.
"""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from bot.audit import AuditRecord
from bot.ports.outbox import Parcel
from bot.release.instructions import Instruction
from bot.release.lock import Lock, Waiter
from bot.release.model import Event, Release
from bot.release.schema import SCHEMA
from bot.release.stored import Stored
from tests.support import values

GOLDEN: Final = Path(__file__).parent / f"stored_schema_{SCHEMA}.json"
FORMS: Final[tuple[type[Stored], ...]] = (Release, Event, Instruction, Lock, Waiter, AuditRecord, Parcel)


def sample(kind: type[Stored]) -> Stored:
    """One of that kind."""
    made: dict[type[Stored], Stored] = {
        Release: values.release(recent=(values.event(),), because="it is time", baseline_p95=180.0),
        Event: values.event(),
        Instruction: values.instruction("wish-1"),
        Lock: values.hold(),
        Waiter: values.waiter(),
        AuditRecord: values.audit("promoted"),
        Parcel: values.parcel("R-1001:card"),
    }
    return made[kind]


def fields_of(kind: type[BaseModel]) -> dict[str, list[str]]:
    """The fields of a model and of those within it, and the words of every closed set, by name."""
    schema = kind.model_json_schema(by_alias=True)
    named = {kind.__name__: schema, **schema.get("$defs", {})}
    return {
        name: sorted(one.get("properties") or one.get("enum") or ()) for name, one in sorted(named.items())
    }


def forms() -> dict[str, Any]:
    """Of each kind: the full form, the least that is read, and its fields."""
    found = {}
    for kind in FORMS:
        full = json.loads(sample(kind).model_dump_json(by_alias=True))
        schema = kind.model_json_schema(by_alias=True)
        least = {name: full[name] for name in ("schema", *schema.get("required", ()))}
        found[kind.__name__] = {"full": full, "least": least, "fields": fields_of(kind)}
    return found


if __name__ == "__main__":
    GOLDEN.write_text(
        json.dumps(forms(), indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
    )
