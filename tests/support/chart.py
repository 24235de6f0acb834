"""The Helm chart as Helm renders it. `python -m tests.support.chart` writes anew what is made from something else:
the catalogue's part of the values' schema, and `docs/role.yaml`.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

import helm_python
import yaml

from bot.config.schema import catalogue_schema

ROOT: Final = Path(__file__).parents[2]
CHART: Final = ROOT / "helm" / "lockmaster"
SCHEMA: Final = CHART / "values.schema.json"
ROLE: Final = ROOT / "docs" / "role.yaml"
NAMESPACE: Final = "lockmaster"

Object = dict[str, Any]

CATALOGUE: Final[Object] = {
    "services": {
        "checkout": {
            "namespace": "shop",
            "image": "registry.example/shop/checkout",
            "channel": "#shop-releases",
            "traffic": {"istio": {"virtual_service": "checkout", "destination_rule": "checkout"}},
        }
    }
}
REQUIRED: Final[Object] = {
    "catalogue": CATALOGUE,
    "image": {"repository": "registry.example/lockmaster"},
    "secret": {"existing": "lockmaster-secrets"},
    "prometheus": {"url": "http://prometheus.monitoring:9090"},
}
"""Nothing but what has no default."""

_HEAD: Final = """\
# What Lockmaster may do in one namespace: here to release one service, checkout. One Role and RoleBinding for each namespace of the
# catalogue; nothing cluster-wide is needed. Made from the chart by `python -m tests.support.chart`.
"""
_LABELS: Final = re.compile(r"^  labels:\n(?:    .*\n)+", re.MULTILINE)
_LONGEST: Final = re.compile(r"\(\?=\.\{1,(\d+)\}\$\)")


def texts(values: Object, *, name: str = "lockmaster", namespace: str = NAMESPACE) -> dict[str, str]:
    """What each template makes, by its file's name. Raises `HelmError` for values that schema or templates refuse."""
    with helm_python.Chart.load(CHART) as chart:
        found = chart.render(values, name=name, namespace=namespace)
    return {path.rpartition("/")[2]: text for path, text in found.items()}


def rendered(values: Object, *, name: str = "lockmaster", namespace: str = NAMESPACE) -> list[Object]:
    """Every object of the release, as Helm would apply them. Raises as `texts` does."""
    found = texts(values, name=name, namespace=namespace)
    documents = [
        yaml.safe_load_all(text) for template, text in sorted(found.items()) if template != "NOTES.txt"
    ]
    return [document for stream in documents for document in stream if document]


def of_kind(objects: list[Object], kind: str) -> list[Object]:
    """Those of a kind."""
    return [found for found in objects if found["kind"] == kind]


def one(objects: list[Object], kind: str) -> Object:
    """The only one of its kind."""
    (found,) = of_kind(objects, kind)
    return found


def role_page() -> str:
    """`docs/role.yaml`."""
    return _HEAD + _LABELS.sub("", texts(REQUIRED)["roles.yaml"]).strip().removeprefix("---\n") + "\n"


def values_schema() -> Object:
    """The schema of the values: written by hand, but for the catalogue's part, which is the bot's own."""
    schema: Object = json.loads(SCHEMA.read_text(encoding="utf-8"))
    catalogue = _for_go(catalogue_schema())
    parts = catalogue.pop("$defs")
    services = catalogue["properties"]["services"]
    del (
        catalogue["$schema"],
        catalogue["required"],
        services["minProperties"],
    )  # asked for in words by a template
    services["additionalProperties"] = {"$ref": "#/$defs/Service"}  # Helm takes a null for nothing at all
    schema["properties"]["catalogue"] = catalogue
    return {**schema, "$defs": parts}


def _for_go(schema: Any) -> Any:
    """Say a length as a length: Go's regular expressions do not look ahead."""
    if isinstance(schema, list):
        return [_for_go(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _for_go(part) for key, part in schema.items()}
    if longest := _LONGEST.search(str(made.get("pattern", ""))):
        made |= {"pattern": _LONGEST.sub("", made["pattern"]), "maxLength": int(longest[1])}
    return made


def schema_text() -> str:
    """`values.schema.json`."""
    return json.dumps(values_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    ROLE.write_text(role_page(), encoding="utf-8")
