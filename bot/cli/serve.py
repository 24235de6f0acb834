"""`lockmaster serve`: the bot, until it is told to stop."""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final, NoReturn

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.cli.logs import configure
from bot.cli.starting import configured
from bot.compose import Bot, bot, core
from bot.config.catalogue import Catalogue
from bot.config.secrets import Secrets
from bot.config.settings import Settings
from handlers.intake import Intake, raise_limit

log = structlog.get_logger()

DRAIN = 1.5
"""Seconds that answers under way get after intake has stopped. With what follows, the process is gone within 5 s."""
HAND_OVER = 1.5
"""Seconds that the loops get to give back what they have in hand."""
SELDOM: Final = (5_000, 10, 1_000)
"""When garbage is looked for. With a thousand live releases a look at everything takes 0.25 s in which nobody is rolled back. As
Python has it, one came every 4 s, with (5_000, 10, 100) every 105 s, and found nothing."""


class Server(uvicorn.Server):
    """Leaves signals to us: two servers share one loop, and the bot has more to end than they."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def run(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM or SIGINT; 2 when settings or catalogue cannot be used."""
    argparse.ArgumentParser(prog="lockmaster serve", description="Run the bot.").parse_args(arguments)
    configure()
    found = configured()
    if found is None:
        return 2
    missing = [
        secret.name
        for secret in (found[1].slack_bot_token, found[1].slack_signing_secret)
        if not secret.get()
    ]
    if missing:
        print(f"must be set (or NAME_FILE): {', '.join(missing)}", file=sys.stderr)
        return 2
    raise_limit()
    # What was imported stays for good. Looking through it for garbage holds up everything for 0.1 s each time.
    gc.freeze()
    gc.set_threshold(*SELDOM)
    with asyncio.Runner(loop_factory=_loop) as runner:
        status = runner.run(_serve(*found))
    return _leave(status)


def _leave(status: int) -> NoReturn:
    """End without waiting for threads: the answer to a question that Prometheus was asked would hold up the interpreter for 3 s."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(status)


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop  # noqa: PLC0415  not on every system

    return uvloop.new_event_loop()


async def _serve(settings: Settings, secrets: Secrets, catalogue: Catalogue) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with core(settings, secrets, catalogue) as parts:
        lockmaster = bot(parts, secrets, settings.command)
        servers = [
            _server(lockmaster.public, settings.bind, Intake),
            _server(lockmaster.admin, settings.admin_bind),
        ]
        ended = asyncio.create_task(stop.wait())
        serving = [asyncio.create_task(server.serve()) for server in servers]
        loops = [asyncio.create_task(loop) for loop in lockmaster.loops()]
        lockmaster.health.started = True
        log.info("started", bind=settings.bind, admin=settings.admin_bind, services=len(catalogue.services))
        done, _ = await asyncio.wait([ended, *serving, *loops], return_when=asyncio.FIRST_COMPLETED)
        status = 0 if ended in done else _failure(done)
        await _stop(lockmaster, servers, serving, [*loops, ended])
    log.info("stopped")
    return status


def _server(app: ASGIApp, bind: str, protocol: type[HttpToolsProtocol] = HttpToolsProtocol) -> Server:
    host, port = bind.rsplit(":", 1)
    return Server(
        uvicorn.Config(
            app,
            host=host.strip("[]"),
            port=int(port),
            http=protocol,
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )


async def _stop(
    lockmaster: Bot,
    servers: Sequence[Server],
    serving: Sequence[asyncio.Task[Any]],
    loops: Sequence[asyncio.Task[Any]],
) -> None:
    """Intake first, then what was acknowledged, then the passes: another replica goes on with them at once.

    The admin port is the last to go, so that whoever asks meanwhile is told why no work is taken.
    """
    public, admin = servers
    log.info("stopping")
    lockmaster.health.stopping = True
    public.should_exit = True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN):
            await asyncio.wait(serving[:1])
            await lockmaster.talk.drain(DRAIN)
    for loop in loops:
        loop.cancel()
    await asyncio.wait(loops, timeout=HAND_OVER)
    admin.should_exit = True
    await asyncio.wait(serving, timeout=HAND_OVER)
    for server in serving:
        server.cancel()


def _failure(done: set[asyncio.Task[Any]]) -> int:
    """A loop that ends by itself is a bug, or a port that cannot be bound; either way the process must not live on."""
    for task in done:
        error = task.exception()
        log.error("a part ended by itself", exc_info=error)
    return 3
