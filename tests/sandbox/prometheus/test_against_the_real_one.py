"""The emulator's answers beside those of the real program, over the very samples it scraped."""

import shutil
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.prometheus import answers
from sandbox.prometheus.emulator import PrometheusEmulator
from sandbox.prometheus.errors import QueryError
from sandbox.prometheus.evaluate import evaluate, parse
from sandbox.prometheus.program import PrometheusBinary, prometheus
from sandbox.prometheus.store import Store
from tests.sandbox.prometheus.metrics_target import MetricsTarget
from tests.support.until import until

_PROGRAM = shutil.which("prometheus")
_INTERVAL_S = 0.1
_SAMPLES = 14

_QUERIES = (
    *("up", "requests_total", 'requests_total{code!="200"}', '{__name__=~"temp.*|up"}', "nothing", "leaving"),
    *(
        'temperature{room=~"a.*"}',
        'temperature{room!~"a.*"}',
        "requests_total offset 500ms",
        "requests_total[400ms]",
    ),
    *(
        "rate(requests_total[1s])",
        "rate(requests_total[330ms])",
        "increase(requests_total[1s])",
        "rate(up[50ms])",
    ),
    *("irate(requests_total[1s])", "delta(temperature[1s])", "rate(requests_total[1s] offset 300ms)"),
    *("rate(requests_total[1m])", "increase(requests_total[10m])", "delta(temperature[2m])"),
    *(
        "sum(rate(requests_total[1s]))",
        "sum by (code) (rate(requests_total[1s]))",
        "sum without (code) (requests_total)",
    ),
    *(
        "max(temperature)",
        "min by (room) (temperature)",
        "avg(temperature)",
        "count({job='mesh'})",
        "max(nothing)",
    ),
    "histogram_quantile(0.95, latency_bucket)",
    "histogram_quantile(0.95, sum by (le, version) (rate(latency_bucket[1s])))",
    "histogram_quantile(0.01, sum by (le) (rate(latency_bucket[1s])))",
    "histogram_quantile(2, latency_bucket)",
    *("timestamp(up)", "timestamp(up + 1)", "time()", "time() - timestamp(up)", "clamp_min(temperature, 0)"),
    *(
        "clamp_max(temperature, 0)",
        "1 + 2 * 3 - 4 / 8",
        "1 / 0",
        "0 / 0",
        "-1 / 0",
        "vector(1)",
        "-temperature",
    ),
    'sum(rate(requests_total{code=~"5.."}[1s])) / sum(rate(requests_total[1s]))',
    "requests_total / on (code) requests_total",
    *("temperature > 0", "temperature > bool 0", "0 > temperature", "temperature != nothing", "1 == bool 2"),
    *(
        "temperature and up",
        "temperature and on (job) up",
        "temperature unless on (job) nothing",
        "temperature or up",
    ),
    *(
        "nothing == nothing",
        "absent or vector(0)",
        "requests_total + on (job) up",
        "up + on (job) requests_total",
    ),
    *("temperature * 1e22", "temperature * 1e-9", "-{__name__=~'temperature|up'}"),
)
_REFUSED_BY_BOTH = ("rate(up)", "up{", "{}", "1 < 2", 'up{job=~"("}', "up +", "sum(1)", "")
# What the emulator does not support it refuses; it never gives another answer.
_NOT_SUPPORTED = (
    "requests_total / ignoring (code) group_left () up",
    "topk(1, up)",
    "up @ 5",
    "max_over_time(up[5s])",
)


async def _ask(url: str, query: str, at: float) -> dict[str, Any]:
    parameters = {"query": query, "time": repr(at)}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/api/v1/query", data=parameters) as answer,
    ):
        found: dict[str, Any] = await answer.json()
        return found


async def _until(url: str, query: str, wanted: Callable[[list[Any]], bool]) -> None:
    async def as_wanted() -> bool:
        return wanted((await _ask(url, query, time.time()))["data"]["result"])

    await until(as_wanted, within=30)


