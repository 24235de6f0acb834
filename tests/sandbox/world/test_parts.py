"""The parts of the world that can be tried alone: weights, alerts, what the page and a reader are shown."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.config.load import parse_catalogue
from bot.ports.desks import Alert
from handlers.notice import alerts
from sandbox.mesh.directory import Destination
from sandbox.mesh.objects import ServiceName
from sandbox.mesh.telemetry import VersionView
from sandbox.mesh.upstream_http import Behaviour
from sandbox.page.world import Weights
from sandbox.script.rendered import buttons_of, lines_of, readable, squeezed
from sandbox.world.alerts import notice
from sandbox.world.catalogue import write_catalogue
from sandbox.world.cluster import USUAL
from sandbox.world.environment import write_exports
from sandbox.world.meter import Period
from sandbox.world.telemetry import UNANSWERED, versions
from sandbox.world.weights import weights_of, with_weights

Json = dict[str, Any]


def destination(subset: str | None, weight: int | None = None) -> Json:
    told: Json = {"host": "checkout"} | ({"subset": subset} if subset else {})
    return {"destination": told} | ({"weight": weight} if weight is not None else {})


def route(*destinations: Json) -> Json:
    return {"spec": {"http": [{"name": "primary", "timeout": "3s", "route": list(destinations)}]}}


def pod(name: str, version: str, track: str = "", waiting: str = "") -> Json:
    labels = {"app": "checkout", "version": version} | ({"lockmaster.dev/track": track} if track else {})
    state = {"waiting": {"reason": waiting}} if waiting else {"running": {}}
    return {
        "metadata": {"name": name, "namespace": "shop", "labels": labels},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(not waiting)}],
            "containerStatuses": [{"state": state}],
        },
    }


def seen(version: str, share: float) -> VersionView:
    return VersionView("checkout", "shop", version, 10.0, share, 0.25, 50.0, 80.0)


def test_a_route_that_names_no_tracks_has_no_weights() -> None:
    assert weights_of(route(destination(None))) is None


def test_weights_are_read_and_written_and_all_else_is_left_alone() -> None:
    adopted = route(destination("stable", 95), destination("canary", 5))
    assert weights_of(adopted) == {"stable": 95, "canary": 5}
    edited = with_weights(adopted, {"stable": 60, "canary": 40})
    assert edited == route(destination("stable", 60), destination("canary", 40))["spec"]["http"]


def test_the_bot_reads_the_alert_as_alertmanagers() -> None:
    fired = datetime(2026, 11, 21, 12, 0, 0, 500_000, tzinfo=UTC)
    body = notice("checkout", "shop", "v1.3.0", fired)
    labels = {
        "alertname": "ErrorRateHigh",
        "namespace": "shop",
        "service": "checkout",
        "severity": "page",
        "version": "v1.3.0",
    }
    annotations = {"summary": "checkout v1.3.0 answers too many requests with errors"}
    fingerprint = body["alerts"][0]["fingerprint"]
    assert alerts(json.dumps(body).encode()) == (Alert("firing", labels, annotations, fired, fingerprint),)
    assert notice("checkout", "shop", "v1.3.0", fired)["alerts"][0]["fingerprint"] == fingerprint
    assert notice("payments", "shop", "v1.3.0", fired)["alerts"][0]["fingerprint"] != fingerprint


def test_the_bot_takes_the_catalogue(tmp_path: Any) -> None:
    written = write_catalogue(tmp_path / "services.yaml")
    assert parse_catalogue(written.read_text(), "services.yaml").names() == ("checkout", "payments")


def test_the_exports_are_for_their_owner_alone_and_survive_a_shell(tmp_path: Any) -> None:
    path = write_exports(tmp_path / "env", {"A": "plain", "B": "it's $HOME"})
    assert path.read_text() == "export A=plain\nexport B='it'\"'\"'s $HOME'\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_page_gets_each_version_with_its_pods_and_its_share() -> None:
    pods = [
        pod("checkout-1", "v1.2.9", "stable"),
        pod("checkout-canary-1", "v1.3.0", "canary", waiting="CrashLoopBackOff"),
    ]
    broken = {"v1.3.0": Behaviour(0.3, USUAL.latency_ms + 250, crash=True)}
    views = [seen("v1.2.9", 0.9), seen("", 0.1)]
    found = versions(pods, views, {"stable": 90, "canary": 10}, lambda version: broken.get(version, USUAL))
    figures = {"rps": 10.0, "error_rate": 0.25, "p50_ms": 50.0, "p95_ms": 80.0, "trouble": ""}
    nothing = {"share": 0.0, "rps": 0.0, "error_rate": 0.0, "p50_ms": 0.0, "p95_ms": 0.0}
    broken_by_hand = {"trouble": "30 % errors, +250 ms, crash loop"}
    serving = {"name": "checkout-1", "ready": True, "phase": "Running", "reason": ""}
    crashed = {"name": "checkout-canary-1", "ready": False, "phase": "Running", "reason": "CrashLoopBackOff"}
    assert found == [
        {"version": UNANSWERED, "track": "stable", "share": 0.1, "pods": [], **figures},
        {"version": "v1.2.9", "track": "stable", "share": 0.9, "pods": [serving], **figures},
        {"version": "v1.3.0", "track": "canary", "pods": [crashed], **nothing, **broken_by_hand},
    ]


@pytest.mark.parametrize(
    ("weights", "track"), [({"stable": 0, "canary": 100}, "canary"), ({"stable": 100, "canary": 0}, "stable")]
)
def test_a_version_on_both_tracks_is_drawn_where_the_weight_is(weights: Weights, track: str) -> None:
    pods = [pod("checkout-1", "v1.3.0", "stable"), pod("checkout-canary-1", "v1.3.0", "canary")]
    assert [each["track"] for each in versions(pods, [], weights, lambda _: USUAL)] == [track]


def cluster(service: str, subset: str, version: str) -> Destination:
    return Destination(ServiceName("shop", service), subset, service, version)


def test_a_periods_share_counts_from_its_begin_to_its_end() -> None:
    stable, canary = cluster("checkout", "stable", "v1"), cluster("checkout", "canary", "v2")
    other = cluster("payments", "canary", "v2")
    period = Period("checkout", {"stable": 90, "canary": 10}, 0.0, {stable: 100.0, canary: 10.0, other: 5.0})
    now = {stable: 190.0, canary: 20.0, other: 50.0}
    assert period.canary_share(now) == (0.1, 100)
    period.ended = {stable: 100.0, canary: 60.0}
    assert period.canary_share(now) == (1.0, 50)


def test_a_cluster_that_envoy_forgets_takes_nothing_from_its_successor() -> None:
    stable, before = cluster("checkout", "stable", "v1"), cluster("checkout", "canary", "v2")
    period = Period("checkout", {"stable": 95, "canary": 5}, 0.0, {stable: 100.0, before: 40.0})
    assert period.canary_share({stable: 195.0, cluster("checkout", "canary", "v3"): 5.0}) == (0.05, 100)


def test_a_message_is_read_as_a_screen_shows_it() -> None:
    message = {
        "text": "not shown where there are blocks",
        "blocks": [
            {"type": "header", "text": {"text": "checkout"}},
            {"type": "section", "text": {"text": "*R-1* by <@U1> in <#C1>, 3 &lt; 5"}},
            {"type": "section", "text": {"text": "```a  b\nc  *d*```"}},
            {"type": "context", "elements": [{"text": "at <!date^1^{time}|12:00>"}]},
            {
                "type": "actions",
                "block_id": "b",
                "elements": [{"type": "button", "action_id": "x", "text": {"text": "Go"}}],
            },
        ],
        "files": [{"name": "chart.png"}],
    }
    names = {"U1": "@ana", "C1": "#shop"}
    assert lines_of(message, names) == [
        *("checkout", "R-1 by @ana in #shop, 3 < 5", "a  b", "c  *d*", "at 12:00", "[Go]", "[file chart.png]")
    ]
    assert [(each["block_id"], each["action_id"]) for each in buttons_of(message)] == [("b", "x")]


def test_a_message_without_blocks_is_its_text() -> None:
    assert lines_of({"text": "for <!subteam^S1>"}, {"S1": "@leads"}) == ["for @leads"]
    assert readable("<https://a.example/|there>", {}) == "there"


def test_words_are_compared_without_blanks_capitals_and_emphasis() -> None:
    assert squeezed("*Promote*  to\n25\u202f% `now`") == "promote to 25 % now"
