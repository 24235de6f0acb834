import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from sandbox.child import start_child, stop_child
from tests.support.until import until

_PARENT = """
import asyncio, sys
from pathlib import Path
from sandbox.child import start_child

async def main():
    child = await start_child((sys.executable, "-c", "import time; time.sleep(60)"), Path(sys.argv[1]))
    print(child.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_stopped_child_is_gone_even_when_it_ignores_being_asked(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    log = tmp_path / "child.log"
    child = await start_child((sys.executable, "-c", deaf), log)
    await until(lambda: "deaf" in log.read_text())
    await stop_child(child, grace_s=0.05)
    assert child.returncode == -signal.SIGKILL
    await stop_child(child)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own tie of child to parent is Linux's")
async def test_a_child_dies_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PARENT, str(tmp_path / "log")),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert parent.stdout
    child = psutil.Process(int(await parent.stdout.readline()))
    parent.kill()
    await parent.wait()
    child.wait(timeout=5)
    assert not child.is_running()
