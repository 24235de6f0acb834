"""What the bench makes of its measurements."""

import pytest

from bench.figures import Figure, Table, most, percentile, spread, within
from bench.report import rendered

HUNDRED = [number / 1000 for number in range(1, 101)]


@pytest.mark.parametrize(("percent", "value"), [(50, 0.05), (90, 0.09), (99, 0.099), (100, 0.1)])
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(percent: int, value: float) -> None:
    assert percentile(HUNDRED[::-1], percent) == value


def test_with_few_values_p99_is_the_largest() -> None:
    assert percentile([0.3, 0.1, 0.2], 99) == 0.3


def test_of_nothing_there_is_no_percentile() -> None:
    with pytest.raises(ValueError, match="no percentile of nothing"):
        percentile([], 50)


def test_a_spread_has_as_many_digits_as_mean_something() -> None:
    assert spread([0.0012345, 0.012345, 0.12345]) == "p50 12.3 ms, p90 123 ms, p99 123 ms (n = 3)"
    assert spread([0.0012345]) == "p50 1.23 ms, p90 1.23 ms, p99 1.23 ms (n = 1)"


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (most("memory", 150, 150, "MB"), "met"),
        (most("memory", 151, 150, "MB"), "**MISSED**"),
        (within("alert", [0.1, 0.2], 99, 0.2), "met"),
        (within("alert", [0.1, 0.201], 99, 0.2), "**MISSED**"),
        (Figure("queries", "8"), ""),
    ],
)
def test_a_figure_says_whether_its_goal_is_met(figure: Figure, verdict: str) -> None:
    assert figure.verdict == verdict


def test_the_results_name_what_was_missed_before_anything_else() -> None:
    table = Table("Cost", "Told by the kernel.", (most("memory", 151, 150, "MB"), Figure("queries", "8")))

    text = rendered([table], ["a machine"], ["python 3.11"])

    assert "Missed:\n\n* memory: 151 MB\n\n## Cost\n\nTold by the kernel.\n" in text
    assert text.endswith(
        "| | goal | measured | |\n"
        "|---|---|---|---|\n"
        "| memory | ≤ 150 MB | 151 MB | **MISSED** |\n"
        "| queries |  | 8 |  |\n\n"
        "## Where\n\n"
        "* a machine\n\n"
        "Versions: python 3.11.\n"
    )


def test_without_a_miss_the_results_say_so() -> None:
    table = Table("Cost", "Told by the kernel.", (most("memory", 9.5, 150, "MB"),))

    assert "\n\nAll goals are met.\n\n" in rendered([table], [], [])
