"""Questions as PromQL: exact, and closed against every value, as a real parser reads them."""

import re
from datetime import timedelta

import promql_parser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.prometheus.promql import Matching, Question, matcher, one_of, questions, quoted
from bot.ports.metrics import WorkloadKey

CHECKOUT, CANARY = WorkloadKey("shop", "checkout"), WorkloadKey("shop", "checkout-canary")
CHOSEN = (
    'reporter="destination",destination_workload_namespace=~"shop",'
    'destination_workload=~"checkout|checkout-canary"'
)
ALL = f"istio_requests_total{{{CHOSEN}}}"
FAILED = f'istio_requests_total{{{CHOSEN},response_code=~"5.*"}}'
BY = "destination_workload_namespace, destination_workload"
PRINTABLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


COUNTABLE = f"increase({ALL}[10000ms]) or ({ALL} unless on ({BY}) {ALL} offset 10000ms)"


def test_the_four_questions_stand_as_they_are_asked() -> None:
    assert questions([CANARY, CHECKOUT], timedelta(seconds=10)) == {
        Question.REQUESTS: f"sum by ({BY}) ((({ALL} unless {ALL} offset 10000ms) "
        f"and on (destination_workload_namespace) ({ALL} offset 10000ms) and on ({BY}) ({COUNTABLE})) "
        f"or increase({ALL}[10000ms]))",
        Question.ERRORS: f"sum by ({BY}) ((({FAILED} unless {FAILED} offset 10000ms) "
        f"and on (destination_workload_namespace) ({ALL} offset 10000ms) and on ({BY}) ({COUNTABLE})) "
        f"or increase({FAILED}[10000ms]))",
        Question.P95: f"histogram_quantile(0.95, sum by (le, {BY}) "
        f"(rate(istio_request_duration_milliseconds_bucket{{{CHOSEN}}}[10000ms])))",
        Question.NEWEST: f"max by ({BY}) (timestamp({ALL}))",
    }


def test_every_question_can_be_parsed() -> None:
    for query in questions([CANARY, CHECKOUT], timedelta(minutes=2)).values():
        promql_parser.parse(query)


@given(PRINTABLE)
@example('"} or up{a="')
@example(",app!=x")
@example("\\")
@example("a\nb\r\t\x00\x7f")
def test_no_value_gets_out_of_its_quotes(value: str) -> None:
    parsed = promql_parser.parse(f"up{{{matcher('app', Matching.IS, value)}}}")
    assert isinstance(parsed, promql_parser.VectorSelector)
    assert [(m.name, m.value) for m in parsed.matchers.matchers] == [("app", value)]


@given(st.sets(PRINTABLE.filter(bool), min_size=1, max_size=5), PRINTABLE)
@example({".*"}, "anything")
@example({"a|b"}, "a")
@example({"checkout"}, "checkout-canary")
def test_no_name_matches_anything_but_itself(names: set[str], other: str) -> None:
    expression = re.compile(one_of(names), re.DOTALL)
    assert all(expression.fullmatch(name) for name in names)
    assert (expression.fullmatch(other) is not None) == (other in names)


@pytest.mark.parametrize(("value", "shown"), [("a", '"a"'), ('a"b', r'"a\"b"'), ("a\\n\n", r'"a\\n\n"')])
def test_strings_are_written_as_go_reads_them(value: str, shown: str) -> None:
    assert quoted(value) == shown
