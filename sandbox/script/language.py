"""The script language: one step a line, found in a table of patterns. A wrong line says what was expected, and where.

A pattern is literal words and `<slots>`; `docs/sandbox.md` describes each. Quotes may be straight or smart.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.kube.demo import REPLICAS
from sandbox.script import steps
from sandbox.script.steps import Presses, Says, Step, Submits
from sandbox.slack import seed

_TOKEN = re.compile(r'[“"](?P<text>[^”"]*)[”"]|(?P<word>[^\s“”"]\S*)|(?P<open>[“”"].*)')
_AND = re.compile(r"\s+&\s+(?=@)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}


class BadScriptError(Exception):
    """The script cannot be played; the words name each wrong line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One step, and where it stands."""

    number: int
    text: str
    step: Step


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    column: int
    quoted: bool


class _WrongError(Exception):
    """One line is wrong."""


def _one_of(*words: str) -> Callable[[_Token], str]:
    def read(token: _Token) -> str:
        if token.quoted or token.text not in words:
            raise ValueError
        return token.text

    return read


def _version(token: _Token) -> str:
    if token.quoted or not re.fullmatch(r"[\w.+:-]*\d[\w.+:-]*", token.text):
        raise ValueError
    return token.text


def _text(token: _Token) -> str:
    if not token.quoted or not token.text:
        raise ValueError
    return token.text


def _percent(token: _Token) -> float:
    found = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)%?", token.text)
    if token.quoted or found is None or float(found[1]) > 100:  # noqa: PLR2004  percent
        raise ValueError
    return float(found[1])


def _seconds(token: _Token) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", token.text)
    if token.quoted or found is None:
        raise ValueError
    return float(found[1]) * _UNITS[found[2]]


def _number(token: _Token) -> int:
    if token.quoted or not re.fullmatch(r"\d{1,6}", token.text, re.ASCII):
        raise ValueError
    return int(token.text)


_SLOTS: Mapping[str, tuple[str, Callable[[_Token], Any]]] = {
    "<service>": (" or ".join(REPLICAS), _one_of(*REPLICAS)),
    "<version>": ("a version such as v1.3.0", _version),
    "<text>": ('words in quotes, such as "needs you"', _text),
    "<percent>": ("a percentage such as 5%", _percent),
    "<time>": ("a time such as 500ms, 10s or 2m", _seconds),
    "<number>": ("a whole number", _number),
    "<part>": ("redis or prometheus", _one_of("redis", "prometheus")),
}

_CONDITIONS: Mapping[str, Callable[..., Any]] = {
    "card <text>": lambda text: steps.Said("card", text),
    "notice <text>": lambda text: steps.Said("notice", text),
    "thread <text>": lambda text: steps.Said("thread", text),
    "answer <text>": lambda text: steps.Said("answer", text),
    "<number> notices <text>": lambda count, text: steps.Said("notice", text, count),
    "<number> answers <text>": lambda count, text: steps.Said("answer", text, count),
    "<number> cards": steps.Cards,
    "weights <service> <number> <number>": steps.Ordered,
    "traffic <service> canary <percent> ± <percent>": steps.Observed,
    "version <service> <version>": steps.Runs,
    "no canary <service>": steps.NoCanary,
    "no failed requests": lambda: steps.Failed(0),
    "at most <number> failed requests": steps.Failed,
    "rollback within <time> of the errors": steps.RolledBackWithin,
    "bot ready": steps.BotReady,
}


def _then(wrap: Callable[[Any], Step], make: Callable[..., Any]) -> Callable[..., Step]:
    return lambda *values: wrap(make(*values))


def _later(make: Callable[..., Any]) -> Callable[..., Step]:
    return lambda seconds, *values: steps.Wait(make(*values), seconds)


_STEPS: Mapping[str, Callable[..., Any]] = {
    "break <service> <version> errors <percent>": steps.Break,
    "break <service> <version> latency <time>": lambda name, version, time: steps.Break(
        name, version, 0, time
    ),
    "break <service> <version> crash": lambda name, version: steps.Break(name, version, crash=True),
    "heal <service> <version>": steps.Heal,
    "alert <service> <version>": steps.Alert,
    "alert <service> <version> <number> times": steps.Alert,
    "kill bot": steps.KillBot,
    "stop <part>": steps.Stop,
    "start <part>": steps.Start,
    "edit route <service> <number> <number>": steps.EditRoute,
    "load <service> <number>": steps.Load,
    "rest <time>": steps.Rest,
    "show channel": lambda: steps.Show("channel"),
    "show traffic": lambda: steps.Show("traffic"),
    **{f"wait until {words}": _then(steps.Wait, make) for words, make in _CONDITIONS.items()},
    **{f"expect {words}": _then(steps.Expect, make) for words, make in _CONDITIONS.items()},
    **{f"wait <time> until {words}": _later(make) for words, make in _CONDITIONS.items()},
}

_PERSONS: Mapping[str, Callable[..., Any]] = {
    "press <text>": lambda text: lambda people: Presses(people, text),
    "press old <text>": lambda text: lambda people: Presses(people, text, old=True),
    "submit <text>": lambda text: lambda people: Submits(people, text),
}


def parse(script: str) -> list[Line]:
    """Read a whole script. Raises `BadScriptError` that names every wrong line."""
    lines, wrong = [], []
    for number, text in enumerate(script.splitlines(), start=1):
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        try:
            lines.append(Line(number, text.strip(), _step(text.rstrip())))
        except _WrongError as error:
            wrong.append(f"line {number}: {error}")
    if not lines and not wrong:
        wrong.append("there is no line that does anything")
    if wrong:
        raise BadScriptError("\n".join(wrong))
    return lines


def _step(text: str) -> Step:
    mark = text.lstrip()[0]
    if mark == "$":
        return _terminal(text)
    if mark == "@":
        acts = tuple(_persons(*part) for part in _parts(text))
        return acts[0] if len(acts) == 1 else steps.AtOnce(acts)
    step: Step = _found(list(_tokens(text)), _STEPS)
    return step


def _terminal(text: str) -> Step:
    command = text.lstrip().removeprefix("$").strip()
    if not command.startswith("lockmaster "):
        column = len(text) - len(command) + 1
        raise _WrongError(f"column {column}: expected a command such as lockmaster release status")
    return steps.Terminal(command)


def _parts(text: str) -> Iterator[tuple[str, int]]:
    """What stands between one `& @name` and the next, and how far each is from the line's begin."""
    start = 0
    for found in _AND.finditer(text):
        yield text[start : found.start()], start
        start = found.end()
    yield text[start:], start


