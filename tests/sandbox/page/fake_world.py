"""A world of two services that remembers what was done to it."""

from math import sin
from typing import Any

from sandbox.page.world import Moment, Part, Pod, Sample, Service, Telemetry, Version, WorldError

START = 1_800_000_000
CANARY_FROM = 40


class FakeWorld:
    """`done` holds each verb with its arguments; the traffic drawn is made up but steady."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.parts: dict[Part, str] = dict.fromkeys(
            ("bot", "redis", "prometheus", "envoy", "kubernetes"), "running"
        )
        self.broken = False

    async def telemetry(self) -> Telemetry:
        return {"services": [self._checkout(), _payments()], "parts": dict(self.parts)}

    async def break_version(
        self, service: str, version: str, *, errors: float, latency_ms: float, crash: bool
    ) -> None:
        self.done.append(("break_version", service, version, errors, latency_ms, crash))
        self.broken = True

    async def heal(self, service: str, version: str) -> None:
        self.done.append(("heal", service, version))

    async def fire_alert(self, service: str, version: str) -> str:
        self.done.append(("fire_alert", service, version))
        return "R-1042 rolls back"

    async def kill_bot(self) -> None:
        self.parts["bot"] = "stopped"

    async def start_bot(self) -> None:
        self.parts["bot"] = "running"

    async def stop(self, part: Part) -> None:
        self.parts[part] = "stopped"

    async def start(self, part: Part) -> None:
        self.parts[part] = "running"

    async def edit_route(self, service: str, stable: int, canary: int) -> None:
        if stable + canary == 0:
            raise WorldError("weights of 0 and 0 would freeze the route")
        self.done.append(("edit_route", service, stable, canary))

    async def set_load(self, service: str, rps: float) -> None:
        self.done.append(("set_load", service, rps))

    def _checkout(self) -> Service:
        reason = "CrashLoopBackOff" if self.broken else ""
        canary = [_pod("checkout-canary-6d4f9c7b8-x2x9q", not self.broken, reason)]
        stable = [_pod(f"checkout-7f9d8b6c5-{end}", ready=True) for end in ("k4t2p", "m8s6w", "z1q7v")]
        return {
            "name": "checkout",
            "namespace": "shop",
            "weights_ordered": {"stable": 75, "canary": 25},
            "versions": [
                _version("v1.2.9", "stable", 0.752, 0.0011, stable),
                _version("v1.3.0", "canary", 0.248, 0.041 if self.broken else 0.0012, canary),
            ],
            "history": [_moment(second) for second in range(120)],
        }


def _payments() -> Service:
    pods = [_pod(f"payments-5c6b7d8f9-{end}", ready=True) for end in ("a1b2c", "d3e4f")]
    return {
        "name": "payments",
        "namespace": "shop",
        "weights_ordered": None,
        "versions": [_version("v4.0.1", "stable", 1.0, 0.0, pods)],
        "history": [
            {"t": START + second, "by_version": {"v4.0.1": _sample(1.0, 0.0, 90)}} for second in range(120)
        ],
    }


def _pod(name: str, ready: bool, reason: str = "") -> Pod:  # noqa: FBT001 - reads well in these few calls
    return {"name": name, "ready": ready, "phase": "Running", "reason": reason}


def _version(version: str, track: Any, share: float, errors: float, pods: list[Pod]) -> Version:
    return {
        "version": version,
        "track": track,
        "share": share,
        "rps": share * 80,
        "error_rate": errors,
        "p50_ms": 42.0,
        "p95_ms": 181.0,
        "pods": pods,
        "trouble": "" if errors < 0.01 else "4.1 % errors",
    }


def _sample(share: float, errors: float, p95_ms: float) -> Sample:
    return {"share": share, "error_rate": errors, "p95_ms": p95_ms, "rps": share * 80}


def _moment(second: int) -> Moment:
    wave = sin(second / 4) * 6
    if second < CANARY_FROM:
        return {"t": START + second, "by_version": {"v1.2.9": _sample(1.0, 0.001, 178 + wave)}}
    share = 0.05 if second < 2 * CANARY_FROM else 0.25
    late = max(0, second - 105) * 0.006
    by_version = {
        "v1.2.9": _sample(1 - share, 0.0011, 178 + wave),
        "v1.3.0": _sample(share, late, 184 - wave),
    }
    return {"t": START + second, "by_version": by_version}
