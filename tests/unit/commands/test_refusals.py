"""A text that is no command: the whole answer, one paragraph of refusals.txt a case."""

from pathlib import Path

import pytest

from bot.commands.errors import BadCommand
from bot.commands.parser import parse

PARAGRAPHS = (Path(__file__).parent / "refusals.txt").read_text(encoding="utf-8").split("\n\n")
CASES = [paragraph.strip() for paragraph in PARAGRAPHS if paragraph.startswith("> ")]


def refusal_of(text: str) -> BadCommand:
    with pytest.raises(BadCommand) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.splitlines()[0])
def test_the_author_is_told_the_column_the_reason_what_was_expected_and_the_nearest_command(
    case: str,
) -> None:
    typed = case.splitlines()[0].removeprefix("> ")
    bad = refusal_of(typed)
    assert bad.text == typed
    assert case.splitlines()[1:] == [
        f"{bad.column}: {bad.message}",
        f"expected: {' | '.join(bad.expected)}",
        f"nearest: {bad.nearest or '-'}",
    ]


@pytest.mark.parametrize("case", [case for case in CASES if not case.endswith("nearest: -")])
def test_every_nearest_command_is_one(case: str) -> None:
    parse(case.rpartition("nearest: ")[2])


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (
            "check\u202eout v1.3.0",
            "column 6: U+202E is an invisible character, and could hide what is said; nearest: checkout v1.3.0",
        ),
        (
            "status\x07",
            "column 7: U+0007 is an invisible character, and could hide what is said; nearest: status",
        ),
        ("\ud800", "column 1: U+D800 is an invisible character, and could hide what is said"),
        ("status " + "x" * 994, "column 1001: a command has at most 1000 characters"),
        (
            f'pause checkout because "{"x" * 201}"',
            (
                'column 24: a reason has at most 200 characters, and this one has 201; expected a reason such as "JIRA-12"'
                '; nearest: pause checkout because "JIRA-12"'
            ),
        ),
        (
            f"checkout v1.3.0 canary {' '.join(f'{weight}%' for weight in range(1, 22))}",
            (
                "column 95: a release has at most 20 weights; "
                "expected every or auto or ask or because or a share of traffic such as 5% or the end; "
                f"nearest: checkout v1.3.0 canary {' '.join(f'{weight}%' for weight in range(1, 21))}"
            ),
        ),
    ],
)
def test_hidden_characters_and_floods_are_refused(typed: str, answer: str) -> None:
    assert str(refusal_of(typed)) == answer


@pytest.mark.parametrize("word", ["header", "cookie", "users", "blue-green", "rolling", "waves", "config"])
def test_a_word_that_does_nothing_yet_is_unknown(word: str) -> None:
    bad = refusal_of(f"checkout v1.3.0 {word}")
    assert (bad.column, bad.message, bad.nearest) == (17, f'"{word}" is not known here', "checkout v1.3.0")


@pytest.mark.parametrize(
    "typed",
    [
        "auto " * 200,
        "checkout v1.3.0 " + "canary 5% " * 95,
        '"' * 1000,
        "lock x '" + "a' '" * 240,
        "a " * 500,
    ],
)
def test_a_flood_of_words_is_answered_and_not_searched_for_ever(typed: str) -> None:
    assert 1 <= refusal_of(typed).column <= len(typed) + 1
