"""VirtualServices as Envoy's route configuration. No I/O."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from sandbox.mesh.directory import Directory
from sandbox.mesh.matches import Envoy, route_matches
from sandbox.mesh.objects import Object, World, full_host, name_of, oldest_first

ROUTES = "mesh"

_DURATION_PARTS = {"ms": Fraction(1, 1000), "s": Fraction(1), "m": Fraction(60), "h": Fraction(3600)}
_RETRY_ON = "connect-failure,refused-stream,unavailable,cancelled"
_RETRY_ATTEMPTS = 2


def route_configuration(world: World, directory: Directory) -> Envoy:
    """One virtual host a service, found by the Host header; a VirtualService where there is one, else all pods."""
    by_host: dict[str, Object | None] = dict.fromkeys(directory.ports)
    for virtual_service in oldest_first(world.virtual_services):
        spec = virtual_service["spec"]
        if "mesh" not in (spec.get("gateways") or ["mesh"]):
            continue
        for host in spec.get("hosts") or ():
            full = full_host(host, name_of(virtual_service).namespace)
            by_host[full] = by_host.get(full) or virtual_service
    hosts = [_virtual_host(host, found, directory) for host, found in sorted(by_host.items())]
    return {"name": ROUTES, "ignore_port_in_host_matching": True, "virtual_hosts": hosts}


def _virtual_host(host: str, virtual_service: Object | None, directory: Directory) -> Envoy:
    short = host.removesuffix(".svc.cluster.local")
    domains = [host] if short == host else [host, f"{short}.svc", short]
    if virtual_service is None:
        routes = [{"route": [{"destination": {"host": host}}]}]
        namespace = ""
    else:
        routes = virtual_service["spec"].get("http") or []
        namespace = name_of(virtual_service).namespace
    router = _Router(directory, namespace)
    return {
        "name": host,
        "domains": domains,
        "routes": [each for route in routes for each in router.routes(route)],
    }


@dataclass(frozen=True, slots=True)
class _Router:
    """Translates the routes of one VirtualService, whose namespace completes short host names."""

    directory: Directory
    namespace: str

    def routes(self, route: Mapping[str, Any]) -> Iterator[Envoy]:
        """Yield one Envoy route for each of the alternatives in `match`."""
        action = self._action(route)
        for match in route.get("match") or [None]:
            yield {"match": route_matches(match), **action, **_header_changes(route.get("headers"))}

    def _action(self, route: Mapping[str, Any]) -> Envoy:
        if direct := route.get("directResponse"):
            body = {"inline_string": direct["body"].get("string", "")} if "body" in direct else None
            return {"direct_response": {"status": direct["status"], **({"body": body} if body else {})}}
        return {
            "route": {
                "weighted_clusters": {"clusters": self._clusters(route.get("route") or [])},
                "timeout": _duration(route.get("timeout", "0s")),
                **_retries(route.get("retries")),
                **self._mirrors(route),
                **_rewrite(route.get("rewrite") or {}),
            }
        }

    def _clusters(self, destinations: list[Mapping[str, Any]]) -> list[Envoy]:
        """Split each destination's weight over its groups by pod count; none of either stays a 503 for its share.

        All weights 0 makes an empty list on purpose: Envoy refuses it, as it refuses istiod's.
        """
        alone = len(destinations) == 1
        shares: list[tuple[str, Fraction, Envoy]] = []
        for each in destinations:
            weight = 1 if alone else each.get("weight", 0)
            changes = _header_changes(each.get("headers"))
            pods = self._pods(each["destination"])
            total = sum(pods.values())
            shares += [(cluster, Fraction(weight * count, total), changes) for cluster, count in pods.items()]
        scale = lcm(*(share.denominator for _, share, _ in shares))
        return [{"name": name, "weight": int(share * scale), **rest} for name, share, rest in shares if share]

    def _pods(self, destination: Mapping[str, Any]) -> dict[str, int]:
        host = full_host(destination["host"], self.namespace)
        subset = destination.get("subset", "")
        found = self.directory.shares(host, subset, (destination.get("port") or {}).get("number"))
        return found or {f"missing|{subset}|{host}": 1}

    def _mirrors(self, route: Mapping[str, Any]) -> Envoy:
        mirrors = list(route.get("mirrors") or ())
        if mirror := route.get("mirror"):
            mirrors.append({"destination": mirror, "percentage": route.get("mirrorPercentage")})
        policies = []
        for each in mirrors:
            percent = Fraction(str((each.get("percentage") or {}).get("value", 100)))
            pods = self._pods(each["destination"])
            policies += [
                {
                    "cluster": cluster,
                    "runtime_fraction": {"default_value": _percent(percent * count / sum(pods.values()))},
                }
                for cluster, count in pods.items()
            ]
        return {"request_mirror_policies": policies} if policies else {}


def _percent(percent: Fraction) -> Envoy:
    return {"numerator": round(percent * 10_000), "denominator": "MILLION"}


def _retries(retries: Mapping[str, Any] | None) -> Envoy:
    """Istio's default: two more attempts at other hosts when connecting failed."""
    retries = retries or {}
    attempts = retries.get("attempts", _RETRY_ATTEMPTS)
    if attempts == 0:
        return {}
    predicate = {
        "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
    }
    policy: Envoy = {
        "retry_on": retries.get("retryOn", _RETRY_ON),
        "num_retries": attempts,
        "retry_host_predicate": [
            {"name": "envoy.retry_host_predicates.previous_hosts", "typed_config": predicate}
        ],
        "host_selection_retry_max_attempts": 5,
    }
    if "perTryTimeout" in retries:
        policy["per_try_timeout"] = _duration(retries["perTryTimeout"])
    return {"retry_policy": policy}


def _rewrite(rewrite: Mapping[str, Any]) -> Envoy:
    changes = {"prefix_rewrite": rewrite.get("uri"), "host_rewrite_literal": rewrite.get("authority")}
    return {key: value for key, value in changes.items() if value}


def _header_changes(headers: Mapping[str, Any] | None) -> Envoy:
    """Translate `set`, `add` and `remove` of request and response."""
    changes: Envoy = {}
    for side, operations in (headers or {}).items():
        added = [
            _header(name, value, "OVERWRITE_IF_EXISTS_OR_ADD") for name, value in _items(operations, "set")
        ]
        added += [
            _header(name, value, "APPEND_IF_EXISTS_OR_ADD") for name, value in _items(operations, "add")
        ]
        if added:
            changes[f"{side}_headers_to_add"] = added
        if removed := operations.get("remove"):
            changes[f"{side}_headers_to_remove"] = list(removed)
    return changes


def _items(operations: Mapping[str, Any], kind: str) -> list[tuple[str, str]]:
    return list((operations.get(kind) or {}).items())


def _header(name: str, value: str, action: str) -> Envoy:
    return {"header": {"key": name, "value": value}, "append_action": action}


def _duration(text: str) -> str:
    """Go's duration (`1m30s`, `250ms`) as protobuf's JSON (`90s`)."""
    parts = re.findall(r"([0-9.]+)(ms|s|m|h)", text)
    return f"{float(sum(Fraction(number) * _DURATION_PARTS[unit] for number, unit in parts)):.9f}s"
