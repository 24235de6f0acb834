"""`lockmaster check`: settings and catalogue, without asking anybody."""

import argparse
import json
from collections.abc import Sequence

from bot.cli.starting import configured


def run(arguments: Sequence[str]) -> int:
    """0 when both can be used, 2 when not, after naming every fault."""
    parser = argparse.ArgumentParser(prog="lockmaster check", description="Read settings and catalogue.")
    parser.add_argument("--json", action="store_true", help="print the services as JSON")
    options = parser.parse_args(arguments)
    found = configured()
    if found is None:
        return 2
    names = found[2].names()
    print(json.dumps({"services": names}) if options.json else f"{len(names)} services: {', '.join(names)}")
    return 0
