"""A log that cannot be written holds up nobody, and says how much of it is missing."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

from bot.cli.sink import Sink


def test_lines_are_written_in_their_order() -> None:
    reader, writer = os.pipe()
    sink = Sink(writer)
    for line in ("one\n", "two\n"):
        sink.write(line)
    sink.flush()
    sink.drain(5)
    assert os.read(reader, 100) == b"one\ntwo\n"
    os.close(reader)
    os.close(writer)


def test_what_does_not_fit_into_a_full_pipe_is_lost_and_counted() -> None:
    reader, writer = os.pipe()
    sink = Sink(writer, bound=2)
    sink.write("x" * 200_000 + "\n")  # more than a pipe holds
    for _ in range(7):
        sink.write("meanwhile\n")
    with os.fdopen(reader, "rb") as pipe, ThreadPoolExecutor(1) as pool:
        everything = pool.submit(pipe.read)
        sink.drain(5)
        sink.write("last\n")
        sink.drain(5)
        os.close(writer)
        lines = everything.result(5).decode().splitlines()
    lost = sum(json.loads(line)["lines"] for line in lines if line.startswith("{"))
    assert lost >= 5
    assert lost + lines.count("meanwhile") == 7
    assert lines[-1] == "last"


def test_what_the_system_refuses_to_write_is_counted_too() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    sink = Sink(writer)
    sink.write("nobody reads this\n")
    sink.drain(5)
    reader, other = os.pipe()
    os.dup2(other, writer)
    sink.write("somebody reads this\n")
    sink.drain(5)
    loss, line = os.read(reader, 1000).decode().splitlines()
    assert json.loads(loss) == {"event": "log lines were lost", "level": "warning", "lines": 1}
    assert line == "somebody reads this"
    for handle in (reader, other, writer):
        os.close(handle)
