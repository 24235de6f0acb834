"""The grammar: what is written is read back, and no text whatever breaks the parser."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.errors import BadCommand
from bot.commands.model import (
    Adopt,
    Check,
    Command,
    Help,
    History,
    Lock,
    Locks,
    Pause,
    Plan,
    Promote,
    Resume,
    Rollback,
    Show,
    Start,
    Status,
    Unadopt,
    Unlock,
)
from bot.commands.parser import parse
from bot.commands.reader import MOST_WEIGHTS
from bot.commands.render import render
from bot.commands.typed import LONGEST_REASON, LONGEST_TEXT
from bot.commands.words import RESERVED_WORDS, USAGES
from bot.release.duration import LONGEST
from bot.release.gate import Gate
from bot.release.version import Version, is_version
from bot.release.weight import Weight

services = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True).filter(
    lambda name: name not in RESERVED_WORDS
)
numbers = st.integers(0, 10**9)
identifiers = st.from_regex(r"(0|[1-9a-z][0-9A-Za-z]{0,5})(\.(0|[1-9a-z][0-9A-Za-z]{0,5}))?", fullmatch=True)
versions = st.one_of(
    st.builds("v{}.{}.{}".format, numbers, numbers, numbers),
    st.builds("{}.{}.0-{}+{}".format, numbers, numbers, identifiers, identifiers),
    st.builds("{:%Y%m%d-%H%M}-{:07x}".format, st.datetimes(), st.integers(0, 16**7 - 1)),
    st.builds("sha256:{:064x}".format, st.integers(0, 16**64 - 1)),
).filter(is_version).map(Version)  # fmt: skip
weights = st.lists(st.integers(1, 10_000), min_size=1, max_size=MOST_WEIGHTS, unique=True).map(
    lambda points: tuple(Weight(point) for point in sorted(points))
)
durations = st.integers(1000, LONGEST // timedelta(milliseconds=1)).map(
    lambda length: timedelta(milliseconds=length)
)
# Everything a reason may hold: quotes of all kinds, backslashes, words of the language; one space at a time.
letters = st.one_of(
    st.sampled_from("\"'“”‘’«»\\` "),  # noqa: RUF001 - what phones type
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")),
)
reasons = (
    st.one_of(
        st.text(letters, max_size=LONGEST_REASON),
        st.lists(st.sampled_from(sorted(RESERVED_WORDS))).map(" ".join),
    )
    .map(lambda text: " ".join(text.split())[:LONGEST_REASON].strip())
    .filter(bool)
)
maybe_reasons = st.none() | reasons
starts = st.builds(
    Start,
    service=services,
    version=versions,
    weights=st.none() | weights,
    every=st.none() | durations,
    gate=st.none() | st.sampled_from(Gate),
    because=maybe_reasons,
)
commands: st.SearchStrategy[Command] = st.one_of(
    starts,
    st.builds(Plan, starts),
    st.builds(Status, st.none() | services),
    st.builds(Show, st.integers(1, 10**12 - 1).map("R-{}".format)),
    st.builds(Promote, service=services, full=st.booleans(), because=maybe_reasons),
    *(st.builds(act, service=services, because=maybe_reasons) for act in (Pause, Resume, Unlock)),
    st.builds(Rollback, service=services, to=st.none() | versions, because=maybe_reasons),
    st.builds(Lock, service=services, reason=reasons, lasting=st.none() | durations),
    *(st.builds(ask, services) for ask in (History, Check, Adopt, Unadopt)),
    st.just(Locks()),
    st.builds(Help, st.none() | st.sampled_from(sorted(RESERVED_WORDS))),
)

words = st.one_of(
    st.sampled_from(sorted(RESERVED_WORDS)),
    st.sampled_from(
        sorted({word for usage in USAGES for example in usage.examples for word in example.split()})
    ),
    st.sampled_from(
        [
            "1.3",
            "latest",
            "0%",
            "101%",
            "\uff15%",
            "%",
            "10",
            "10 minutes",
            '"',
            "“",
            "'",
            "\\",
            "—full",
            "/release",
        ]
    ),
    st.text(max_size=6),
)


def answer_to(text: str) -> Command | BadCommand:
    try:
        return parse(text)
    except BadCommand as bad:
        return bad


def check_answer(text: str) -> None:
    """The only two outcomes: a command, or a refusal whose column is inside and whose nearest command is one."""
    answer = answer_to(text)
    if isinstance(answer, BadCommand):
        assert answer.text == text
        assert 1 <= answer.column <= len(text) + 1
        assert answer.message
        assert answer.nearest is None or render(parse(answer.nearest)) == answer.nearest
    else:
        assert parse(render(answer)) == answer


@settings(max_examples=200)
@given(commands)
def test_a_command_is_read_back_from_its_canonical_text(command: Command) -> None:
    text = render(command)
    assert len(text) <= LONGEST_TEXT
    assert parse(text) == command


@settings(max_examples=200)
@given(st.text(max_size=80) | st.text(st.characters(codec=None), max_size=20))
def test_any_text_is_a_command_or_refused(text: str) -> None:
    check_answer(text)


@settings(max_examples=300)
@given(st.lists(words, max_size=9).map(" ".join))
def test_any_words_are_a_command_or_refused(text: str) -> None:
    check_answer(text)


@settings(max_examples=200)
@given(commands, st.data())
def test_a_mistyped_command_is_a_command_or_refused(command: Command, data: st.DataObject) -> None:
    text = render(command)
    start = data.draw(st.integers(0, len(text)), label="start")
    end = data.draw(st.integers(start, min(start + 8, len(text))), label="end")
    put = data.draw(st.text(max_size=3) | words, label="put")
    check_answer(text[:start] + put + text[end:])
