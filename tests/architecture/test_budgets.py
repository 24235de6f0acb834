"""How large things may grow. There is no list of exceptions: what outgrows its budget is taken apart."""

import ast
from collections.abc import Iterator

from tests.architecture.source import EVERYTHING, Source, report, sources

LINES_OF_A_MODULE = 300
LINES_OF_A_FUNCTION = 40
ARGUMENTS = 6
DEPTH = 3
VERBS = 7

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
SKIPPED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)


def at(source: Source, node: Function | ast.ClassDef, what: str) -> str:
    return f"{source.name}:{node.lineno}: {node.name} {what}"


def arguments(function: Function) -> int:
    """All that a caller may give; self and cls are given by the language."""
    given = function.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def length(function: Function) -> int:
    """Lines from `def` to the last; a text written over several lines is one thing to read, and counts as one line."""
    quoted = 0
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("\n"):
            quoted += (node.end_lineno or 0) - node.lineno
    return (function.end_lineno or 0) - function.lineno + 1 - quoted


def is_fixture_or_test(source: Source, function: Function) -> bool:
    marks = {ast.unparse(mark) for mark in function.decorator_list}
    return source.name.startswith("tests/") and (
        function.name.startswith("test_") or any("fixture" in mark for mark in marks)
    )


def depth(node: ast.AST) -> int:
    """How many blocks stand within each other beneath the node, not counting functions within it; elif is no step."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, SKIPPED):
            deepest = max(deepest, depth(child) + (isinstance(child, BLOCKS) and not is_elif(node, child)))
    return deepest


def is_elif(parent: ast.AST, child: ast.AST) -> bool:
    return isinstance(parent, ast.If) and isinstance(child, ast.If) and parent.orelse == [child]


def verbs(port: ast.ClassDef) -> list[str]:
    return [part.name for part in port.body if isinstance(part, Function) and not part.name.startswith("_")]


def ports() -> Iterator[tuple[Source, ast.ClassDef]]:
    for source in sources("bot/ports"):
        for one in source.classes():
            if any(ast.unparse(base) == "Protocol" for base in one.bases):
                yield source, one


def test_a_module_has_at_most_300_lines() -> None:
    offenders = [
        f"{source.name}:{lines}: {lines} lines"
        for source in sources(*EVERYTHING)
        if (lines := source.text.count("\n")) > LINES_OF_A_MODULE
    ]
    assert not offenders, report("take these modules apart:", offenders)


def test_a_function_has_at_most_40_lines() -> None:
    offenders = [
        at(source, function, f"has {lines} lines")
        for source in sources(*EVERYTHING)
        for function in source.functions()
        if (lines := length(function)) > LINES_OF_A_FUNCTION
    ]
    assert not offenders, report("take these functions apart:", offenders)


def test_a_function_takes_at_most_6_arguments() -> None:
    offenders = [
        at(source, function, f"takes {arguments(function)} arguments")
        for source in sources(*EVERYTHING)
        for function in source.functions()
        if arguments(function) > ARGUMENTS and not is_fixture_or_test(source, function)
    ]
    assert not offenders, report("give these a value that holds what belongs together:", offenders)


def test_blocks_are_nested_at_most_3_deep() -> None:
    offenders = [
        at(source, function, f"is nested {depth(function)} deep")
        for source in sources(*EVERYTHING)
        for function in source.functions()
        if depth(function) > DEPTH
    ]
    assert not offenders, report("give the inner part a name:", offenders)


def test_a_port_has_at_most_7_verbs() -> None:
    offenders = [
        at(source, port, f"has {len(verbs(port))}") for source, port in ports() if len(verbs(port)) > VERBS
    ]
    assert not offenders, report("split these ports:", offenders)
