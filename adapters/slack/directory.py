"""The port `Directory` over Slack's Web API."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from adapters.freshness import Fresh
from adapters.slack.door import SlackDoor, SlackRefusal
from bot.errors import Unavailable
from bot.ports.chat import RateLimited
from bot.ports.clock import Clock
from bot.ports.directory import Person

MOST_SECONDS_OLD = 60.0
PATIENCE = 2.0
PAGE = 1_000
_ALL = ""
_NOBODY = frozenset({"user_not_found", "users_not_found", "user_not_visible"})
_NO_PLACE = frozenset({"channel_not_found", "not_in_channel", "is_archived", "missing_channel"})
Answer = TypeVar("Answer")


class SlackDirectory:
    """Answers at most 60 s old; a question asked by many at once is asked once."""

    def __init__(self, door: SlackDoor, clock: Clock) -> None:
        self._door = door
        self._people = Fresh(clock, MOST_SECONDS_OLD, self._ask_person)
        self._everybody = Fresh(clock, MOST_SECONDS_OLD, self._ask_everybody)
        self._members = Fresh(clock, MOST_SECONDS_OLD, self._ask_members)
        self._groups = Fresh(clock, MOST_SECONDS_OLD, self._ask_group)
        self._channel_ids = Fresh(clock, MOST_SECONDS_OLD, self._ask_channels)
        self._handles = Fresh(clock, MOST_SECONDS_OLD, self._ask_handles)
        self._team = Fresh(clock, MOST_SECONDS_OLD, self._ask_team)

    async def person(self, user: str) -> Person | None:
        """None for an unknown id."""
        return await _in_time(self._people.get(user))

    async def members(self, channel: str) -> frozenset[str]:
        """Empty for a channel that does not exist, or that the bot cannot see."""
        return await _in_time(self._members.get(channel))

    async def group(self, handle: str) -> frozenset[str]:
        """Empty for a group that does not exist."""
        return await _in_time(self._groups.get(handle))

    async def _ask_person(self, user: str) -> Person | None:
        try:
            found = (await self._door.ask("users.info", user=user))["user"]
        except SlackRefusal as refusal:
            if refusal.word in _NOBODY:
                return None
            raise Unavailable("slack", refusal.word) from None
        except RateLimited:
            # Slack lets one ask about some hundred people a minute, or about all of them in a few pages.
            return (await self._everybody.get(_ALL)).get(user)
        return await self._person_of(found)

    async def _ask_everybody(self, _key: str) -> dict[str, Person]:
        pages = self._pages("users.list", limit=PAGE)
        return {user["id"]: await self._person_of(user) async for page in pages for user in page["members"]}

    async def _person_of(self, user: dict[str, Any]) -> Person:
        profile = user.get("profile", {})
        name = profile.get("display_name") or user.get("real_name") or user.get("name") or user["id"]
        return Person(user["id"], name, await self._is_active(user))

    async def _is_active(self, user: dict[str, Any]) -> bool:
        outside = (
            "deleted",
            "is_bot",
            "is_workflow_bot",
            "is_restricted",
            "is_ultra_restricted",
            "is_stranger",
        )
        if any(user.get(mark) for mark in outside):
            return False
        team = await self._team.get(_ALL)
        homes = {user.get("team_id"), *user.get("enterprise_user", {}).get("teams", ())}
        return team in homes

    async def _ask_team(self, _key: str) -> str:
        team: str = (await self._door.ask("auth.test"))["team_id"]
        return team

    async def _ask_members(self, channel: str) -> frozenset[str]:
        place: str | None = channel
        if channel.startswith("#"):
            place = (await self._channel_ids.get(_ALL)).get(channel[1:])
        if place is None:
            return frozenset()
        try:
            pages = self._pages("conversations.members", channel=place, limit=PAGE)
            return frozenset([user async for page in pages for user in page["members"]])
        except SlackRefusal as refusal:
            if refusal.word in _NO_PLACE:
                return frozenset()
            raise Unavailable("slack", refusal.word) from None

    async def _ask_channels(self, _key: str) -> dict[str, str]:
        kinds = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": PAGE}
        pages = self._pages("conversations.list", **kinds)
        return {channel["name"]: channel["id"] async for page in pages for channel in page["channels"]}

    async def _ask_group(self, handle: str) -> frozenset[str]:
        group = (await self._handles.get(_ALL)).get(handle.removeprefix("@"))
        if group is None:
            return frozenset()
        return frozenset((await self._door.ask("usergroups.users.list", usergroup=group))["users"])

    async def _ask_handles(self, _key: str) -> dict[str, str]:
        groups = (await self._door.ask("usergroups.list"))["usergroups"]
        return {group["handle"]: group["id"] for group in groups}

    async def _pages(self, method: str, **arguments: Any) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        while True:
            page = await self._door.ask(method, **arguments, **({"cursor": cursor} if cursor else {}))
            yield page
            cursor = page.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                return


async def _in_time(question: Coroutine[Any, Any, Answer]) -> Answer:
    try:
        async with asyncio.timeout(PATIENCE):
            return await question
    except TimeoutError:
        raise Unavailable("slack", f"no answer within {PATIENCE:g} s") from None
    except RateLimited as limited:
        raise Unavailable("slack", str(limited)) from None
    except SlackRefusal as refusal:
        raise Unavailable("slack", refusal.word) from None
