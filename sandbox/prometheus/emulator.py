"""The Prometheus emulator: an HTTP endpoint over the store."""

import math
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

import promql_parser
from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.background import Background
from sandbox.prometheus import answers
from sandbox.prometheus.errors import ExecutionError, QueryError, UnreadableError
from sandbox.prometheus.evaluate import evaluate, parse
from sandbox.prometheus.scrape import Scraper, Target
from sandbox.prometheus.store import Labels, Store
from sandbox.prometheus.vectors import Window, key

_MOST_STEPS = 11_000


class PrometheusEmulator:
    """Scrapes `targets` and answers queries on 127.0.0.1.

    `port` 0 takes a free port at the first start; later starts use the same one. Samples survive a stop. Texts in
    `warnings` are added to every answer, as a Prometheus with partial data does.
    """

    def __init__(self, targets: Sequence[Target], port: int = 0, interval_s: float = 1.0) -> None:
        self.store = Store()
        self.warnings: list[str] = []
        self._scraper = Scraper(self.store, targets, interval_s)
        self._port = port
        self._runner: web.AppRunner | None = None
        self._background = Background()

    async def start(self) -> None:
        """Listen and scrape."""
        app = web.Application()
        app.router.add_get("/-/ready", self._ready)
        app.router.add_get("/-/healthy", self._healthy)
        for path, answer in (
            ("query", self._query),
            ("query_range", self._query_range),
            ("labels", self._labels),
        ):
            app.router.add_route("GET", f"/api/v1/{path}", answer)
            app.router.add_route("POST", f"/api/v1/{path}", answer)
        app.middlewares.append(_errors)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self._background.start(self._scraper.run())

    async def stop(self) -> None:
        """Stop answering and scraping; safe to call twice."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None
        await self._background.stop()

    async def close(self) -> None:
        """Stop it for good and forget its samples."""
        await self.stop()
        self.store = Store()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    async def _ready(self, _: web.Request) -> web.Response:
        return web.Response(text="Prometheus Server is Ready.\n")

    async def _healthy(self, _: web.Request) -> web.Response:
        return web.Response(text="Prometheus Server is Healthy.\n")

    async def _labels(self, _: web.Request) -> web.Response:
        return web.json_response(answers.success(self.store.label_names()))

    async def _query(self, request: web.Request) -> web.Response:
        parameters = await _parameters(request)
        at = _moment(parameters, "time", default=time.time())
        value = evaluate(parse(parameters.get("query", "")), self.store, at)
        return web.json_response(answers.success(answers.instant(value, at), self.warnings))

    async def _query_range(self, request: web.Request) -> web.Response:
        parameters = await _parameters(request)
        start, end = _moment(parameters, "start"), _moment(parameters, "end")
        step = _step(parameters.get("step", ""))
        if end < start:
            raise UnreadableError('invalid parameter "end": end timestamp must not be before start time')
        if (end - start) // step > _MOST_STEPS:
            raise UnreadableError("exceeded maximum resolution of 11,000 points per timeseries.")
        expression = parse(parameters.get("query", ""))
        rows = self._over_time(expression, range(start, end + 1, step))
        return web.json_response(answers.success(answers.over_time(rows), self.warnings))

    def _over_time(
        self, expression: promql_parser.Expr, moments: range
    ) -> list[tuple[Labels, list[tuple[int, float]]]]:
        labels: dict[frozenset[tuple[str, str]], Labels] = {}
        points: defaultdict[frozenset[tuple[str, str]], list[tuple[int, float]]] = defaultdict(list)
        for at in moments:
            value = evaluate(expression, self.store, at)
            if isinstance(value, Window):
                raise ExecutionError(
                    "a range query takes an instant vector or a scalar, not a range of samples"
                )
            elements = (
                [({}, value)] if isinstance(value, float) else [(each.labels, each.value) for each in value]
            )
            for metric, number in elements:
                labels[key(metric)] = metric
                points[key(metric)].append((at, number))
        return [(labels[each], points[each]) for each in sorted(points, key=sorted)]


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except QueryError as error:
        return web.json_response(answers.failure(error), status=error.status)


async def _parameters(request: web.Request) -> Mapping[str, str]:
    """Parameters of the address and, for a POST, of the form."""
    form = await request.post() if request.method == "POST" else {}
    return {**request.query, **{name: value for name, value in form.items() if isinstance(value, str)}}


def _moment(parameters: Mapping[str, str], name: str, default: float | None = None) -> int:
    """A time parameter, seconds since 1970 or RFC 3339, in ms."""
    text = parameters.get(name)
    if text is None and default is not None:
        return round(default * 1000)
    try:
        seconds = float(text or "")
    except ValueError:
        seconds = _rfc3339(text or "")
    if not math.isfinite(seconds):
        raise UnreadableError(f'invalid parameter "{name}": cannot parse "{text or ""}" to a valid timestamp')
    return round(seconds * 1000)


def _rfc3339(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return math.nan
    return moment.timestamp() if moment.tzinfo else math.nan


def _step(text: str) -> int:
    """A step, in seconds or as a duration such as `15s`, in ms."""
    try:
        step = float(text)
    except ValueError:
        step = _duration(text)
    if not (math.isfinite(step) and step * 1000 >= 1):
        raise UnreadableError(f'invalid parameter "step": cannot parse "{text}" to a valid duration')
    return round(step * 1000)


def _duration(text: str) -> float:
    try:
        return promql_parser.parse_duration(text).total_seconds()
    except ValueError:
        return math.nan
