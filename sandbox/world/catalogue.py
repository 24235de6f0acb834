"""The catalogue the demo's bot reads: both services of the cluster, with bakes short enough to watch."""

from pathlib import Path

import yaml

from sandbox.kube.demo import NAMESPACE, REPLICAS

CHANNEL = "#shop-releases"
APPROVERS = "@shop-leads"
HARD_LIMIT_PERCENT = 5
"""Errors within 10 s that are too many at the first look."""

_DEFAULTS = {
    "namespace": NAMESPACE,
    "channel": CHANNEL,
    "strategy": {"canary": {"weights": [5, 25, 50, 100], "bake": "20s", "gate": "ask"}},
    "rules": {
        "errors": {"limit": "0.5%", "over": "1m", "hard": f"{HARD_LIMIT_PERCENT}%"},
        "p95": {"worse_than_stable": "20%", "over": "1m", "hard": "100%"},
        "min_requests": 30,
    },
    "approvers": {"promote": {"group": APPROVERS, "not_requester": True}, "rollback": "anyone"},
    "ready_within": "60s",
    "patience": "2m",
}


def write_catalogue(path: Path) -> Path:
    """Write `services.yaml` and return its path."""
    services = {name: _service(name) for name in REPLICAS}
    path.write_text(yaml.safe_dump({"defaults": _DEFAULTS, "services": services}, sort_keys=False))
    return path


def _service(name: str) -> dict[str, object]:
    # This mesh has every change in effect after some 0.1 s, so new subsets need not wait for slow proxies.
    istio = {"virtual_service": name, "destination_rule": name, "settle": "2s"}
    return {"image": f"registry.example/{NAMESPACE}/{name}", "traffic": {"istio": istio}}
