"""Istio's match conditions as Envoy's route matches. No I/O."""

from collections.abc import Mapping
from typing import Any

Envoy = dict[str, Any]


def route_matches(match: Mapping[str, Any] | None) -> Envoy:
    """Translate one HTTPMatchRequest; None matches every request."""
    match = match or {}
    found = _path(match.get("uri") or {}, ignore_case=bool(match.get("ignoreUriCase")))
    headers = [_header(name, value) for name, value in (match.get("headers") or {}).items()]
    headers += [{**_header(name, value), "invert_match": True} for name, value in _without(match)]
    headers += [
        _header(name, match[field])
        for field, name in (("method", ":method"), ("authority", ":authority"), ("scheme", ":scheme"))
        if field in match
    ]
    if headers:
        found["headers"] = headers
    if parameters := match.get("queryParams"):
        found["query_parameters"] = [_parameter(name, value) for name, value in parameters.items()]
    return found


def _without(match: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list((match.get("withoutHeaders") or {}).items())


def _path(uri: Mapping[str, str], *, ignore_case: bool) -> Envoy:
    sensitive: Envoy = {"case_sensitive": False} if ignore_case else {}
    if "exact" in uri:
        return {"path": uri["exact"], **sensitive}
    if "regex" in uri:
        return {"safe_regex": {"regex": uri["regex"]}}
    return {"prefix": uri.get("prefix", "/"), **sensitive}


def _string(value: Mapping[str, str]) -> Envoy:
    if "regex" in value:
        return {"safe_regex": {"regex": value["regex"]}}
    return {kind: value[kind] for kind in ("exact", "prefix") if kind in value}


def _header(name: str, value: Mapping[str, str] | None) -> Envoy:
    return {"name": name, "string_match": _string(value)} if value else {"name": name, "present_match": True}


def _parameter(name: str, value: Mapping[str, str] | None) -> Envoy:
    return {"name": name, "string_match": _string(value)} if value else {"name": name, "present_match": True}
