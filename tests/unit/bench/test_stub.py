"""The bench's Prometheus, asked by the bot's own adapter's questions."""

from datetime import timedelta

import pytest

from adapters.prometheus.answers import vector
from adapters.prometheus.promql import Question, questions
from bench.stub import Traffic
from bot.ports.metrics import WorkloadKey

STABLE, CANARY = WorkloadKey("shop", "svc-001"), WorkloadKey("shop", "svc-001-canary")
ASKED = questions([STABLE, CANARY], timedelta(seconds=10))


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def traffic(clock: Clock) -> Traffic:
    return Traffic(clock, share={"svc-001": 0.05})


def answer(traffic: Traffic, question: Question) -> dict[WorkloadKey, float]:
    return dict(vector(200, traffic.answer(ASKED[question]).encode()).values)


def test_requests_are_shared_out_by_the_weight_that_is_written(traffic: Traffic) -> None:
    assert answer(traffic, Question.REQUESTS) == {STABLE: 950.0, CANARY: 50.0}


def test_who_never_failed_has_no_series_of_errors(traffic: Traffic) -> None:
    assert answer(traffic, Question.ERRORS) == {}


def test_half_of_a_failing_canarys_requests_fail(traffic: Traffic) -> None:
    traffic.fail(["svc-001"])

    assert answer(traffic, Question.ERRORS) == {CANARY: 25.0}


def test_longer_windows_fill_with_errors_as_time_goes_by(traffic: Traffic, clock: Clock) -> None:
    traffic.fail(["svc-001"])
    clock.now += 2
    minute = questions([STABLE, CANARY], timedelta(minutes=1))[Question.ERRORS]

    assert dict(vector(200, traffic.answer(minute).encode()).values) == {CANARY: 5.0}


def test_a_failure_is_shown_by_the_first_answer_about_errors(traffic: Traffic, clock: Clock) -> None:
    traffic.fail(["svc-001"])

    for question in (Question.REQUESTS, Question.ERRORS, Question.ERRORS):
        clock.now += 1
        traffic.answered(ASKED[question])

    assert (traffic.failing, traffic.shown) == ({"svc-001": 100.0}, {"svc-001": 102.0})


def test_every_question_has_its_answer(traffic: Traffic) -> None:
    assert answer(traffic, Question.P95) == {STABLE: 180.0, CANARY: 180.0}
    assert set(answer(traffic, Question.NEWEST)) == {STABLE, CANARY}
    assert traffic.queries == 2
