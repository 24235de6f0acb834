from sandbox.mesh.load import Result
from sandbox.mesh.objects import ServiceName
from sandbox.mesh.telemetry import Second, Telemetry, VersionView

_CHECKOUT = ServiceName("shop", "checkout")


def _result(at: float, version: str, status: int = 200, latency_ms: float = 10) -> Result:
    return Result(at, _CHECKOUT, version, status, latency_ms)


def _view(version: str, rate: float, share: float, errors: float, *latencies: float) -> VersionView:
    return VersionView("checkout", "shop", version, rate, share, errors, *latencies)


def test_the_view_covers_the_last_five_whole_seconds() -> None:
    telemetry = Telemetry(clock=lambda: 1010.5)
    telemetry.observe(_result(1004.9, "v1.2.9"))
    for index in range(15):
        telemetry.observe(_result(1005 + index / 3, "v1.2.9", latency_ms=index))
    telemetry.observe(_result(1009.9, "v1.3.0", 500))
    telemetry.observe(_result(1009.9, "v1.3.0", 200, latency_ms=30))
    telemetry.observe(_result(1010.4, "v1.3.0"))
    assert telemetry.now() == [
        _view("v1.2.9", 3.0, 15 / 17, 0.0, 7, 14),
        _view("v1.3.0", 0.4, 2 / 17, 0.5, 10, 30),
    ]


def test_history_has_each_finished_second_and_forgets_after_two_minutes() -> None:
    now = [1000.0]
    telemetry = Telemetry(clock=lambda: now[0])
    telemetry.observe(_result(1000.1, "v1.2.9"))
    telemetry.observe(_result(1002.1, "v1.3.0", 0))
    assert telemetry.history() == []
    now[0] = 1003.0
    assert telemetry.history() == [
        Second(1000, [_view("v1.2.9", 1.0, 1.0, 0.0, 10, 10)]),
        Second(1002, [_view("v1.3.0", 1.0, 1.0, 1.0, 10, 10)]),
    ]
    now[0] = 1122.0
    assert [second.at for second in telemetry.history()] == [1002]


def test_without_requests_there_is_nothing_to_see() -> None:
    telemetry = Telemetry(clock=lambda: 1000.0)
    assert telemetry.now() == []
    assert telemetry.history() == []
