"""Values for tests of the chart."""

from pathlib import Path

import yaml

from tests.support.chart import Object

EVERYTHING: Object = yaml.safe_load((Path(__file__).parent / "everything.yaml").read_text(encoding="utf-8"))
"""Every value away from its default."""
