"""What people type, and the command it is."""

from datetime import timedelta

import pytest

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
from bot.release.gate import Gate
from bot.release.version import Version
from bot.release.weight import Weight

V130 = Version("v1.3.0")
FULLY_TYPED = Start(
    service="checkout",
    version=V130,
    weights=(Weight.of("0.5"), Weight.of(50), Weight.FULL),
    every=timedelta(seconds=90),
    gate=Gate.AUTO,
    because="JIRA-12",
)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("checkout v1.3.0", Start(service="checkout", version=V130)),
        ("checkout v1.3.0 canary 5%", Start(service="checkout", version=V130, weights=(Weight.of(5),))),
        ("checkout v1.3.0 every 3s ask", Start(service="checkout", version=V130, every=timedelta(seconds=3), gate=Gate.ASK)),
        ('checkout v1.3.0 canary 0.5% 50 100% every 90s auto because "JIRA-12"', FULLY_TYPED),
        ("checkout v1.3.0 canary 0.5% 50% 100% auto every 1m30s because JIRA-12", FULLY_TYPED),
        ("checkout v1.3.0 canary 0.5% 50% 100% because 'JIRA-12' auto every 90s", FULLY_TYPED),
        ("plan checkout v1.3.0 canary 5%", Plan(Start(service="checkout", version=V130, weights=(Weight.of(5),)))),
        ("status", Status()),
        ("status checkout", Status("checkout")),
        ("show r-1042", Show("R-1042")),
        ("history checkout", History("checkout")),
        ("promote checkout", Promote(service="checkout")),
        ("promote checkout --full", Promote(service="checkout", full=True)),
        ("promote checkout because done --FULL now", Promote(service="checkout", because="done --FULL now")),
        ("promote checkout —full because done", Promote(service="checkout", full=True, because="done")),
        ("pause checkout because lunch", Pause(service="checkout", because="lunch")),
        ("resume checkout", Resume(service="checkout")),
        ("rollback checkout", Rollback(service="checkout")),
        ("rollback checkout to v1.2.9 because slow", Rollback(service="checkout", to=Version("v1.2.9"), because="slow")),
        ('rollback checkout because "slow" to v1.2.9', Rollback(service="checkout", to=Version("v1.2.9"), because="slow")),
        ("lock checkout migration", Lock(service="checkout", reason="migration")),
        ("lock checkout because migration", Lock(service="checkout", reason="migration")),
        ('lock checkout "migration" for 2h', Lock(service="checkout", reason="migration", lasting=timedelta(hours=2))),
        ("unlock checkout", Unlock(service="checkout")),
        ("locks", Locks()),
        ("check checkout", Check("checkout")),
        ("adopt checkout", Adopt("checkout")),
        ("unadopt checkout", Unadopt("checkout")),
        ("help", Help()),
        ("help ROLLBACK", Help("rollback")),
        ("help --full", Help("--full")),
        ("", Help()),
        (" \n", Help()),
    ],
)  # fmt: skip
def test_a_typed_text_is_a_command(typed: str, command: Command) -> None:
    assert parse(typed) == command


@pytest.mark.parametrize(
    "typed",
    [
        "CheckOut v1.3.0 CANARY 5%",
        "  checkout   v1.3.0\tcanary\n5%  ",
        "checkout\u00a0v1.3.0\u3000canary\u20095%",
        "\ufeffcheckout\u200bv1.3.0 canary\u20605%",
    ],
)
def test_case_and_blanks_of_any_kind_do_not_matter(typed: str) -> None:
    assert parse(typed) == Start(service="checkout", version=V130, weights=(Weight.of(5),))


def test_a_version_keeps_its_case() -> None:
    assert parse("checkout v1.3.0-RC.1") == Start(service="checkout", version=Version("v1.3.0-RC.1"))


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ('"it\'s broken"', "it's broken"),
        ("“it’s broken”", "it’s broken"),  # noqa: RUF001 - what phones type
        ("«cassé»", "cassé"),
        ("„kaputt“", "kaputt"),
        ("'don't do it'", "don't do it"),
        ("‘don’t do it’", "don’t do it"),  # noqa: RUF001 - what phones type
        ('we don\'t wait, said "Ana"', 'we don\'t wait, said "Ana"'),
        (r'"said \"no\""', 'said "no"'),
        (r'"C:\temp \\ x"', r"C:\temp \ x"),
        ('"two   blanks\nand a line"', "two blanks and a line"),
        ("<@U024BE7LH> asked in <#C024BE91L|shop>", "<@U024BE7LH> asked in <#C024BE91L|shop>"),
        ('"👩\u200d💻 fixes"', "👩\u200d💻 fixes"),
        ("auto-scaling on for 2h", "auto-scaling on for 2h"),
        ("go to hell", "go to hell"),
        ("every", "every"),
    ],
)
def test_a_reason_may_be_quoted_in_many_ways_or_stand_bare_at_the_end(typed: str, reason: str) -> None:
    assert parse(f"pause checkout because {typed}") == Pause(service="checkout", because=reason)


def test_a_bare_reason_is_taken_whole_where_its_last_words_cannot_be_an_option() -> None:
    assert parse("checkout v1.3.0 auto because we go auto") == Start(
        service="checkout", version=V130, gate=Gate.AUTO, because="we go auto"
    )
    assert parse("lock checkout as they ask") == Lock(service="checkout", reason="as they ask")
