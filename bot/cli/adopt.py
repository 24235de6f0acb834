"""`lockmaster adopt --print SERVICE`: the adoption of a service as manifests, for those who keep theirs in Git."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence

import yaml

from bot.cli.logs import configure
from bot.cli.starting import configured
from bot.compose import core
from bot.config.catalogue import Catalogue, Service
from bot.config.secrets import Secrets
from bot.config.settings import Settings
from bot.errors import Refused, TargetGone, Unavailable
from bot.messages.wording import lasting

STEPS = (
    "1. The pods get the track label: one ordinary rolling update. Wait until it is through.",
    "2. The DestinationRule gets the two subsets.",
    "3. At least {settle} later, when every proxy knows them, the VirtualService names both.",
)


def run(arguments: Sequence[str]) -> int:
    """Print three merge patches, in order; 0, or 1 when the service cannot be adopted, 2 bad usage, 3 unavailable."""
    parser = argparse.ArgumentParser(prog="lockmaster adopt", description="Write an adoption down for Git.")
    parser.add_argument("--print", action="store_true", required=True, help="print; nothing is changed")
    parser.add_argument("service")
    options = parser.parse_args(arguments)
    configure(logging.CRITICAL)
    found = configured()
    if found is None:
        return 2
    service = found[2].get(options.service)
    if service is None:
        print(
            f"no service {options.service} in the catalogue: {', '.join(found[2].names())}", file=sys.stderr
        )
        return 1
    try:
        print(asyncio.run(_written(found, service)), end="")
    except (Refused, TargetGone) as error:
        print(error, file=sys.stderr)
        return 1
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 3
    return 0


async def _written(found: tuple[Settings, Secrets, Catalogue], service: Service) -> str:
    async with core(*found, watch=False) as parts:
        patches = await parts.cluster.manifests(service)
    settle = lasting(service.traffic.istio.settle)
    documents = (
        f"# {step.format(settle=settle)}\n{yaml.safe_dump(patch, sort_keys=False)}"
        for step, patch in zip(STEPS, patches, strict=True)
    )
    return "---\n".join(documents)
