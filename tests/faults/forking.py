"""A process that has imported the bot once and forks one for each line it reads: a start takes 0.1 s instead of 1.5.

A line is a JSON object: `environment`, `log` (a path), `death` (for `dying`; null for a bot that lives). Answered with
`{"born": pid}`, and later `{"ended": pid, "status": n}` in the words of `os.waitstatus_to_exitcode`.
"""

import ctypes
import gc
import json
import os
import select
import signal
import sys
from typing import Any

import bot.cli.serve
from tests.faults import dying

DIE_WITH_PARENT = 1


def main() -> None:
    """Read lines until standard input ends; the bots end with this process."""
    gc.freeze()
    waiting = select.poll()
    waiting.register(0, select.POLLIN)
    born: dict[int, int] = {}
    while True:
        for ready, _ in waiting.poll():
            if ready in born:
                waiting.unregister(ready)
                os.close(ready)
                pid = born.pop(ready)
                say({"ended": pid, "status": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])})
                continue
            line = read_line()
            if not line:
                return
            pid = bear(json.loads(line))
            handle = os.pidfd_open(pid)
            born[handle] = pid
            waiting.register(handle, select.POLLIN)
            say({"born": pid})


def bear(asked: dict[str, Any]) -> int:
    """Fork; the child becomes `lockmaster serve`, and ends as that ends."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, standard in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(ours, standard)
    os.environ.clear()
    os.environ.update(asked["environment"])
    if asked["death"] is not None:
        dying.prepare(**asked["death"])
    sys.exit(bot.cli.serve.run([]))


def read_line() -> bytes:
    """The next line, byte by byte: what a buffer takes in beyond it, `poll` would not know of."""
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(0, 1)):
        line += byte
    return line


def say(words: dict[str, int]) -> None:
    """Answer whoever started us."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
