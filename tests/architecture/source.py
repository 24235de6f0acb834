"""Every source file of the project, read and parsed once for all rules."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("bot", "handlers", "adapters", "sandbox")
EVERYTHING = (*PRODUCT, "bench", "tests")


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file. `name` is its path from the root, with slashes."""

    name: str
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]

    @property
    def module(self) -> str:
        """The dotted name, a package without `__init__`."""
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        yield from (node for node in self.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def classes(self) -> Iterator[ast.ClassDef]:
        yield from (node for node in self.nodes if isinstance(node, ast.ClassDef))

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of every module imported, also within functions."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.lineno, node.module

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call with the dotted name of what is called, as written."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield node, dotted(node.func)


def dotted(node: ast.AST) -> str:
    """`a.b.c` for names and attributes; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


@cache
def read(file: Path) -> Source:
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    return Source(file.relative_to(ROOT).as_posix(), text, tree, tuple(ast.walk(tree)))


def sources(*folders: str) -> Iterator[Source]:
    """All Python files beneath these folders of the project, in order."""
    for folder in folders:
        yield from (read(file) for file in sorted((ROOT / folder).rglob("*.py")))


def report(rule: str, offenders: list[str]) -> str:
    return "\n".join([rule, *offenders])
