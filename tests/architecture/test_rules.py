"""The rules themselves catch what they are for."""

import ast

import pytest

from tests.architecture.source import Source, dotted
from tests.architecture.test_budgets import arguments, depth
from tests.architecture.test_core import forgets
from tests.architecture.test_naming import IGNORE, NOQA, words
from tests.architecture.test_project import MACHINE, REQUIREMENT, waits


def parsed(text: str) -> Source:
    tree = ast.parse(text)
    return Source("bot/some/module.py", text, tree, tuple(ast.walk(tree)))


@pytest.mark.parametrize(
    ("body", "levels"),
    [
        ("return 1", 0),
        ("if a:\n  pass\n elif b:\n  pass\n elif c:\n  pass", 1),
        ("for a in b:\n  if c:\n   with d:\n    while e:\n     pass", 4),
        ("match a:\n  case 1:\n   if b:\n    pass", 2),
        ("try:\n  pass\n except E:\n  for a in b:\n   pass", 2),
        ("if a:\n  def inner():\n   if b:\n    if c:\n     pass", 1),
        ("if a:\n  pass\n else:\n  if b:\n   pass\n  c()", 2),
    ],
)
def test_depth_counts_blocks_within_blocks(body: str, levels: int) -> None:
    (function,) = list(parsed(f"def f():\n {body}").functions())[:1]
    assert depth(function) == levels


def test_arguments_are_those_that_a_caller_gives() -> None:
    (function,) = parsed("def f(self, a, /, b, *, c, **rest): ...").functions()
    assert arguments(function) == 3


@pytest.mark.parametrize(
    ("cases", "forgotten"),
    [
        ("case A(): ...\n case _: assert_never(x)", False),
        ("case A(): ...\n case B(): ...", True),
        ("case E.A | E.B: ...\n case E.C as c: ...", True),
        ("case E.A: ...\n case _: return None", True),
        ("case 'a': ...\n case _: return None", False),
        ("case [a, b]: ...", False),
    ],
)
def test_a_closed_match_must_end_in_assert_never(cases: str, forgotten: bool) -> None:  # noqa: FBT001  a case's value
    (match,) = (node for node in parsed(f"match x:\n {cases}").nodes if isinstance(node, ast.Match))
    assert forgets(match) is forgotten


def test_imports_and_calls_are_seen_wherever_they_stand() -> None:
    source = parsed(
        "import a.b\nfrom c import d\nfrom . import e\ndef f():\n import g\n h.i.j(1)\n (k or l)(2)\n"
    )
    assert sorted(source.imports()) == [(1, "a.b"), (2, "c"), (5, "g")]
    assert sorted(name for _, name in source.calls()) == ["", "h.i.j"]
    assert dotted(ast.parse("a.b").body[0]) == ""
    assert source.module == "bot.some.module"


def test_names_are_read_word_by_word() -> None:
    assert words("HTTPManager") == {"http", "manager"}
    assert words("data_file") == {"data", "file"}
    assert words("Database") == {"database"}


@pytest.mark.parametrize(
    ("comment", "wrong"),
    [
        ("# noqa", True),
        ("# noqa: S101", True),
        ("# noqa: S101  it is a test", False),
        ("# noqa: S101, D105 - both by design", False),
        ("# type: ignore", True),
        ("# type: ignore[misc]", False),
    ],
)
def test_a_bare_silencer_is_caught(comment: str, wrong: bool) -> None:  # noqa: FBT001  a case's value
    assert bool(NOQA.search(comment) or IGNORE.search(comment)) is wrong


@pytest.mark.parametrize(
    "text", ["/ho" + "me/ana/x", "pip --index" + "-url x", "https://py" + "pi.example/simple"]
)
def test_what_holds_on_one_machine_alone_is_caught(text: str) -> None:
    assert MACHINE.search(text)
    assert not MACHINE.search("https://example.org/homepage and /workers")


def test_a_sleep_of_nothing_is_no_sleep() -> None:
    calls = [call for call, _ in parsed("sleep(0)\nsleep(0.1)\nsleep(pause)").calls()]
    assert sorted(waits(call) for call in calls) == [False, False, True]


def test_a_requirement_without_a_hash_or_with_an_address_is_caught() -> None:
    assert REQUIREMENT.match("redis==8.1.0 \\")
    assert REQUIREMENT.match("uvloop==0.23.0 ; sys_platform != 'win32' \\")
    assert REQUIREMENT.match("    --hash=sha256:" + "a" * 64)
    assert not REQUIREMENT.match("redis @ https://example.org/redis.whl")
    assert not REQUIREMENT.match("--extra-" + "index" + "-url https://example.org")
