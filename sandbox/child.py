"""Child programs that never outlive the sandbox, even when it is killed with SIGKILL."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_GRACE_S = 5.0

# The child asks the kernel to be killed with its parent (PR_SET_PDEATHSIG = 1) and then becomes the program; a
# parent that died before the request was made is seen by its id. `preexec_fn` would not be safe with threads.
_BECOME = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


async def start_child(
    program: Sequence[str], log: Path, *, env: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Start `program` (an absolute path and its arguments); what it prints is appended to `log`.

    Must be called on the main thread's loop: the kernel ties the child to the thread that started it.
    """
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", "-c", _BECOME, str(os.getpid()), *program),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=env,
        )


async def stop_child(child: asyncio.subprocess.Process, grace_s: float = _GRACE_S) -> None:
    """End a child: SIGTERM, and SIGKILL after `grace_s` seconds. A child that has ended already is fine."""
    if child.returncode is not None:
        return
    child.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(grace_s):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
