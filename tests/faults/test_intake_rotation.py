"""Secrets that are changed while the bot runs: for a while the old and the new one count, without a restart."""

from pathlib import Path

import pytest

from bot.config.secrets import Secret, Secrets
from handlers.app import ALERTS_PATH, public, slack_gate
from tests.fakes.journal import FakeJournal
from tests.unit.handlers.asgi import call
from tests.unit.handlers.slack_world import SlackWorld, command


class Rotating(SlackWorld):
    """The public application, its secrets in files."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.signing, self.alerting = folder / "signing", folder / "alerting"
        secrets = Secrets(
            Secret("SLACK_BOT_TOKEN"),
            Secret("SLACK_SIGNING_SECRET", file=self.signing),
            Secret("LOCKMASTER_ALERT_TOKEN", file=self.alerting),
        )
        journal = FakeJournal(self.clock, self.outage)
        gate = slack_gate("/release", self.talk, secrets, journal, self.clock)
        self.app = public(gate, self.desk, secrets)
        self._typed = 0

    def replace(self, file: Path, text: str) -> None:
        """As a kubelet does it: a new file in the old one's place."""
        new = file.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(file)

    async def typed(self, secret: str) -> int:
        """The status of a command signed with that secret."""
        self._typed += 1
        body = command(f"status {self._typed}")
        return (await self.send(body, self.signed(body, secret))).status

    async def alerted(self, token: str) -> int:
        """The status of a notice that brings that token; 400, because it is none, means that the token was taken."""
        headers = {"Authorization": f"Bearer {token}".encode()}
        return (await call(self.app, ALERTS_PATH, b"{}", headers)).status


@pytest.fixture
def world(tmp_path: Path) -> Rotating:
    return Rotating(tmp_path)


async def test_f67_two_signing_secrets_count_during_a_rotation_and_the_old_one_not_after_it(
    world: Rotating,
) -> None:
    answers = []
    for text in ("old\n", "new\nold\n", "new,old", "new"):
        world.replace(world.signing, text)
        answers.append([await world.typed("old"), await world.typed("new"), await world.typed("none")])

    assert answers == [[200, 401, 401], [200, 200, 401], [200, 200, 401], [401, 200, 401]]


async def test_f67_two_webhook_tokens_count_during_a_rotation_and_the_old_one_not_after_it(
    world: Rotating,
) -> None:
    answers = []
    for text in ("old\n", "new\nold\n", "new,old", "new"):
        world.replace(world.alerting, text)
        answers.append([await world.alerted("old"), await world.alerted("new"), await world.alerted("none")])

    assert answers == [[400, 401, 401], [400, 400, 401], [400, 400, 401], [401, 400, 401]]


@pytest.mark.parametrize("left", ["", "\n"])
async def test_f67_a_file_that_is_empty_in_the_middle_of_it_changes_nothing(
    world: Rotating, left: str
) -> None:
    world.replace(world.signing, "old")
    assert await world.typed("old") == 200

    world.replace(world.signing, left)

    assert await world.typed("old") == 200
    assert await world.typed("") == 401


async def test_f67_a_file_that_never_could_be_read_lets_nobody_in(world: Rotating) -> None:
    assert await world.typed("old") == 401
    assert await world.alerted("old") == 401
    world.signing.write_bytes(b"\xff\xfe")
    world.alerting.write_bytes(b"\xff\xfe")

    assert await world.typed("old") == 401
    assert await world.alerted("old") == 401
