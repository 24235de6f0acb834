"""The script language: what each line means, and what a wrong line is told."""

from pathlib import Path

import pytest

from sandbox.main import STORIES
from sandbox.script import steps
from sandbox.script.language import BadScriptError, Line, parse


def only(line: str) -> steps.Step:
    (found,) = parse(line)
    return found.step


def complaint(script: str) -> str:
    with pytest.raises(BadScriptError) as refused:
        parse(script)
    return str(refused.value)


@pytest.mark.parametrize(
    ("line", "step"),
    [
        (
            "@ana /release checkout v1.3.0 canary 5%",
            steps.Says(("ana",), "/release checkout v1.3.0 canary 5%"),
        ),
        ("@ana @dee /release status", steps.Says(("ana", "dee"), "/release status")),
        ('@bo press "Promote to 25 %"', steps.Presses(("bo",), "Promote to 25 %")),
        ("@bo @dee press “Roll back”", steps.Presses(("bo", "dee"), "Roll back")),
        ('@bo press old "Promote to 25 %"', steps.Presses(("bo",), "Promote to 25 %", old=True)),
        ('@bo submit "it is fine"', steps.Submits(("bo",), "it is fine")),
        (
            '@bo press "Promote to 25 %" & @dee press "Roll back"',
            steps.AtOnce((steps.Presses(("bo",), "Promote to 25 %"), steps.Presses(("dee",), "Roll back"))),
        ),
        ("$ lockmaster release status", steps.Terminal("lockmaster release status")),
        ("break checkout v1.3.0 errors 12.5%", steps.Break("checkout", "v1.3.0", errors=12.5)),
        ("break checkout v1.3.0 latency 300ms", steps.Break("checkout", "v1.3.0", latency_s=0.3)),
        ("break checkout v1.3.0 crash", steps.Break("checkout", "v1.3.0", crash=True)),
        ("heal checkout v1.3.0", steps.Heal("checkout", "v1.3.0")),
        ("alert checkout v1.3.0", steps.Alert("checkout", "v1.3.0")),
        ("alert checkout v1.3.0 5 times", steps.Alert("checkout", "v1.3.0", 5)),
        ("kill bot", steps.KillBot()),
        ("stop redis", steps.Stop("redis")),
        ("start prometheus", steps.Start("prometheus")),
        ("edit route payments 60 40", steps.EditRoute("payments", 60, 40)),
        ("load checkout 300", steps.Load("checkout", 300)),
        ("rest 1.5s", steps.Rest(1.5)),
        ("show channel", steps.Show("channel")),
        ("show traffic", steps.Show("traffic")),
        ('wait until card "needs you"', steps.Wait(steps.Said("card", "needs you"))),
        ('wait 2m until notice "Done"', steps.Wait(steps.Said("notice", "Done"), 120.0)),
        ('expect thread "Claimed"', steps.Expect(steps.Said("thread", "Claimed"))),
        ('expect 2 answers "is locked"', steps.Expect(steps.Said("answer", "is locked", 2))),
        ('expect 1 notices "Rolled back"', steps.Expect(steps.Said("notice", "Rolled back", 1))),
        ("expect 1 cards", steps.Expect(steps.Cards(1))),
        ("expect weights checkout 95 5", steps.Expect(steps.Ordered("checkout", 95, 5))),
        ("expect traffic checkout canary 5% ± 1", steps.Expect(steps.Observed("checkout", 5, 1))),
        ("expect version checkout v1.3.0", steps.Expect(steps.Runs("checkout", "v1.3.0"))),
        ("wait until no canary checkout", steps.Wait(steps.NoCanary("checkout"))),
        ("expect no failed requests", steps.Expect(steps.Failed(0))),
        ("expect at most 20 failed requests", steps.Expect(steps.Failed(20))),
        ("expect rollback within 2s of the errors", steps.Expect(steps.RolledBackWithin(2))),
        ("wait 10s until bot ready", steps.Wait(steps.BotReady(), 10.0)),
    ],
)
def test_a_line_means_one_step(line: str, step: steps.Step) -> None:
    assert only(line) == step


def test_comments_and_empty_lines_are_passed_over_and_lines_keep_their_numbers() -> None:
    assert parse("# a story\n\n   kill bot\n  # the end") == [Line(3, "kill bot", steps.KillBot())]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "brake checkout v1.3.0 crash",
            "column 1: expected break, heal, alert, kill, stop, start, edit, load, rest, show, wait or expect, not 'brake'",
        ),
        ("break checkout v1.3.0 erors 5%", "column 23: expected errors, latency or crash, not 'erors'"),
        ("break chekout v1.3.0 crash", "column 7: expected checkout or payments, not 'chekout'"),
        ("break checkout latest crash", "column 16: expected a version such as v1.3.0, not 'latest'"),
        ("break checkout v1.3.0 errors 101%", "column 30: expected a percentage such as 5%, not '101%'"),
        ("expect weights checkout 95", "column 28: expected a whole number, but the line ends"),
        ("expect no failed requests today", "column 27: expected the end of the line, not 'today'"),
        ("wait 3 until bot ready", "column 6: expected until or a time such as 500ms, 10s or 2m, not '3'"),
        (
            "wait until card needs you",
            "column 17: expected words in quotes, such as \"needs you\", not 'needs'",
        ),
        ('wait until card "needs you', "column 17: expected a closing quote"),
        ("stop kubernetes", "column 6: expected redis or prometheus, not 'kubernetes'"),
        ('@ana pres "x"', "column 6: expected a command that begins with /, press or submit, not 'pres'"),
        ('@bo press "x" & @zed press "y"', "column 17: expected @ana, @dee, @bo or @cy, not '@zed'"),
        ("@zed /release status", "column 1: expected @ana, @dee, @bo or @cy, not '@zed'"),
        ("@ana", "column 1: expected @ana, @dee, @bo or @cy, and what she does"),
        ("@ /release status", "column 1: expected @ana, @dee, @bo or @cy, and what she does"),
        ("$ rm -r /", "column 3: expected a command such as lockmaster release status"),
    ],
)
def test_a_wrong_line_is_told_the_column_and_what_was_expected(line: str, told: str) -> None:
    assert complaint(f"kill bot\n{line}") == f"line 2: {told}"


def test_every_wrong_line_is_told_at_once() -> None:
    told = "line 1: column 6: expected bot, but the line ends\nline 3: column 1: expected @ana, @dee, @bo or @cy, not '@zed'"
    assert complaint("kill\nkill bot\n@zed /x") == told


def test_a_script_that_does_nothing_is_refused() -> None:
    assert complaint("# nothing\n") == "there is no line that does anything"


@pytest.mark.parametrize("story", sorted(STORIES.glob("*.txt")), ids=lambda path: path.stem)
def test_every_shipped_story_can_be_read_and_says_first_what_it_is_about(story: Path) -> None:
    text = story.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert parse(text)
