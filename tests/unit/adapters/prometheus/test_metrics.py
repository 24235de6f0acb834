"""What Prometheus can answer, and all that is no answer."""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from adapters.prometheus import metrics as module
from adapters.prometheus.metrics import PrometheusMetrics
from bot.errors import Unavailable
from bot.ports.metrics import Reading, WorkloadKey

CHECKOUT, PAYMENTS = WorkloadKey("shop", "checkout"), WorkloadKey("shop", "payments")
WINDOW = timedelta(seconds=10)
NINE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def series(number: str, name: str = "checkout") -> dict[str, Any]:
    labels = {"destination_workload_namespace": "shop", "destination_workload": name}
    return {"metric": labels, "value": [NINE.timestamp(), number]}


def bucket(bound: str, number: str, name: str = "checkout") -> dict[str, Any]:
    found = series(number, name)
    return {**found, "metric": {**found["metric"], "le": bound}}


def success(result: Any, kind: str = "vector", **more: Any) -> web.Response:
    return web.json_response({"status": "success", "data": {"resultType": kind, "result": result}, **more})


class Prometheus:
    """Answers each of the four questions as a test says; `other` answers them all. `held` is the one that waits for `released`."""

    def __init__(self) -> None:
        self.vectors: dict[str, list[dict[str, Any]]] = {}
        self.other: web.Response | None = None
        self.warnings: dict[str, list[str]] = {}
        self.queries: list[str] = []
        self.held: str | None = None
        self.released = asyncio.Event()
        self.released.set()

    async def take(self, request: web.Request) -> web.StreamResponse:
        assert (request.method, request.path, request.query_string) == ("POST", "/api/v1/query", "")
        query = str((await request.post())["query"])
        self.queries.append(query)
        if self.held in {None, self._kind(query)}:
            await self.released.wait()
        if self.other is not None:
            return web.Response(body=self.other.body, status=self.other.status, headers=self.other.headers)
        kind = self._kind(query)
        return success(self.vectors.get(kind, []), warnings=self.warnings.get(kind, []))

    def _kind(self, query: str) -> str:
        if "timestamp" in query:
            return "newest"
        if "by (le" in query and "quantile" not in query:
            return "durations"
        if "quantile" in query:
            return "p95"
        return "errors" if "response_code" in query else "requests"


@pytest.fixture
def prometheus() -> Prometheus:
    return Prometheus()


@pytest.fixture
async def metrics(prometheus: Prometheus) -> AsyncIterator[PrometheusMetrics]:
    app = web.Application(client_max_size=10**7)
    app.router.add_route("*", "/{path:.*}", prometheus.take)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    metrics = PrometheusMetrics(str(server.make_url("/")))
    yield metrics
    prometheus.released.set()
    await server.close()
    metrics.close()


async def why(metrics: PrometheusMetrics) -> str:
    with pytest.raises(Unavailable) as away:
        await metrics.read([CHECKOUT], WINDOW)
    assert away.value.part == "prometheus"
    return away.value.why


async def test_a_reading_holds_what_the_four_answers_say(
    prometheus: Prometheus, metrics: PrometheusMetrics
) -> None:
    prometheus.vectors = {
        "requests": [series("200"), series("50", "payments")],
        "errors": [series("3")],
        "p95": [series("182.5"), series("NaN", "payments")],
        "newest": [series(str(NINE.timestamp())), series("+Inf", "payments")],
    }
    found = await metrics.read([CHECKOUT, PAYMENTS], WINDOW)
    assert found[CHECKOUT] == Reading(requests=200.0, errors=3.0, p95=182.5, newest=NINE)
    payments = found[PAYMENTS]
    assert (payments.requests, payments.errors, payments.newest) == (50.0, 0.0, None)
    assert payments.p95 is not None
    assert math.isnan(payments.p95)


async def test_a_workload_without_any_series_has_a_reading_of_nones(metrics: PrometheusMetrics) -> None:
    found = await metrics.read([CHECKOUT], WINDOW)
    assert found == {CHECKOUT: Reading(requests=None, errors=None, p95=None, newest=None)}


async def test_each_warning_is_passed_on_once(prometheus: Prometheus, metrics: PrometheusMetrics) -> None:
    prometheus.warnings = {"requests": ["shard 3 is away"], "p95": ["shard 3 is away", "slow"]}
    found = await metrics.read([CHECKOUT], WINDOW)
    assert found[CHECKOUT].warnings == ("shard 3 is away", "slow")


