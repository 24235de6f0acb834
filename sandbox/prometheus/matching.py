"""Label matchers."""

import re
import warnings
from collections.abc import Callable
from functools import partial

from promql_parser import Matcher, MatchOp, VectorSelector

from sandbox.prometheus.errors import ExecutionError
from sandbox.prometheus.store import NAME, Labels, Wanted


def selector(expression: VectorSelector) -> Wanted:
    """What a selector's name and matchers select. Raises `ExecutionError` for what is not supported."""
    if expression.matchers.or_matchers:
        raise ExecutionError("matchers joined by `or` are not supported here")
    tests = [(each.name, _test(each)) for each in expression.matchers.matchers]
    if expression.name:
        tests.insert(0, (NAME, partial(_equal, expression.name)))
    return partial(_all, tests)


def _all(tests: list[tuple[str, Callable[[str], bool]]], labels: Labels) -> bool:
    return all(test(labels.get(name, "")) for name, test in tests)


def _test(matcher: Matcher) -> Callable[[str], bool]:
    if matcher.op == MatchOp.Equal:
        return partial(_equal, matcher.value)
    if matcher.op == MatchOp.NotEqual:
        return partial(_different, matcher.value)
    pattern = _pattern(matcher.value)
    return partial(_matches if matcher.op == MatchOp.Re else _misses, pattern)


def _pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern the PromQL parser took; what Python reads otherwise, or only warns of, is refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(text, re.ASCII)
    except (re.error, FutureWarning, DeprecationWarning) as error:
        raise ExecutionError(f"regular expression {text!r} is not supported here: {error}") from error


def _equal(wanted: str, value: str) -> bool:
    return wanted == value


def _different(wanted: str, value: str) -> bool:
    return wanted != value


def _matches(pattern: re.Pattern[str], value: str) -> bool:
    return pattern.fullmatch(value) is not None


def _misses(pattern: re.Pattern[str], value: str) -> bool:
    return pattern.fullmatch(value) is None
