"""A bot that notes every call it makes to the outside, and kills itself with SIGKILL before or after one of them.

The product knows nothing of it: the calls are wrapped at the doors of the adapters, in the process of the test's own bot.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha1
from importlib.resources import files
from pathlib import Path
from typing import Any

from docket import docket as docket_module
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from adapters.kubernetes.api import Api
from adapters.prometheus.metrics import PrometheusMetrics
from adapters.redis.door import Script
from adapters.slack.door import SlackDoor
from bot.analysis import windows
from bot.release.decide import ended

KEEP = timedelta(seconds=1)
"""How long a dying bot leaves a canary's pods after the end; the product's 30 s would be waited for at each point."""
BLOCKED = 10.0
ARRIVAL = (timedelta(seconds=1), *windows.ARRIVAL)
"""And how soon it looks whether a weight has arrived: with every service's hundred requests a second one second is enough."""
MANNERS: dict[str, Callable[[], None]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "block": lambda: time.sleep(BLOCKED),
}


class Death:
    """Comes at the `number`-th call of that name. Each call is written to `diary` as it begins: `name`."""

    def __init__(self, name: str, number: int, moment: str, diary: str, manner: str) -> None:
        self._name, self._number, self._moment = name, number, moment
        self._come = MANNERS[manner]
        self._seen: Counter[str] = Counter()
        self._diary = Path(diary).open("a", buffering=1, encoding="utf-8") if diary else None  # noqa: SIM115  as long as the process

    def begins(self, name: str) -> bool:
        """A call of that name is about to be made; whether the bot dies after it."""
        self._seen[name] += 1
        if self._diary is not None:
            self._diary.write(name + "\n")
        last = name == self._name and self._seen[name] == self._number
        if last and self._moment == "before":
            self._come()
        return last

    async def around(self, name: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """Make the call, unless it is the last thing to come."""
        last = self.begins(name)
        answer = await call()
        if last:
            self._come()
        return answer

    def comes(self) -> None:
        """Now."""
        self._come()


def prepare(name: str, number: int, moment: str, diary: str, manner: str) -> None:
    """Wrap the doors of this process. An empty name never dies."""
    death = Death(name, number, moment, diary, manner)
    ended.KEEP = KEEP
    windows.ARRIVAL = ARRIVAL
    _wrap(Api, "_send", death, lambda call, *_: f"kubernetes {call.verb} {_object(call)}")
    _wrap(SlackDoor, "_answered", death, lambda method, *_: f"slack {method}")
    _wrap(SlackDoor, "post", death, lambda *_: "slack response_url")
    _ask = PrometheusMetrics._asked

    def asked(self: Any, query: str) -> Any:
        last = death.begins("prometheus query")
        answer = _ask(self, query)
        if last:
            death.comes()
        return answer

    PrometheusMetrics._asked = asked  # type: ignore[method-assign]
    scripts = _scripts()
    _wrap(Redis, "execute_command", death, lambda *words, **_: f"redis {_command(scripts, words)}")
    real = Pipeline.execute

    async def execute(self: Any, *given: Any, **options: Any) -> Any:
        if not self.command_stack:
            return await real(self, *given, **options)
        words = [_command(scripts, one[0]) for one in self.command_stack]
        name = words[0] if len(set(words)) == 1 else "several"
        return await death.around(f"redis {name}", lambda: real(self, *given, **options))

    Pipeline.execute = execute  # type: ignore[method-assign]


def _wrap(kind: Any, verb: str, death: Death, named: Callable[..., str]) -> None:
    real = getattr(kind, verb)

    async def wrapped(self: Any, *given: Any, **options: Any) -> Any:
        return await death.around(named(*given, **options), lambda: real(self, *given, **options))

    setattr(kind, verb, wrapped)


def _object(call: Any) -> str:
    watch = "?watch" if any(key == "watch" for key, _ in call.query) else ""
    return f"{call.ref.resource.kind}/{call.ref.name or '*'}{watch}"


def _command(scripts: dict[str, str], words: tuple[Any, ...]) -> str:
    """The command's name; of a script its own name, and whose it is."""
    name = str(words[0]).upper()
    if name in {"EVAL", "EVALSHA"} and len(words) > 1:
        text = words[1] if isinstance(words[1], str) else words[1].decode()
        digest = text if name == "EVALSHA" else sha1(text.encode(), usedforsecurity=False).hexdigest()
        return f"{scripts.get(digest, 'docket script')}"
    return name


def _scripts() -> dict[str, str]:
    names = [path.name.removesuffix(".lua") for path in (files("adapters.redis") / "lua").iterdir()]
    assert docket_module is not None
    return {script.sha: script_name for script_name in names for script in [Script(script_name)]}
