"""Arguments as Slack reads them: query, form or JSON, and what it says of wrong ones."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from sandbox.slack.api.tenant import Method, Parameter, ParameterType, SlackError
from sandbox.slack.message import Json

TRUE = {"true", "1"}
FALSE = {"false", "0", ""}


async def read(request: Request) -> tuple[Json, bool]:
    """Return the raw arguments of a call, and whether they came as JSON (then typed already)."""
    given: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind == "application/json":
        return given | await _json_body(request), True
    if kind == "application/x-www-form-urlencoded":
        given |= dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    return given, False


async def _json_body(request: Request) -> Json:
    body = await request.body()
    if not body:
        return {}
    try:
        held = json.loads(body)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(held, dict):
        raise SlackError("json_not_object")
    return held


def checked(method: Method, given: Json, *, as_json: bool) -> Json:
    """Arguments in their types; raises `invalid_arguments` with a line for each wrong one.

    A method that reads no JSON sees none of it, exactly as with Slack: its arguments are then missing.
    """
    if as_json and not method.takes_json:
        given = {}
    complaints: list[str] = []
    args: Json = {}
    for name, parameter in method.parameters.items():
        if given.get(name) is None or (given[name] == "" and parameter.required):
            if parameter.required:
                complaints.append(f"missing required field: {name}")
            continue
        read_value = _as_type(parameter, given[name])
        if isinstance(read_value, _Wrong):
            complaints.append(_complaint(name, parameter.type))
        else:
            args[name] = read_value
    if complaints:
        raise SlackError("invalid_arguments", complaints)
    return args


class _Wrong:
    """Stands for a value that is not of its type."""


def _complaint(name: str, kind: ParameterType) -> str:
    if name == "blocks":
        raise SlackError("invalid_blocks_format")
    article = "an" if kind == "integer" else "a"
    wanted = {"json": "valid JSON", "timestamp": "a timestamp"}.get(kind, f"{article} {kind}")
    return f"must provide {wanted} [json-pointer:/{name}]"


def _as_type(parameter: Parameter, value: Any) -> Any:
    return _READERS[parameter.type](value)


def _string(value: Any) -> Any:
    return value if isinstance(value, str) else _Wrong()


def _boolean(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    return True if word in TRUE else False if word in FALSE else _Wrong()


def _integer(value: Any) -> Any:
    if isinstance(value, bool):
        return _Wrong()
    try:
        return int(value)
    except (TypeError, ValueError):
        return _Wrong()


def _timestamp(value: Any) -> Any:
    try:
        float(value)
    except (TypeError, ValueError):
        return _Wrong()
    return str(value)


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return _Wrong()


_READERS: dict[ParameterType, Callable[[Any], Any]] = {
    "string": _string,
    "boolean": _boolean,
    "integer": _integer,
    "timestamp": _timestamp,
    "json": _json,
}
