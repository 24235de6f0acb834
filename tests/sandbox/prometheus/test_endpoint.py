from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from sandbox.prometheus.emulator import PrometheusEmulator
from tests.sandbox.prometheus.metrics_target import MetricsTarget
from tests.support.until import until


class _Client:
    """Asks an emulator that scrapes one target every 20 ms."""

    def __init__(
        self, target: MetricsTarget, emulator: PrometheusEmulator, session: aiohttp.ClientSession
    ) -> None:
        self.target = target
        self.emulator = emulator
        self.session = session

    async def get(self, path: str, **parameters: str) -> tuple[int, Any]:
        async with self.session.get(f"{self.emulator.url}{path}", params=parameters) as answer:
            return answer.status, await answer.json()

    async def names(self) -> set[str]:
        """Names of the metrics that answer now."""
        _, answer = await self.get("/api/v1/query", query='{job="mesh"}')
        return {each["metric"]["__name__"] for each in answer["data"]["result"]}

    async def until(self, wanted: Callable[[set[str]], bool]) -> None:
        """Wait for the metrics that answer to be as wanted."""

        async def as_wanted() -> bool:
            return wanted(await self.names())

        await until(as_wanted)


@pytest.fixture
async def client() -> AsyncIterator[_Client]:
    async with (
        MetricsTarget() as target,
        PrometheusEmulator([target.target], interval_s=0.02) as emulator,
        aiohttp.ClientSession() as session,
    ):
        found = _Client(target, emulator, session)
        await found.until(lambda names: "up" in names)
        yield found


async def test_an_instant_query_is_answered_by_get_and_post_alike(client: _Client) -> None:
    expected = {
        "status": "success",
        "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1700000000.5, "3"]}]},
    }
    parameters = {"query": "vector(1 + 2)", "time": "1700000000.5"}
    assert await client.get("/api/v1/query", **parameters) == (200, expected)
    assert await client.get("/api/v1/query", query="vector(3)", time="2023-11-14T22:13:20.5Z") == (
        200,
        expected,
    )
    async with client.session.post(f"{client.emulator.url}/api/v1/query", data=parameters) as answer:
        assert (answer.status, await answer.json()) == (200, expected)


async def test_labels_of_the_target_that_clash_are_kept_under_another_name(client: _Client) -> None:
    _, answer = await client.get("/api/v1/query", query="requests_total{code='500'} * 0", time="")
    assert answer == {
        "status": "error",
        "errorType": "bad_data",
        "error": 'invalid parameter "time": cannot parse "" to a valid timestamp',
    }
    _, answer = await client.get("/api/v1/query", query="requests_total{code='500'} * 0")
    address = client.target.target.address
    assert [each["metric"] for each in answer["data"]["result"]] == [
        {"code": "500", "exported_job": "mine", "job": "mesh", "instance": address}
    ]


async def test_a_series_that_leaves_the_target_ends_at_once(client: _Client) -> None:
    assert "leaving" in await client.names()
    client.target.leaving = False
    await client.until(lambda names: "leaving" not in names)
    assert {"up", "requests_total", "temperature"} <= await client.names()


async def test_a_target_that_cannot_be_read_is_down_and_its_series_end(client: _Client) -> None:
    client.target.broken = True
    await client.until(lambda names: names == {"up", "scrape_duration_seconds"})
    _, answer = await client.get("/api/v1/query", query="up")
    assert [each["value"][1] for each in answer["data"]["result"]] == ["0"]
    client.target.broken = False
    await client.until(lambda names: "requests_total" in names)


async def test_stopped_and_started_it_answers_at_the_same_port_with_what_it_knew(client: _Client) -> None:
    url = client.emulator.url
    client.target.broken = True
    await client.emulator.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.get("/-/ready")
    await client.emulator.start()
    assert client.emulator.url == url
    _, answer = await client.get("/api/v1/query", query="requests_total[1m]")
    assert answer["data"]["resultType"] == "matrix"
    assert len(answer["data"]["result"]) == 2


async def test_health_labels_and_warnings(client: _Client) -> None:
    async with client.session.get(f"{client.emulator.url}/-/ready") as answer:
        assert (answer.status, await answer.text()) == (200, "Prometheus Server is Ready.\n")
    async with client.session.get(f"{client.emulator.url}/-/healthy") as answer:
        assert (answer.status, await answer.text()) == (200, "Prometheus Server is Healthy.\n")
    labels = ["__name__", "code", "exported_job", "instance", "job", "le", "room", "version"]
    assert await client.get("/api/v1/labels") == (200, {"status": "success", "data": labels})
    client.emulator.warnings = ["shard 2 of 3 did not answer"]
    scalar = {"resultType": "scalar", "result": [5, "1"]}
    expected = {"status": "success", "data": scalar, "warnings": ["shard 2 of 3 did not answer"]}
    assert await client.get("/api/v1/query", query="1", time="5") == (200, expected)


async def test_a_range_query_gives_points_at_each_step(client: _Client) -> None:
    points = [[10, "10"], [10.5, "10.5"], [11, "11"]]
    expected = {
        "status": "success",
        "data": {"resultType": "matrix", "result": [{"metric": {}, "values": points}]},
    }
    found = await client.get("/api/v1/query_range", query="time()", start="10", end="11", step="500ms")
    assert found == (200, expected)
    errors = [
        (await client.get("/api/v1/query_range", query="time()", **parameters))[1]["error"]
        for parameters in (
            {"start": "10", "end": "9", "step": "1"},
            {"start": "10", "end": "11", "step": "0"},
            {"start": "0", "end": "11002", "step": "1"},
        )
    ]
    assert errors == [
        'invalid parameter "end": end timestamp must not be before start time',
        'invalid parameter "step": cannot parse "0" to a valid duration',
        "exceeded maximum resolution of 11,000 points per timeseries.",
    ]
