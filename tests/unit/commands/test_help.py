"""Help, the reference page and the grammar say the same."""

from pathlib import Path

import pytest

from bot.commands.errors import BadCommand
from bot.commands.help import help_for, reference
from bot.commands.parser import parse
from bot.commands.reader import GRAMMAR, keyword
from bot.commands.render import render
from bot.commands.words import COMMAND_WORDS, RESERVED_WORDS, START, USAGES, Usage

PAGE = Path(__file__).parents[3] / "docs" / "commands.md"


def test_the_reference_page_is_the_one_the_table_gives() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), (
        "write bot.commands.help.reference() to docs/commands.md"
    )


def test_the_table_has_the_words_of_the_grammar_and_no_others() -> None:
    in_grammar = {
        keyword(terminal.name) for terminal in GRAMMAR.terminals if not terminal.name.startswith("__")
    }
    assert in_grammar - {None} | {START} == RESERVED_WORDS


@pytest.mark.parametrize(("usage", "example"), [(usage, text) for usage in USAGES for text in usage.examples])
def test_every_example_is_the_command_it_explains(usage: Usage, example: str) -> None:
    command = parse(example)
    assert type(command) is usage.builds
    assert parse(render(command)) == command


@pytest.mark.parametrize("word", sorted(COMMAND_WORDS))
def test_a_command_word_begins_its_syntax_and_the_canonical_text(word: str) -> None:
    (usage,) = help_for(word)
    assert usage.syntax.split()[0] == word
    assert render(parse(usage.examples[0])).split()[0] == word


def test_help_without_a_word_explains_all_of_them() -> None:
    assert help_for(None) == USAGES


def test_help_for_a_word_in_any_case_explains_this_one() -> None:
    assert [usage.word for usage in help_for("Canary")] == ["canary"]


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        (
            "rolback",
            (
                'column 6: "rolback" is no word of the language; '
                "expected a word such as rollback or the end; nearest: help rollback"
            ),
        ),
        ("lock it", 'column 11: "it" is too much here; expected the end; nearest: help lock'),
    ],
)
def test_help_for_an_unknown_word_names_the_nearest(word: str, answer: str) -> None:
    with pytest.raises(BadCommand) as caught:
        help_for(word)
    assert str(caught.value) == answer
