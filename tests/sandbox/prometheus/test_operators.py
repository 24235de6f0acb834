import pytest

from tests.sandbox.prometheus.samples import ask, store

_VALUES = store(
    {
        "a{v=1,x=p}": "6",
        "a{v=2,x=p}": "0",
        "b{v=1,x=p}": "3",
        "b{v=2,x=p}": "0",
        "b{v=3,x=p}": "1",
        "c{v=1}": "2",
        "n": "NaN",
        "m": "4",
    }
)

_DUPLICATES = (
    "found duplicate series for the match group on the right hand-side of the operation;"
    "many-to-many matching not allowed: matching labels must be unique on one side"
)


@pytest.mark.parametrize(
    ("query", "result"),
    [
        ("sum(a)", {"{}": "6"}),
        ("sum by (x) (b)", {"{x=p}": "4"}),
        ("sum by (nothing) (b)", {"{}": "4"}),
        ("sum without (v) (b)", {"{x=p}": "4"}),
        ("avg(b)", {"{}": "1.3333333333333333"}),
        ("count by (v) (b)", {"{v=1}": "1", "{v=2}": "1", "{v=3}": "1"}),
        ("max(b)", {"{}": "3"}),
        ("min(b)", {"{}": "0"}),
        ('max({__name__=~"n|m"})', {"{}": "4"}),
        ("min(n)", {"{}": "NaN"}),
        ("sum(nothing)", {}),
        ("a + b", {"{v=1,x=p}": "9", "{v=2,x=p}": "0"}),
        ("a - b", {"{v=1,x=p}": "3", "{v=2,x=p}": "0"}),
        ("a * 2", {"{v=1,x=p}": "12", "{v=2,x=p}": "0"}),
        ("a / b", {"{v=1,x=p}": "2", "{v=2,x=p}": "NaN"}),
        ("1 / a", {"{v=1,x=p}": "0.16666666666666666", "{v=2,x=p}": "+Inf"}),
        ("-1 / 0", "-Inf"),
        ("1 + 2 * 3", "7"),
        ("a / on (v) c", {"{v=1}": "3"}),
        ("a / ignoring (x) c", {"{v=1}": "3"}),
        ("a > 3", {"a{v=1,x=p}": "6"}),
        ("3 < a", {"a{v=1,x=p}": "6"}),
        ("a > bool 3", {"{v=1,x=p}": "1", "{v=2,x=p}": "0"}),
        ("a > b", {"a{v=1,x=p}": "6"}),
        ("a == bool b", {"{v=1,x=p}": "0", "{v=2,x=p}": "1"}),
        ("a >= on (v) b", {"{v=1}": "6", "{v=2}": "0"}),
        ("1 < bool 2", "1"),
        ("n > 0", {}),
        ("n != 0", {"n{}": "NaN"}),
        ("b and a", {"b{v=1,x=p}": "3", "b{v=2,x=p}": "0"}),
        ("b unless a", {"b{v=3,x=p}": "1"}),
        ("c or on (v) b", {"c{v=1}": "2", "b{v=2,x=p}": "0", "b{v=3,x=p}": "1"}),
        ("nothing or vector(0)", {"{}": "0"}),
    ],
)
def test_operators(query: str, result: object) -> None:
    assert ask(_VALUES, query, 0) == result


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (
            "a / on (x) b",
            f"422 {_DUPLICATES}",
        ),
        (
            'b / on (x) c{v="9"} or b / on () m',
            "422 multiple matches for labels: many-to-one matching must be explicit",
        ),
        ("a / on (v) group_left c", "422 group_left and group_right are not supported here"),
        ('-{__name__=~"a|b"}', "422 vector cannot contain metrics with the same labelset"),
        ("a % 2", "422 operator '%' is not supported here"),
        ("topk(1, a)", "422 aggregation 'topk' is not supported here"),
        ("stddev(a)", "422 aggregation 'stddev' is not supported here"),
        ("abs(a)", "422 function 'abs' is not supported here"),
        ("rate(a[1m:10s])", "422 SubqueryExpr is not supported here"),
        ("a @ 5", "422 the @ modifier is not supported here"),
        ('"text"', "422 StringLiteral is not supported here"),
        ('{a="b" or c="d"}', "422 matchers joined by `or` are not supported here"),
        (
            'a{v=~"[[:alpha:]]"}',
            "422 regular expression '[[:alpha:]]' is not supported here: Possible nested set at position 1",
        ),
        (
            "-a[5m]",
            '400 invalid parameter "query": unary expression only allowed on expressions of type scalar or vector, got: matrix',
        ),
        (
            "rate(a)",
            "400 invalid parameter \"query\": expected type matrix in call to function 'rate', got vector",
        ),
        ("a{", '400 invalid parameter "query": unexpected end of input inside braces'),
        ("1 < 2", '400 invalid parameter "query": comparisons between scalars must use BOOL modifier'),
        ("{}", '400 invalid parameter "query": vector selector must contain at least one non-empty matcher'),
        ("", '400 invalid parameter "query": no expression found in input'),
    ],
)
def test_what_is_not_supported_or_not_promql_is_refused(query: str, error: str) -> None:
    assert ask(_VALUES, query, 0) == error
