"""`lockmaster sandbox`: the world with a page to try it on, or with a script that is played and printed."""

import argparse
import asyncio
import os
import signal
import sys
import time
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from sandbox.script.language import BadScriptError, Line, parse
from sandbox.script.play import play
from sandbox.world import Sandbox, SandboxError

PORT = 8321
STORIES = Path(__file__).parent / "stories"
DONE, NOT_AS_EXPECTED, BAD_USAGE, UNAVAILABLE = range(4)


def run(arguments: Sequence[str]) -> int:
    """Run until Ctrl-C, or to the end of the script.

    0 done, 1 the script saw something other than it expected, 2 bad usage or a bad script, 3 the world does not come up.
    """
    options = _options(arguments)
    lines: list[Line] = []
    if options.script:
        try:
            lines = parse(_script(options.script))
        except (OSError, UnicodeDecodeError, BadScriptError) as error:
            print(f"{options.script}: {error}", file=sys.stderr)
            return BAD_USAGE
    try:
        return asyncio.run(_until_told(options, lines))
    except SandboxError as error:
        print(f"The sandbox does not come up: {error}", file=sys.stderr)
        return UNAVAILABLE


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="lockmaster sandbox",
        description="A small real world on this machine: Slack, Kubernetes, Envoy, Prometheus, Redis, and the bot.",
        epilog=f"Stories to play: {', '.join(_stories())}",
    )
    parser.add_argument(
        "--script", metavar="FILE", help="play a conversation and print it; a file, or the name of a story"
    )
    parser.add_argument(
        "--port", type=int, default=PORT, help=f"the page's port (default {PORT}; 0: any free one)"
    )
    parser.add_argument("--no-open", action="store_true", help="do not open the page in a browser")
    return parser.parse_args(arguments)


def _stories() -> list[str]:
    return sorted(path.stem for path in STORIES.glob("*.txt"))


def _script(name: str) -> str:
    story = STORIES / f"{name}.txt"
    path = story if name in _stories() else Path(name)
    return path.read_text(encoding="utf-8")


async def _until_told(options: argparse.Namespace, lines: list[Line]) -> int:
    """Run, and end in peace at the first SIGINT or SIGTERM."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    running = asyncio.create_task(_play(lines) if lines else _serve(options))
    waiting = asyncio.create_task(told.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if told.is_set():
        running.cancel()
        await asyncio.wait({running})
        return DONE
    waiting.cancel()
    return running.result()


async def _play(lines: list[Line]) -> int:
    async with Sandbox() as world:
        if await play(world, lines):
            return DONE
        print(f"\nThe end of the bot's log:\n{world.bot.tail()}", file=sys.stderr)
        return NOT_AS_EXPECTED


async def _serve(options: argparse.Namespace) -> int:
    started = time.monotonic()
    print("Starting Slack, Kubernetes, Envoy, Prometheus, Redis and the bot …", flush=True)
    async with Sandbox(options.port) as world:
        assert world.page is not None  # noqa: S101  for the type checker: a port was given
        print(_welcome(world, world.page.url, time.monotonic() - started), flush=True)
        if not options.no_open and sys.stdout.isatty() and _has_display():
            webbrowser.open(world.page.url)
        await asyncio.Event().wait()
    return DONE


def _has_display() -> bool:
    """Whether a browser would open in a window: in a bare terminal a text browser would take this screen."""
    return sys.platform == "darwin" or any(name in os.environ for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _welcome(world: Sandbox, url: str, seconds: float) -> str:
    return f"""
The sandbox is up ({seconds:.1f} s):  {url}

  Type as @ana:      /release checkout v1.3.0 canary 5%
  Then as @bo:       press Promote, or Roll back
  Or let it fail:    choose v1.3.0 in the controls and press Break it

  In another terminal:   . {world.folder}/env
                         kubectl get pods,virtualservices
                         lockmaster release status
  The bot's log:         {world.bot.log}

Ctrl-C ends everything.
"""
