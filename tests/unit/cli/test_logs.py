"""One JSON line an event, ours and those of the libraries."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.cli.logs import configure


@pytest.fixture
def restored() -> Iterator[None]:
    """The log as it was, afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_events_are_lines_of_json_on_standard_error(
    restored: None, capfd: pytest.CaptureFixture[str]
) -> None:
    sink = configure()
    structlog.get_logger().info("step", release="R-1", text="two\nlines")
    structlog.get_logger().debug("not wanted")
    logging.getLogger("library").warning("slow")
    logging.getLogger("library").info("not wanted")
    sink.drain(5)
    for handler in logging.getLogger().handlers:
        handler.close()  # as `logging.shutdown` does
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [{**line, "timestamp": ""} for line in lines] == [
        {"event": "step", "level": "info", "release": "R-1", "text": "two\nlines", "timestamp": ""},
        {"event": "slow", "level": "warning", "timestamp": ""},
    ]
