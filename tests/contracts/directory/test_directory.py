"""The suite of the port `Directory`: on the fake, and on Slack's adapter against the emulator."""

from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from adapters.slack.directory import SlackDirectory
from adapters.slack.door import SlackDoor
from bot.config.secrets import Secret
from bot.errors import Unavailable
from bot.ports.directory import Directory, Person
from sandbox.slack import SlackEmulator
from sandbox.slack.seed import Channel, UserGroup
from sandbox.slack.seed import Person as Member
from tests.fakes.clock import FakeClock
from tests.fakes.directory import FakeDirectory

ANA = Person("U0ANA00001", "ana", active=True)
LEFT = Person("U0LEFT0001", "left", active=False)
ROOM, ROOM_ID = "#shop-releases", "C0RELEASES"
TEAM = frozenset({"U0ANA00001", "U0DEE00001", "U0BO000001", "U0LOCKMAST"})


class World(Protocol):
    @property
    def directory(self) -> Directory: ...
    def go_away(self) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self.directory = FakeDirectory({ANA.id: ANA, LEFT.id: LEFT}, {ROOM: TEAM, ROOM_ID: TEAM})
        self.directory.team("@shop-leads", "U0BO000001")

    def go_away(self) -> None:
        self.directory.away = True


class OverTheWire:
    def __init__(self, slack: SlackEmulator, directory: SlackDirectory) -> None:
        self.directory = directory
        self._slack = slack
        slack.workspace.add_person(Member(LEFT.id, LEFT.name, "Who Left", deleted=True))

    def go_away(self) -> None:
        self._slack.faults.fail("*", 503)


@pytest.fixture
async def slack() -> AsyncIterator[SlackEmulator]:
    async with SlackEmulator() as emulator:
        yield emulator


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def directory(slack: SlackEmulator, clock: FakeClock) -> AsyncIterator[SlackDirectory]:
    door = SlackDoor(slack.api_url, Secret("SLACK_BOT_TOKEN", slack.bot_token))
    yield SlackDirectory(door, clock)
    await door.close()


@pytest.fixture(params=["fake", "slack"])
def world(request: pytest.FixtureRequest, slack: SlackEmulator, directory: SlackDirectory) -> World:
    return InMemory() if request.param == "fake" else OverTheWire(slack, directory)


async def test_a_member_is_known_and_active(world: World) -> None:
    assert await world.directory.person(ANA.id) == ANA


async def test_one_who_left_is_known_and_not_active(world: World) -> None:
    assert await world.directory.person(LEFT.id) == LEFT


async def test_more_people_than_slack_tells_of_one_by_one_are_looked_up_together(
    slack: SlackEmulator, directory: SlackDirectory
) -> None:
    crowd = [Member(f"U0CROWD{number}", f"crowd{number}", "Crowd") for number in range(5)]
    for member in crowd:
        slack.workspace.add_person(member)
    slack.limits.scale = 0.02

    found = [await directory.person(member.id) for member in crowd]

    assert found == [Person(member.id, member.name, active=True) for member in crowd]
    assert len(slack.calls_of("users.list")) == 1


async def test_an_unknown_id_is_nobody(world: World) -> None:
    assert await world.directory.person("U0NOBODY01") is None


@pytest.mark.parametrize("channel", [ROOM, ROOM_ID])
async def test_members_are_found_by_name_and_by_id(world: World, channel: str) -> None:
    assert await world.directory.members(channel) == TEAM


@pytest.mark.parametrize("channel", ["#nowhere", "C0NOWHERE1"])
async def test_nobody_is_in_a_channel_that_does_not_exist(world: World, channel: str) -> None:
    assert await world.directory.members(channel) == frozenset()


async def test_a_group_is_found_by_its_handle(world: World) -> None:
    assert await world.directory.group("@shop-leads") == {"U0BO000001"}


async def test_nobody_is_in_a_group_that_does_not_exist(world: World) -> None:
    assert await world.directory.group("@nobody") == frozenset()


async def test_a_directory_that_cannot_be_asked_is_unavailable(world: World) -> None:
    world.go_away()
    with pytest.raises(Unavailable) as away:
        await world.directory.group("@shop-leads")
    assert away.value.part == "slack"


@pytest.mark.parametrize(
    "outsider",
    [
        Member("U1", "x", "X", is_bot=True),
        Member("U1", "x", "X", is_restricted=True),
        Member("U1", "x", "X", is_ultra_restricted=True),
        Member("U1", "x", "X", is_stranger=True),
        Member("U1", "x", "X", team_id="T0ELSEWHERE"),
    ],
    ids=["bot", "guest of some channels", "guest of one channel", "stranger", "other organisation"],
)
async def test_outsiders_are_not_active(
    slack: SlackEmulator, directory: SlackDirectory, outsider: Member
) -> None:
    slack.workspace.add_person(outsider)
    assert await directory.person("U1") == Person("U1", "x", active=False)


async def test_an_answer_counts_for_a_minute_and_no_longer(
    slack: SlackEmulator, directory: SlackDirectory, clock: FakeClock
) -> None:
    assert await directory.members(ROOM) == TEAM
    slack.workspace.channel(ROOM).members.remove("U0BO000001")
    clock.step(59)
    assert await directory.members(ROOM) == TEAM
    clock.step(1)
    assert await directory.members(ROOM) == TEAM - {"U0BO000001"}


async def test_while_slack_is_away_an_answer_counts_for_a_minute_and_no_longer(
    slack: SlackEmulator, directory: SlackDirectory, clock: FakeClock
) -> None:
    assert await directory.group("@shop-leads") == {"U0BO000001"}
    slack.faults.fail("*", 500)
    clock.step(59)
    assert await directory.group("@shop-leads") == {"U0BO000001"}
    clock.step(1)
    with pytest.raises(Unavailable):
        await directory.group("@shop-leads")


async def test_long_lists_are_read_to_their_end(slack: SlackEmulator, directory: SlackDirectory) -> None:
    crowd = {f"U{number:05}" for number in range(2_500)}
    slack.workspace.channel(ROOM).members.extend(sorted(crowd))
    assert await directory.members(ROOM_ID) == TEAM | crowd


async def test_a_channel_is_found_on_a_later_page(slack: SlackEmulator, directory: SlackDirectory) -> None:
    many = [Channel(f"C{number:05}", f"room-{number}", ["U0ANA00001"]) for number in range(1_200)]
    slack.workspace.channels.update({channel.id: channel for channel in many})
    assert await directory.members("#room-1199") == {"U0ANA00001"}


async def test_an_empty_group_is_empty(slack: SlackEmulator, directory: SlackDirectory) -> None:
    slack.workspace.groups["S1"] = UserGroup("S1", "ghosts", "Ghosts")
    assert await directory.group("@ghosts") == frozenset()
