"""One JSON line an event on standard error, for the cluster's log collector."""

import logging
import sys

import structlog

from bot.cli.sink import Sink

LAST_WORDS = 0.5
"""Seconds that lines get to be written at the end."""


class _Lines(logging.Handler):
    """What libraries log, into the same sink."""

    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        self._sink.write(f"{self.format(record)}\n")

    def close(self) -> None:
        self._sink.drain(LAST_WORDS)
        super().close()


def configure(level: int = logging.INFO) -> Sink:
    """Send our own events and those of the libraries the same way. `logging.shutdown` writes what still waits."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    sink = Sink(sys.stderr.fileno())
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.WriteLogger(sink),  # type: ignore[arg-type]  # it writes and flushes
        cache_logger_on_first_use=True,
    )
    handler = _Lines(sink)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(), foreign_pre_chain=shared
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    return sink
