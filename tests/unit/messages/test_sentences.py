"""Sentences that the conversations do not come across."""

from dataclasses import replace
from datetime import timedelta
from inspect import cleandoc as block

import pytest

from bot.commands.errors import BadCommand
from bot.commands.parser import parse
from bot.errors import Reason, ReasonCode
from bot.messages.card import card
from bot.messages.notices import denied, notice
from bot.messages.plans import Plan, planned
from bot.messages.refusals import bad_command, refused
from bot.messages.terminal import render
from bot.messages.wording import countdown, lasting, sentence
from bot.release.gate import Gate
from bot.release.model import LOCKMASTER, Ending, EventKind, Stage, Trigger
from bot.release.phases import Phase
from bot.release.rules import ErrorRule, LatencyRule, Rules
from bot.release.verdict import Judgement, Verdict
from bot.release.weight import Weight
from tests.support.values import MORNING, event, release
from tests.support.worlds import CHECKOUT
from tests.unit.release.decide.scene import seen

STAGES = (Stage(weight=Weight.FULL, bake=timedelta(seconds=90), gate=Gate.AUTO),)
PLAN = Plan(CHECKOUT, "v1.2.9", "v1.3.0", "shop/checkout:v1.3.0", STAGES, True, 1, ())  # noqa: FBT003  adopted


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (Rules(), "none: nothing rolls back by itself, and every stage asks"),
        (Rules(errors=ErrorRule(hard=5)), "errors over 5 % in 10 s roll back at once"),
        (
            Rules(p95=LatencyRule(limit=timedelta(milliseconds=300), over=timedelta(minutes=5))),
            "p95 over 300 ms in 5 min rolls back",
        ),
    ],
)
def test_a_plan_names_each_rule(rules: Rules, expected: str) -> None:
    lines = render(planned(replace(PLAN, service=CHECKOUT.model_copy(update={"rules": rules})))).splitlines()
    assert [line for line in lines if line.startswith("rules")] == [f"rules     {expected}"]


def test_lengths_of_time_are_told_in_two_units() -> None:
    spans = [
        lasting(timedelta(seconds=one)) for one in (-3, 0, 59, 60, 3599, 3600, 3900, 86399, 86400, 200_000)
    ]
    assert spans == [
        "0 s",
        "0 s",
        "59 s",
        "1 min",
        "59 min",
        "1 h",
        "1 h 5 min",
        "23 h 59 min",
        "1 d 0 h",
        "2 d 7 h",
    ]


def test_a_countdown_moves_in_steps() -> None:
    ahead = [countdown(MORNING + timedelta(seconds=one), MORNING) for one in (-1, 9, 11, 61, 600)]
    assert ahead == [
        "0:00",
        "0:09",
        "0:20",
        "1:10",
        "10:00",
    ]


def test_a_sentence_ends() -> None:
    assert [sentence(text) for text in ("It is", "It is.", "Is it?")] == ["It is.", "It is.", "Is it?"]


def test_a_hopeless_command_has_no_nearest_one() -> None:
    with pytest.raises(BadCommand) as bad:
        parse("\u202e" * 30)
    assert render(bad_command(bad.value, "/release")).splitlines() == [
        "Column 1: U+202E is an invisible character, and could hide what is said",
        "/release ",
        "         ▲",
        "Nothing was done. `/release help` explains every word.",
    ]


def test_a_refusal_shows_its_whole_tree() -> None:
    leaf = Reason(ReasonCode.NOT_READY, "no such VirtualService", "Create it")
    assert render(refused(Reason(ReasonCode.NOT_READY, "not ready", None, (leaf,)))) == block("""
        not ready.

        • no such VirtualService. Create it.
        """)


def test_a_refusal_of_the_cluster_is_told_with_what_is_beneath_it() -> None:
    below = Reason(ReasonCode.NOT_READY, "user lockmaster cannot patch")
    reason = Reason(ReasonCode.NOT_READY, "Lockmaster may not patch Deployments", None, (below,))
    assert render(denied(release(), reason)) == block("""
        Held up   checkout v1.2.9 → v1.3.0 (R-1001) cannot go on: Lockmaster may not patch Deployments.
        user lockmaster cannot patch
        Somebody has to look. It is tried again every few seconds.
        """)


def test_a_rollback_without_exposure_says_none() -> None:
    ending = Ending(trigger=Trigger.PERSON, text="as asked", by=LOCKMASTER, at=MORNING)
    ended = event(EventKind.ENDED, text="stable serves everything")
    record = release(phase=Phase.ROLLED_BACK, ending=ending, recent=(ended,))
    message = notice(record, CHECKOUT, ended, "/release")
    assert message is not None
    assert "Exposed" not in render(message)


def test_a_release_without_rules_shows_no_figures() -> None:
    nothing = seen(judgement=Judgement(Verdict.NO_DATA, (), 0.0, MORNING))
    record = release(phase=Phase.BAKING, stages=STAGES)
    assert render(card(record, nothing, MORNING)) == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ○   100 %
        watching · 0 s · next decision in 1:30
        traffic   ordered 0 %   observed 0.0 %
        verdict   no data
        [Pause] [Roll back] [Details]
        """)