def _persons(text: str, offset: int) -> Says | Presses | Submits:
    """Read `@ana @dee /release …`: a command is taken as it stands, to the end."""
    found = re.match(r"\s*((?:@\w+\s+)*)", text)
    people = tuple(found[1].replace("@", "").split()) if found else ()
    rest = text[found.end() :] if found else text
    names = [f"@{person.name}" for person in seed.people() if not person.is_bot]
    strangers = [name for name in people if f"@{name}" not in names]
    if strangers or not people:
        got = f", not '@{strangers[0]}'" if strangers else ", and what she does"
        raise _WrongError(f"column {offset + text.index('@') + 1}: expected {_listed(names)}{got}")
    if rest.startswith("/"):
        return Says(people, rest.strip())
    before = offset + len(text) - len(rest)
    tokens = [_Token(each.text, each.column + before, each.quoted) for each in _tokens(rest)]
    act: Says | Presses | Submits = _found(tokens, _PERSONS, first="a command that begins with /")(people)
    return act


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        column = found.start() + 1
        if found["open"] is not None:
            raise _WrongError(f"column {column}: expected a closing quote")
        quoted = found["text"] is not None
        yield _Token(found["text"] if quoted else found["word"], column, quoted)


def _found(tokens: list[_Token], patterns: Mapping[str, Callable[..., Any]], first: str = "") -> Any:
    """Make what the fitting pattern makes; else say what the furthest of them expected, and where."""
    furthest, expected = 0, [first] if first else []
    for pattern, make in patterns.items():
        values, reached, wanted = _fit(tokens, pattern.split())
        if wanted is None:
            return make(*values)
        if reached > furthest:
            furthest, expected = reached, []
        if reached == furthest:
            expected.append(wanted)
    here = tokens[furthest] if furthest < len(tokens) else None
    column = here.column if here else tokens[-1].column + len(tokens[-1].text) + 2 * tokens[-1].quoted + 1
    got = f"not {here.text!r}" if here else "but the line ends"
    raise _WrongError(f"column {column}: expected {_listed(expected)}, {got}")


def _fit(tokens: list[_Token], pattern: list[str]) -> tuple[list[Any], int, str | None]:
    """The values of the slots, how many tokens fitted, and what was wanted next (None: all fitted)."""
    values: list[Any] = []
    for place, wanted in enumerate(pattern):
        words, read = _SLOTS.get(wanted, (wanted, None))
        if place == len(tokens):
            return values, place, words
        token = tokens[place]
        if read is None:
            if token.quoted or token.text != wanted:
                return values, place, words
            continue
        try:
            values.append(read(token))
        except ValueError:
            return values, place, words
    if len(tokens) > len(pattern):
        return values, len(pattern), "the end of the line"
    return values, len(pattern), None


def _listed(expected: list[str]) -> str:
    unique = list(dict.fromkeys(expected))
    return " or ".join(filter(None, (", ".join(unique[:-1]), unique[-1])))
