import pytest

from sandbox.prometheus.store import RETENTION_MS, Store
from tests.sandbox.prometheus.samples import T0, ask, store

_UP = store({"up{job=api}": "1 2 3", "up{job=web}": "4 5 6", "down{job=api}": "7 8 9", "up{}": "0 0 0"})


@pytest.mark.parametrize(
    ("query", "result"),
    [
        ('up{job="api"}', {"up{job=api}": "3"}),
        ('up{job!="api"}', {"up{job=web}": "6", "up{}": "0"}),
        ('up{job=~"api|web"}', {"up{job=api}": "3", "up{job=web}": "6"}),
        ('up{job=~"ap"}', {}),
        ('up{job=~"a.*"}', {"up{job=api}": "3"}),
        ('up{job!~"a.*"}', {"up{job=web}": "6", "up{}": "0"}),
        ('up{job=""}', {"up{}": "0"}),
        ('{__name__=~"up|down",job="api"}', {"up{job=api}": "3", "down{job=api}": "9"}),
        ('up{job="api"} offset 1s', {"up{job=api}": "2"}),
        ('up{job="api"} offset 3s', {}),
        ("nothing", {}),
    ],
)
def test_matchers_and_offset(query: str, result: dict[str, str]) -> None:
    assert ask(_UP, query, 2) == result


def test_a_sample_answers_for_less_than_five_minutes() -> None:
    assert ask(_UP, 'up{job="api"}', 2 + 299.999) == {"up{job=api}": "3"}
    assert ask(_UP, 'up{job="api"}', 2 + 300) == {}
    assert ask(_UP, 'up{job="api"}', -0.001) == {}


def test_a_stale_series_answers_no_more_and_may_come_back() -> None:
    filled = store({"a": "1 2 stale _ 5"})
    assert [ask(filled, "a", second) for second in (1, 2, 3, 4)] == [{"a{}": "2"}, {}, {}, {"a{}": "5"}]
    assert ask(filled, "rate(a[4s])", 4) == {"{}": "1"}


def test_nan_that_was_scraped_is_a_value() -> None:
    assert ask(store({"a": "NaN"}), "a", 0) == {"a{}": "NaN"}


def test_old_samples_and_empty_series_are_forgotten() -> None:
    filled = store({"a": "1 2 3", "b": "1"})
    filled.forget_before(T0 + 2000)
    assert ask(filled, '{__name__=~"a|b"}', 1) == {}
    assert ask(filled, '{__name__=~"a|b"}', 2) == {"a{}": "3"}
    assert filled.label_names() == ["__name__"]
    assert RETENTION_MS == 900_000


def test_a_sample_that_is_not_newer_is_dropped() -> None:
    filled = Store()
    for value in (1.0, 2.0):
        filled.append({"__name__": "a"}, T0, value)
    assert ask(filled, "a", 0) == {"a{}": "1"}
