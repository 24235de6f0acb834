"""The admin port."""

import pytest
from prometheus_client import CollectorRegistry, Counter
from starlette.applications import Starlette

from handlers.app import admin
from tests.unit.handlers.asgi import call


class Health:
    def __init__(self) -> None:
        self.started, self.stopping = True, False
        self.still: tuple[str, ...] = ()
        self.words = {"redis": "ok", "slack": "ok"}
        self.seconds = {"passes": 0.25}

    def stuck(self) -> tuple[str, ...]:
        return self.still

    def late(self) -> dict[str, float]:
        return self.seconds

    async def parts(self) -> dict[str, str]:
        return self.words


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def app(health: Health) -> Starlette:
    registry = CollectorRegistry()
    Counter("presses", "Presses on buttons", registry=registry).inc()
    return admin(health, registry)


async def test_it_lives_also_before_it_has_started(app: Starlette, health: Health) -> None:
    health.started = False
    assert (await call(app, "/livez", method="GET")).status == 200


async def test_it_is_not_ready_before_it_has_started(app: Starlette, health: Health) -> None:
    health.started = False
    answer = await call(app, "/readyz", method="GET")
    assert (answer.status, answer.json) == (503, {"status": "starting"})


async def test_it_is_not_ready_once_it_was_told_to_stop(app: Starlette, health: Health) -> None:
    health.stopping = True
    answer = await call(app, "/readyz", method="GET")
    assert (answer.status, answer.json) == (503, {"status": "stopping"})
    assert (await call(app, "/livez", method="GET")).status == 200


async def test_it_does_not_live_where_a_loop_of_its_own_is_stuck(app: Starlette, health: Health) -> None:
    health.still = ("passes", "sampler")
    answer = await call(app, "/livez", method="GET")
    assert (answer.status, answer.body) == (503, b"stuck: passes, sampler\n")


async def test_it_is_ready_when_every_part_is_there(app: Starlette) -> None:
    answer = await call(app, "/readyz", method="GET")
    assert (answer.status, answer.json) == (
        200,
        {"status": "ready", "parts": {"redis": "ok", "slack": "ok"}},
    )


async def test_it_stays_ready_while_a_part_is_away_and_says_which(app: Starlette, health: Health) -> None:
    health.words = {"redis": "unavailable", "slack": "ok"}
    answer = await call(app, "/readyz", method="GET")
    assert (answer.status, answer.json) == (
        200,
        {"status": "degraded", "parts": {"redis": "unavailable", "slack": "ok"}},
    )


async def test_metrics_are_in_prometheus_text_format(app: Starlette) -> None:
    answer = await call(app, "/metrics", method="GET")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert b"presses_total 1.0" in answer.body


async def test_its_metrics_say_how_late_it_is(app: Starlette) -> None:
    answer = await call(app, "/metrics", method="GET")
    assert b'\nlockmaster_late_seconds{what="passes"} 0.25\n' in answer.body


async def test_nobody_can_write_there(app: Starlette) -> None:
    assert (await call(app, "/metrics")).status == 405