async def test_a_thousand_workloads_cost_four_questions(
    prometheus: Prometheus, metrics: PrometheusMetrics
) -> None:
    many = [WorkloadKey("shop", f"service-{number}-{'x' * 50}") for number in range(1_000)]
    found = await metrics.read(many, WINDOW)
    assert (len(found), len(prometheus.queries)) == (1_000, 4)


async def test_how_long_requests_took_is_told_by_workload_and_bound(
    prometheus: Prometheus, metrics: PrometheusMetrics
) -> None:
    prometheus.vectors = {
        "durations": [bucket("100", "93.5"), bucket("+Inf", "99"), bucket("+Inf", "7", "a")]
    }
    found = await metrics.durations([CHECKOUT, PAYMENTS], WINDOW)
    assert found == {CHECKOUT: {100.0: 93.5, math.inf: 99.0}}
    assert len(prometheus.queries) == 1


@pytest.mark.parametrize("bound", ["many", None])
async def test_a_bucket_without_a_bound_is_no_answer(
    prometheus: Prometheus, metrics: PrometheusMetrics, bound: str | None
) -> None:
    prometheus.vectors = {"durations": [series("1") if bound is None else bucket(bound, "1")]}
    with pytest.raises(Unavailable, match="it answered with a vector that cannot be read"):
        await metrics.durations([CHECKOUT], WINDOW)


async def test_nobody_is_asked_about_nothing(prometheus: Prometheus, metrics: PrometheusMetrics) -> None:
    assert await metrics.read([], WINDOW) == {}
    assert prometheus.queries == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (success([1, "2"], "scalar"), "it answered with a scalar that was not asked for"),
        (success([1, "x"], "string"), "it answered with a string that was not asked for"),
        (success([], "matrix"), "it answered with a matrix that was not asked for"),
        (success([{"metric": {}, "value": [1, "2"]}]), "it answered with a vector that cannot be read"),
        (success([series("many")]), "it answered with a vector that cannot be read"),
        (success(7), "it answered with a vector that cannot be read"),
        (web.json_response({"status": "success"}), "it answered with a shape that was not asked for"),
        (web.json_response([]), "it answered 200: no success"),
        (web.Response(text="<html>", content_type="text/html"), "it answered 200 and no JSON"),
        (web.Response(text="<html>", status=502), "it answered 502 and no JSON"),
        (
            web.Response(
                text=json.dumps({"status": "error", "errorType": "execution", "error": "too many samples"}),
                status=422,
            ),
            "it answered 422: too many samples",
        ),
        (web.Response(status=302, headers={"Location": "/elsewhere"}), "TooManyRedirects"),
    ],
)
async def test_what_is_no_answer_is_unavailable(
    prometheus: Prometheus, metrics: PrometheusMetrics, answer: web.Response, said: str
) -> None:
    prometheus.other = answer
    assert await why(metrics) == said


async def test_a_prometheus_that_hangs_is_unavailable(
    prometheus: Prometheus, metrics: PrometheusMetrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.1)
    prometheus.released.clear()
    assert await why(metrics) == "no answer within 0.1 s"


async def test_a_prometheus_that_is_not_there_is_unavailable() -> None:
    metrics = PrometheusMetrics(f"http://127.0.0.1:{unused_port()}")
    assert await why(metrics) == "it cannot be reached"
    metrics.close()


async def test_windows_read_at_once_share_the_question_of_the_newest_sample(
    metrics: PrometheusMetrics, prometheus: Prometheus
) -> None:
    await asyncio.gather(*(metrics.read([CHECKOUT], seconds * WINDOW) for seconds in (1, 2, 3)))

    kinds = [prometheus._kind(query) for query in prometheus.queries]
    assert sorted(kinds) == ["errors"] * 3 + ["newest"] + ["p95"] * 3 + ["requests"] * 3


async def test_failures_are_told_before_the_p95_and_cost_no_question_more(
    metrics: PrometheusMetrics, prometheus: Prometheus
) -> None:
    prometheus.vectors = {"requests": [series("200")], "errors": [series("3")], "p95": [series("182.5")]}
    prometheus.held = "p95"
    prometheus.released.clear()
    reading = asyncio.create_task(metrics.read([CHECKOUT], WINDOW))

    failures = await metrics.failures([CHECKOUT], WINDOW)

    assert not reading.done()
    assert failures == {CHECKOUT: Reading(requests=200.0, errors=3.0, p95=None, newest=None)}
    prometheus.released.set()
    assert (await reading)[CHECKOUT].p95 == 182.5
    assert len(prometheus.queries) == 4