def _went_well(found: list[Any]) -> bool:
    """Whether no scrape of late failed: the real one remembers that its series were stale then, and a copy of samples does not."""
    values = [value for _, value in found[0]["values"]] if found else []
    return values[-_SAMPLES:] == ["1"] * _SAMPLES


def _copy(raw: dict[str, Any]) -> Store:
    copied = Store()
    for series in raw["data"]["result"]:
        for at, value in series["values"]:
            copied.append(series["metric"], round(at * 1000), float(value))
    return copied


def _comparable(answer: dict[str, Any]) -> Any:
    """An answer without the order of its elements, and with numbers that may differ in their last digits."""
    if answer["status"] == "error":
        return answer["errorType"]
    found = answer["data"]
    if found["resultType"] == "scalar":
        return _point(found["result"])
    return {
        tuple(sorted(each["metric"].items())): [
            _point(point) for point in each.get("values", [each.get("value")])
        ]
        for each in found["result"]
    }


def _point(point: Any) -> Any:
    return point[0], pytest.approx(float(point[1]), rel=1e-9, nan_ok=True)


def _emulated(samples: Store, query: str, at: float) -> dict[str, Any]:
    moment = round(at * 1000)
    try:
        return answers.success(answers.instant(evaluate(parse(query), samples, moment), moment))
    except QueryError as error:
        return answers.failure(error)


@pytest.mark.skipif(not _PROGRAM, reason="no prometheus program on PATH")
async def test_the_emulator_answers_as_the_real_prometheus_does() -> None:
    async with (
        MetricsTarget() as target,
        PrometheusBinary(_PROGRAM or "", [target.target], interval_s=_INTERVAL_S) as real,
        PrometheusEmulator([target.target], interval_s=_INTERVAL_S) as emulator,
    ):
        await _until(real.url, "up[1m]", _went_well)
        now = round(time.time(), 3)
        samples = _copy(await _ask(real.url, '{job="mesh"}[10m]', now))
        for query, at in product((*_QUERIES, *_REFUSED_BY_BOTH), (now, now - 0.35)):
            expected, found = await _ask(real.url, query, at), _emulated(samples, query, at)
            assert (query, at, _comparable(found)) == (query, at, _comparable(expected))
        for query in _NOT_SUPPORTED:
            assert _emulated(samples, query, now)["errorType"] == "execution"
        target.leaving = False
        for each in (real, emulator):
            await _until(each.url, "leaving", lambda found: not found)
        await _same_series(real.url, emulator.url)
        await _keeps_samples_over_a_restart(real, now)


async def _keeps_samples_over_a_restart(real: PrometheusBinary, at: float) -> None:
    before = real.url, await _ask(real.url, "requests_total", at)
    await real.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await _ask(real.url, "up", at)
    await real.start()
    assert (real.url, await _ask(real.url, "requests_total", at)) == before


def test_the_program_on_path_is_taken_and_else_the_emulator(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert isinstance(prometheus([]), PrometheusEmulator)
    program = tmp_path / "prometheus"
    program.touch(mode=0o755)
    assert isinstance(prometheus([]), PrometheusBinary)


async def _same_series(real: str, emulator: str) -> None:
    """Both scraped the same target by themselves: the same labels, and rates that are near."""
    now = time.time()
    query = '{job="mesh",__name__!~"scrape_.*"}'
    series = [
        {tuple(sorted(each["metric"].items())) for each in (await _ask(url, query, now))["data"]["result"]}
        for url in (real, emulator)
    ]
    assert series[0] == series[1]
    query = 'sum(rate(requests_total{code="500"}[1s]))'
    rates = [
        float((await _ask(url, query, now))["data"]["result"][0]["value"][1]) for url in (real, emulator)
    ]
    assert rates == [pytest.approx(10, rel=0.2)] * 2
