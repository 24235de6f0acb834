"""What a script does: people type and press, operators use a terminal, machines break."""

import asyncio
import contextlib
import os
import shlex
import sys
from collections.abc import Sequence
from typing import assert_never

from sandbox.script.errors import ErrorWatch
from sandbox.script.rendered import buttons_of, squeezed
from sandbox.script.screen import Screen
from sandbox.script.steps import (
    Act,
    Alert,
    AtOnce,
    Break,
    EditRoute,
    Heal,
    KillBot,
    Load,
    Presses,
    Says,
    Start,
    Stop,
    Submits,
    Terminal,
)
from sandbox.slack import Entered, Seen
from sandbox.slack.message import Json
from sandbox.slack.seed import BOT_USER
from sandbox.world import Sandbox

_TERMINAL_S = 30.0


class NotPossibleError(Exception):
    """Nobody could do this now; the words say why."""


class Acts:
    """Does what is told, and prints who did it. Raises what the emulators raise where it cannot be done."""

    def __init__(self, world: Sandbox, screen: Screen, errors: ErrorWatch) -> None:
        self._world = world
        self._screen = screen
        self._errors = errors

    async def do(self, act: Act, text: str) -> None:
        """Do one act; `text` is its line, printed for what machines do."""
        self._screen.mark()
        match act:
            case AtOnce(acts=acts):
                await self._together(acts)
            case Says() | Presses() | Submits():
                await self._together((act,))
            case Terminal(command=command):
                await self._run(command)
            case _:
                self._screen.say("world", text)
                await self._change(act)

    async def _change(self, act: Break | Heal | Alert | KillBot | Stop | Start | EditRoute | Load) -> None:
        verbs = self._world.verbs
        match act:
            case Break(service=service, version=version):
                await self._errors.begin(service, version)
                latency_ms = act.latency_s * 1000
                await verbs.break_version(
                    service, version, errors=act.errors / 100, latency_ms=latency_ms, crash=act.crash
                )
            case Heal(service=service, version=version):
                await verbs.heal(service, version)
            case Alert(service=service, version=version, times=times):
                for reason in await verbs.deliver_alert(service, version, times):
                    self._screen.say("  ↳", reason)
            case KillBot():
                await verbs.kill_bot()
            case Stop(part=part):
                await verbs.stop(part)
            case Start(part=part):
                await verbs.start(part)
            case EditRoute(service=service, stable=stable, canary=canary):
                await verbs.edit_route(service, stable, canary)
            case Load(service=service, rate=rate):
                await verbs.set_load(service, rate)
            case _:
                assert_never(act)

    async def _together(self, acts: Sequence[Says | Presses | Submits]) -> None:
        pairs = [(who, act) for act in acts for who in act.people]
        for who, act in pairs:
            self._screen.say(f"@{who}", _words(act))
        found = await asyncio.gather(*(self._person(who, act) for who, act in pairs))
        for (who, _), seen in zip(pairs, found, strict=True):
            if seen.failure:
                self._screen.hear(f"→ {who}", f"Slack: {seen.failure}")
            for complaint in seen.errors.values():
                self._screen.hear(f"→ {who}", complaint)

    async def _person(self, who: str, act: Says | Presses | Submits) -> Seen:
        match act:
            case Says(text=words):
                return await self._type(who, words)
            case Presses():
                return await self._press(who, act)
            case Submits(text=words):
                return await self._submit(who, words)
            case _:
                assert_never(act)

    async def _type(self, who: str, words: str) -> Seen:
        """In the first channel that she shares with the bot, else in any of hers."""
        person = self._world.slack.workspace.person(who)
        channels = [each for each in self._world.slack.workspace.channels_of(person.id) if not each.im_with]
        shared = next((each for each in channels if BOT_USER in each.members), channels[0])
        return await self._world.slack.command(who, shared.id, words)

    async def _press(self, who: str, act: Presses) -> Seen:
        person = self._world.slack.workspace.person(who)
        for shown in self._shapes(person.id, old=act.old):
            for button in buttons_of(shown):
                if squeezed(button["text"]["text"]) == squeezed(act.label):
                    entered = Entered(shown=shown if act.old else None)
                    return await self._world.slack.press(
                        who, shown["ts"], button["action_id"], button["block_id"], entered
                    )
        raise NotPossibleError(f"@{who} sees no button [{act.label}] {'from before' if act.old else 'now'}")

    def _shapes(self, user: str, *, old: bool) -> list[Json]:
        """Messages with buttons as she sees them now, or as they once were; newest first."""
        if old:
            return [shape for shapes in self._screen.old.values() for shape in shapes[:-1]][::-1]
        return [each.shown() for each in self._world.slack.workspace.visible_to(user)][::-1]

    async def _submit(self, who: str, words: str) -> Seen:
        slack = self._world.slack
        user = slack.workspace.person(who).id
        # A press is answered first, and the modal opens a moment later.
        with contextlib.suppress(TimeoutError):
            await slack.until(lambda: slack.screen(who)["modal"] is not None)
        view = slack.screen(who)["modal"]
        inputs = [block for block in view["blocks"] if block["type"] == "input"] if view else []
        if not inputs:
            raise NotPossibleError(f"@{who} has no modal with an input open")
        block = inputs[0]
        return await slack.submit(user, {block["block_id"]: {block["element"]["action_id"]: words}})

    async def _run(self, command: str) -> None:
        """Run `lockmaster …` as an operator beside the sandbox would."""
        self._screen.say("$", command)
        arguments = shlex.split(command.translate(str.maketrans("“”", '""')))[1:]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.cli", *arguments),
            env=os.environ | self._world.settings,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(_TERMINAL_S):
                output, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise NotPossibleError(f"`{command}` did not end within {_TERMINAL_S:.0f} s") from None
        self._screen.hear(
            "  ↳", *output.decode(errors="replace").splitlines(), f"(exit status {process.returncode})"
        )


def _words(act: Says | Presses | Submits) -> str:
    match act:
        case Says(text=words):
            return words
        case Presses(label=label, old=old):
            return f"presses [{label}]{' on an old screen' if old else ''}"
        case Submits(text=words):
            return f"submits “{words}”"
        case _:
            assert_never(act)
