"""Names say what a thing is; comments that silence a check say why; a package says what it is for."""

import ast
import re
import tokenize
from collections.abc import Iterator
from io import StringIO

from tests.architecture.source import EVERYTHING, PRODUCT, ROOT, Source, report, sources

BANNED = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "process", "data", "info"}
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
NOQA = re.compile(r"#\s*noqa\b(?!: [A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*\s+\S)")
IGNORE = re.compile(r"#\s*type:\s*ignore(?!\[[a-z-]+(?:, ?[a-z-]+)*\])")


def words(name: str) -> set[str]:
    return {word.lower() for word in WORDS.findall(name)}


def comments(source: Source) -> Iterator[tuple[int, str]]:
    if "noqa" in source.text or "type:" in source.text:  # reading tokens is slow
        for token in tokenize.generate_tokens(StringIO(source.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    offenders = [
        f"{source.name}:1: {source.module}"
        for source in sources(*EVERYTHING)
        if words(source.module.rpartition(".")[2]) & BANNED
    ]
    assert not offenders, report("name these by what they hold:", offenders)


def test_no_class_is_called_by_a_word_that_says_nothing() -> None:
    offenders = [
        f"{source.name}:{one.lineno}: {one.name}"
        for source in sources(*EVERYTHING)
        for one in source.classes()
        if words(one.name) & BANNED
    ]
    assert not offenders, report("name these by what they are:", offenders)


def test_every_package_says_what_it_is_for() -> None:
    offenders = [
        f"{package.relative_to(ROOT)}/__init__.py:1: no docstring"
        for folder in PRODUCT
        for package in {file.parent for file in (ROOT / folder).rglob("*.py")}
        if not (package / "__init__.py").exists()
        or not ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8")))
    ]
    assert not offenders, report("say what it is for and what may not be there:", sorted(offenders))


def test_a_silenced_check_is_named_and_has_a_reason() -> None:
    offenders = [
        f"{source.name}:{line}: {comment}"
        for source in sources(*EVERYTHING)
        for line, comment in comments(source)
        if NOQA.search(comment) or IGNORE.search(comment)
    ]
    assert not offenders, report("write `# noqa: CODE  why` or `# type: ignore[code]`:", offenders)
