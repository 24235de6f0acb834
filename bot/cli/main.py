"""From arguments to one of the words. Exit status: 0 done, 1 refused, 2 bad usage, 3 unavailable."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module, metadata

WORDS = {
    "serve": "run the bot",
    "release": "type a command here instead of in Slack; a rollback needs neither Slack nor Redis",
    "adopt": "print what adoption would change, for those who keep their manifests in Git",
    "check": "read settings and catalogue, and say what is wrong with them",
    "doctor": "ask every part the bot depends on, and every service whether it is ready",
    "sandbox": "a small real world on this machine, with a page to try everything in",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one word; its own exit status. What follows `release` and `sandbox` is theirs to read."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="lockmaster",
        description="Releases services on Kubernetes.",
        epilog="\n".join(f"  {word:<8} {does}" for word, does in WORDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=metadata.version("lockmaster"))
    parser.add_argument("word", choices=tuple(WORDS), metavar="word")
    known = parser.parse_args(given[:1])
    module = "sandbox.main" if known.word == "sandbox" else f"bot.cli.{known.word}"
    try:
        status: int = import_module(module).run(given[1:])
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    return status
