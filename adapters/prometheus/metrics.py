"""The port `Metrics` over Prometheus' HTTP API, on Istio's standard metrics."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import requests
from prometheus_api_client.prometheus_connect import PrometheusConnect
from urllib3.util import Retry

from adapters.prometheus.answers import Vector, histograms, moment, number, vector
from adapters.prometheus.promql import PUSHES, REJECTS, Question, durations, grown, presence, questions
from bot.errors import Unavailable
from bot.ports.metrics import Histogram, Reading, WorkloadKey
from bot.release.observed import MeshSeen

SECONDS = 3.0
Answer = TypeVar("Answer")
FAILURES = (Question.REQUESTS, Question.ERRORS)
THREADS = 8  # two rounds of the four questions: one that hangs does not hold up the next


class PrometheusMetrics:
    """Four queries a reading, side by side, however many workloads are asked about; the same one is asked once at a time."""

    def __init__(self, url: str) -> None:
        self._session = requests.Session()
        self._session.max_redirects = 0
        # no retry of its own: the next reading is a second away
        self._connect = PrometheusConnect(
            url.rstrip("/"), session=self._session, retry=Retry(0), method="POST"
        )
        self._under_way: dict[str, asyncio.Future[Any]] = {}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="prometheus")

    async def read(
        self, workloads: Collection[WorkloadKey], window: timedelta
    ) -> Mapping[WorkloadKey, Reading]:
        """Readings over the window that ends now. Raises `Unavailable("prometheus", cause)`."""
        return await self._read(workloads, window, Question)

    async def failures(
        self, workloads: Collection[WorkloadKey], window: timedelta
    ) -> Mapping[WorkloadKey, Reading]:
        """See the port. Raises `Unavailable("prometheus", cause)`."""
        return await self._read(workloads, window, FAILURES)

    async def durations(
        self, workloads: Collection[WorkloadKey], window: timedelta
    ) -> Mapping[WorkloadKey, Histogram]:
        """See the port. Raises `Unavailable("prometheus", cause)`."""
        (found,) = await self._all([self._answer(durations(workloads, window), histograms)])
        return {key: found[key] for key in workloads if key in found}

    async def mesh(self) -> MeshSeen | None:
        """See the port. Asks for istiod's own counters. Raises `Unavailable("prometheus", cause)`."""
        present, refused = await self._all(
            [self._answer(presence(PUSHES), number), self._answer(grown(REJECTS), number)]
        )
        return None if present is None else MeshSeen(away=present == 0, refused=refused or 0.0)

    async def _read(
        self, workloads: Collection[WorkloadKey], window: timedelta, wanted: Iterable[Question]
    ) -> Mapping[WorkloadKey, Reading]:
        if not workloads:
            return {}
        texts = questions(workloads, window)
        asked = {question: self._answer(texts[question], vector) for question in wanted}
        answers = await self._all(list(asked.values()))
        return _readings(workloads, dict(zip(asked, answers, strict=True)))

    async def _all(self, waits: Sequence[asyncio.Future[Answer | Unavailable]]) -> list[Answer]:
        """Wait for all of them, also when one has failed: threads must not pile up behind readings that were given up."""
        _, late = await asyncio.wait(waits, timeout=SECONDS)
        if late:
            raise Unavailable("prometheus", f"no answer within {SECONDS:g} s")
        return [_or_raise(wait.result()) for wait in waits]

    def _answer(
        self, query: str, read: Callable[[int, bytes], Answer]
    ) -> asyncio.Future[Answer | Unavailable]:
        """Ask once for all who want to know it now: the newest sample is the same whatever the window."""
        wait = self._under_way.get(query)
        if wait is None:
            wait = asyncio.get_running_loop().run_in_executor(self._threads, self._ask, query, read)
            self._under_way[query] = wait
            wait.add_done_callback(lambda _: self._under_way.pop(query))
        return wait

    def close(self) -> None:
        """Give connections and threads back; a query under way is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._connect.close()

    def _ask(self, query: str, read: Callable[[int, bytes], Answer]) -> Answer | Unavailable:
        """Ask, in a thread whose answer may be waited for by nobody any more: so a failure is a value, too."""
        try:
            return read(*self._asked(query))
        except Unavailable as failure:
            return failure

    def _asked(self, query: str) -> tuple[int, bytes]:
        # `custom_query` of the library drops warnings and puts a POST's query into the address
        try:
            response = self._session.post(
                f"{self._connect.url}/api/v1/query", data={"query": query}, timeout=SECONDS
            )
        except requests.Timeout:
            raise Unavailable("prometheus", f"no answer within {SECONDS:g} s") from None
        except requests.ConnectionError:
            raise Unavailable("prometheus", "it cannot be reached") from None
        except requests.RequestException as error:
            raise Unavailable("prometheus", type(error).__name__) from None
        return response.status_code, response.content


def _or_raise(answer: Answer | Unavailable) -> Answer:
    if isinstance(answer, Unavailable):
        raise answer
    return answer


def _readings(
    workloads: Collection[WorkloadKey], answers: Mapping[Question, Vector]
) -> dict[WorkloadKey, Reading]:
    warnings = tuple(dict.fromkeys(warning for answer in answers.values() for warning in answer.warnings))
    requests, errors, p95s, newest = (answers[one].values if one in answers else {} for one in Question)
    found = {}
    for key in workloads:
        served, at = requests.get(key), moment(newest.get(key))
        # a workload that never failed has no series of failures
        failed = errors.get(key, None if served is None else 0.0)
        when = None if at is None else datetime.fromtimestamp(at, UTC)
        found[key] = Reading(served, failed, p95s.get(key), when, warnings)
    return found
