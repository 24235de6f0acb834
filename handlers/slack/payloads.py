"""What Slack's payloads say, as the values of the desks. Everything read here was signed by Slack."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.ports.desks import Origin, Request

# The renderer numbers repeated actions of one message: `promote`, `promote~2`.
REPEAT = "~"


@dataclass(frozen=True, slots=True)
class Press:
    """One press on a button."""

    action: str
    value: str


@dataclass(frozen=True, slots=True)
class Luggage:
    """What a dialog carries beside its own `private`: where the press was that opened it, and how to answer there."""

    channel_id: str
    channel_name: str
    response_url: str
    private: str

    def packed(self) -> str:
        """The text that Slack keeps with the dialog."""
        return json.dumps([self.channel_id, self.channel_name, self.response_url, self.private])

    @classmethod
    def unpacked(cls, text: str) -> "Luggage":
        """Read what `packed` wrote. Raises `ValueError` for anything else."""
        found = json.loads(text)
        if not isinstance(found, list) or [type(part) for part in found] != [str] * 4:
            raise ValueError("this dialog is not ours")
        return cls(*found)


def of_command(body: Mapping[str, Any], request: Request) -> Origin:
    """Who typed a command, and where."""
    return Origin(
        user_id=body.get("user_id", ""),
        user_name=body.get("user_name", ""),
        team_id=body.get("team_id", ""),
        channel_id=body.get("channel_id", ""),
        channel_name=body.get("channel_name", ""),
        response_url=body.get("response_url", ""),
        trigger_id=body.get("trigger_id", ""),
        request=request,
    )


def of_press(body: Mapping[str, Any], request: Request) -> Origin:
    """Who pressed a button, and where."""
    return _of_person(body, request, _part(body, "channel"), body.get("response_url", ""))


def of_submission(body: Mapping[str, Any], request: Request, luggage: Luggage) -> Origin:
    """Who submitted a dialog, and where the press was that opened it."""
    place = {"id": luggage.channel_id, "name": luggage.channel_name}
    return _of_person(body, request, place, luggage.response_url)


def press(action: Mapping[str, Any]) -> Press:
    """Which button it was."""
    return Press(str(action.get("action_id", "")).partition(REPEAT)[0], str(action.get("value", "")))


def typed_text(view: Mapping[str, Any]) -> str:
    """What was written into the one input of a dialog."""
    values = _part(_part(view, "state"), "values")
    for block in values.values():
        for element in block.values():
            return str(element.get("value") or "")
    return ""


def _of_person(
    body: Mapping[str, Any], request: Request, place: Mapping[str, Any], response_url: str
) -> Origin:
    person = _part(body, "user")
    return Origin(
        user_id=person.get("id", ""),
        user_name=person.get("username") or person.get("name", ""),
        team_id=person.get("team_id") or _part(body, "team").get("id", ""),
        channel_id=place.get("id", ""),
        channel_name=place.get("name", ""),
        response_url=response_url,
        trigger_id=body.get("trigger_id", ""),
        request=request,
    )


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}
