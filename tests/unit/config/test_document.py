"""YAML is read as plain values with their lines, and nothing in it can surprise."""

import pytest

from bot.config.document import Unreadable, read_document
from bot.config.problems import Problem


def refused(text: str) -> Problem:
    with pytest.raises(Unreadable) as caught:
        read_document(text)
    return caught.value.problem


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("5", 5),
        ("-0.5", -0.5),
        ('"5"', "5"),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("1:30", "1:30"),
        (".inf", ".inf"),
        ("1" * 40, "1" * 40),
        ("2026-11-21", "2026-11-21"),
        ("yes", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("=", "="),
        ("[a, {b: 1}]", ["a", {"b": 1}]),
    ],
)
def test_scalars_are_what_json_makes_of_them_and_text_otherwise(written: str, value: object) -> None:
    assert read_document(f"x: {written}").value == {"x": value}


def test_each_part_knows_its_line_and_a_missing_one_that_of_the_nearest_around_it() -> None:
    document = read_document("a:\n  b:\n    - 1\n    - 2\n\nc: 3")
    assert document.line(("a", "b", 1)) == 4
    assert document.line(("a", "b", 7, "x")) == 2
    assert document.line(("c",)) == 6
    assert document.line(("d",)) == 1


def test_what_is_given_twice_or_tagged_or_no_word_is_a_problem_and_the_rest_is_read() -> None:
    document = read_document("a: 1\na: 2\nb: !!python/name:os.system x\n? [k]\n: 1\nc: !local {d: 1}")
    assert document.value == {"a": 1, "b": "x", "c": {"d": 1}}
    assert [problem.told("f") for problem in document.problems] == [
        "f:2: a: expected once (got again, first in line 1)",
        "f:3: b: expected a plain value (got the tag python/name:os.system)",
        "f:4: expected a word as key",
        "f:6: c: expected a plain value (got the tag !local)",
    ]


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert refused(text) == Problem(
        0, "", "expected services: and, beneath it, one entry a service (got an empty file)"
    )


@pytest.mark.parametrize("text", ["a: 1\nb: &x 1", "a: 1\nb: *x"])
def test_anchors_and_aliases_are_refused_before_they_can_multiply(text: str) -> None:
    assert refused(text) == Problem(
        2, "", "expected no anchors and no aliases; share values under defaults: (got x)"
    )


def test_deep_nesting_is_refused_before_anything_is_built() -> None:
    assert refused("\n" + "[" * 100_000) == Problem(2, "", "expected at most 20 levels")


def test_a_second_document_is_refused() -> None:
    assert refused("a: 1\n---\nb: 1") == Problem(2, "", "expected YAML: but found another document")


def test_control_characters_are_refused_with_their_line() -> None:
    assert refused("ä: ö\nb: \x07") == Problem(2, "", "expected printable text (got U+0007)")


def test_broken_syntax_is_refused_with_its_line() -> None:
    assert refused("a: 1\nb: c: d") == Problem(
        2, "", "expected YAML: mapping values are not allowed in this context"
    )
