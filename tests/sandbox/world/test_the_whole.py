"""The whole sandbox as a program: what it prints, what it leaves behind, and conversations with the real bot."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

pytestmark = pytest.mark.sandbox

PROGRAM = (sys.executable, "-m", "bot.cli", "sandbox")
PATIENCE = 40

TWO_RELEASES = """
# One release goes through by itself, beside one that fails; the bot is killed between.
load checkout 250
@ana /release checkout v1.3.0 canary 10% 100% every 1s auto
@dee /release payments v1.3.0 canary 50% every 1m ask
wait until weights payments 50 50
wait until card "watching"
kill bot
break payments v1.3.0 errors 100%
wait until bot ready
wait until weights payments 100 0
wait until notice "Rolled back payments"
wait 60s until notice "Done checkout"
expect weights checkout 100 0
expect version checkout v1.3.0
expect version payments v1.2.9
expect 2 cards
"""


def ports_of(process: psutil.Process) -> set[int]:
    return {each.laddr.port for each in process.net_connections() if each.status == psutil.CONN_LISTEN}


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A sandbox that is up, with its temporary files in `folder`, and what it has printed so far."""
    program = (*PROGRAM, "--port", "0", "--no-open")
    environment = {"TMPDIR": str(folder), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            printed = ""
            while "Ctrl-C ends everything." not in printed:
                line = process.stdout.readline()
                assert line, printed
                printed += line
            yield process, printed
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminate"])
def test_it_says_what_to_open_and_type_and_told_to_end_leaves_nothing(
    number: signal.Signals, tmp_path: Path
) -> None:
    with running(tmp_path) as (process, printed):
        url = re.search(r"http://127\.0\.0\.1:\d+/", printed)
        assert url is not None
        assert "/release checkout v1.3.0 canary 5%" in printed
        with urlopen(url[0]) as page:
            assert page.status == 200
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        ports = set[int]().union(*(ports_of(each) for each in family))
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
    assert len(family) >= 4
    assert not [each for each in family if each.is_running()]
    assert len(ports) >= 8
    assert not [port for port in ports if is_open(port)]
    assert list(tmp_path.iterdir()) == []


def test_killed_it_takes_every_process_along(tmp_path: Path) -> None:
    with running(tmp_path) as (process, _):
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait(PATIENCE)
        _, alive = psutil.wait_procs(family, PATIENCE)
    assert len(family) >= 3
    assert alive == []


def test_a_port_that_is_taken_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = subprocess.run((*PROGRAM, "--port", str(port)), check=False, capture_output=True, text=True)
    assert told.returncode == 3
    assert told.stderr == (
        f"The sandbox does not come up: port {port} cannot be used (Address already in use): "
        f"choose another with --port, such as --port {port + 1}\n"
    )


def test_a_wrong_script_is_refused_before_anything_starts(tmp_path: Path) -> None:
    script = tmp_path / "wrong.txt"
    script.write_text("kill bot\nkill the bot\n")
    told = subprocess.run((*PROGRAM, "--script", str(script)), check=False, capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == f"{script}: line 2: column 6: expected bot, not 'the'\n"


def play(script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*PROGRAM, "--script", str(script)), check=False, capture_output=True, text=True, timeout=120
    )


def test_one_release_goes_through_beside_one_that_fails_while_the_bot_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "two-releases.txt"
    script.write_text(TWO_RELEASES)
    played = play(script)
    assert played.returncode == 0, played.stdout + played.stderr
    assert "Rolled back   payments v1.2.9 → v1.3.0" in played.stdout
    assert "Done   checkout v1.2.9 → v1.3.0" in played.stdout


def test_what_is_not_so_ends_the_script_with_the_line_and_what_was_seen(tmp_path: Path) -> None:
    script = tmp_path / "not-so.txt"
    script.write_text("@ana /release status\nexpect no canary checkout\nexpect weights checkout 95 5\n")
    played = play(script)
    assert played.returncode == 1
    assert "✗       line 3: expect weights checkout 95 5\n" in played.stdout
    assert "seen instead: no weights in the route\n" in played.stdout
