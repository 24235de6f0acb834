"""Whole releases as people live through them: they try again what went unanswered, and somebody starts the bot anew when it died.

And what must be true afterwards, wherever it died: the promises I1, I4 and I5, read from what the cluster, Slack and the store hold.
"""

import asyncio
import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from adapters.redis.door import door
from adapters.redis.journal import RedisJournal
from adapters.redis.releases import RedisReleases
from bot.errors import Unavailable
from bot.release.model import EventKind
from tests.faults.bots import Death
from tests.faults.stand import ANA, BO, STABLE, TARGET, Stand
from tests.support.layout import complaint
from tests.support.until import until

SERVICE = "checkout"
LONGEST = 90.0
AGAIN = 1.5
"""Seconds after which a person types again what changed nothing."""
PAUSE = 0.02
SETTLED = 10.0
"""Seconds that what is wrong is given to be put right."""
GONE = -2
"""The TTL of a key that is not there any more."""


@dataclass(frozen=True, slots=True)
class Story:
    """What is typed at the start, what at each phase and by whom, and what the cluster is to see of it."""

    name: str
    start: str
    replies: dict[str, tuple[str, str]]
    weights: tuple[int, ...]
    deployed: tuple[tuple[str, str, str], ...]
    phase: str
    said: str


CAME_AND_WENT = (("ADDED", "checkout-canary", TARGET), ("DELETED", "checkout-canary", TARGET))
PROMOTED = Story(
    name="promoted",
    start=f"{SERVICE} {TARGET} canary 50% 100% every 1s ask",
    replies={"gate": (f"promote {SERVICE}", BO)},
    weights=(0, 50, 100, 0),
    deployed=(CAME_AND_WENT[0], ("MODIFIED", SERVICE, TARGET), CAME_AND_WENT[1]),
    phase="promoted",
    said=f"{SERVICE} {STABLE} → {TARGET} ({{}}): done",
)
ROLLED_BACK = Story(
    name="rolled back",
    start=f"{SERVICE} {TARGET} canary 50% 100% every 1m ask",
    replies={"baking": (f'rollback {SERVICE} because "it is slow"', ANA)},
    weights=(0, 50, 0),
    deployed=CAME_AND_WENT,
    phase="rolled_back",
    said=f"{SERVICE} {STABLE} → {TARGET} ({{}}): rolled back",
)
STORIES = {story.name: story for story in (PROMOTED, ROLLED_BACK)}


@dataclass(slots=True)
class Telling:
    """One run of a story with a death in it. `died` is how often the bot did."""

    stand: Stand
    story: Story
    died: int = 0
    _typed: dict[str, float] = field(default_factory=dict)

    async def told(self, death: Death) -> None:
        """From the first word to the last trace; raises AssertionError when it does not come to an end."""
        await self.stand.start_bot(death)
        await self.goes_on()

    async def goes_on(self) -> None:
        """The rest of it, whoever is alive."""
        try:
            await until(self._done, within=LONGEST)
        except AssertionError:
            where = self.stand.route(SERVICE)
            raise AssertionError(f"stands at {where} after {LONGEST:g} s\n{self.stand.logs()}") from None

    async def _done(self) -> bool:
        """One look, and what a person does then; a store too busy to answer us is asked again."""
        with suppress(Unavailable), door():
            if self._over() and await self._quiet():
                return True
            await self._revive()
            await self._say()
        return False

    async def _revive(self) -> None:
        """Start a bot where none is alive."""
        if all(bot.ended.done() for bot in self.stand.bots):
            self.died += 1
            await self.stand.start_bot(Death())

    async def _say(self) -> None:
        """What a person would type now."""
        phase = self.stand.route(SERVICE).phase
        if phase in self.story.replies:
            await self._type(*self.story.replies[phase])
        elif not phase and not await self.release():
            await self._type(self.story.start, ANA)

    async def _type(self, text: str, user: str) -> None:
        key, now = f"{text} {self.stand.route(SERVICE).revision}", asyncio.get_running_loop().time()
        if now < self._typed.get(key, 0.0) + AGAIN:
            return
        self._typed[key] = now
        await self.stand.types(text, user)

    def _over(self) -> bool:
        return bool(self.stand.route(SERVICE).state.get("tidied"))

    async def _quiet(self) -> bool:
        """Whether nothing is left to say, and the store knows the end."""
        client, key = self.stand.store.client, self.stand.store.key
        waiting = await client.zcard(key("outbox", "ready")) + await client.zcard(key("outbox", "later"))
        record = await self.stand.record(self.stand.route(SERVICE).state["id"])
        return waiting == 0 and record is not None and record.tidied

    async def release(self) -> str | None:
        """The id of the release, once there is one anywhere."""
        live = await RedisReleases(self.stand.store).live()
        return self.stand.route(SERVICE).state.get("id") or next((one.id for one in live), None)


async def violations(stand: Stand, story: Story) -> list[str]:
    """Everything that is not as promised after a story, in words; empty when all is well.

    The bot may be about to do the last of it (to free the lock after it saved the record), so what is wrong must stay wrong.
    """
    end = asyncio.get_running_loop().time() + SETTLED
    found = ["the store never answered"]
    while found and asyncio.get_running_loop().time() < end:
        with suppress(Unavailable), door():
            found = await _violations(stand, story)
        await asyncio.sleep(PAUSE)
    return found


async def _violations(stand: Stand, story: Story) -> list[str]:
    written = stand.routes[SERVICE]
    release = written[-1].state["id"]
    return [
        *_in_the_cluster(stand, story),
        *await _in_the_store(stand, story, release),
        *_in_slack(stand, story, release),
        *[f"the key {found}" for found in await _keys(stand)],
    ]


def _in_the_cluster(stand: Stand, story: Story) -> list[str]:
    """I1, I4: revisions grow by one, no weight is ordered twice, one canary, one patch of stable."""
    written = stand.routes[SERVICE]
    wrong = []
    revisions = [one.revision for one in written]
    if revisions != list(range(len(written))):
        wrong.append(f"revisions of the route: {revisions}")
    weights = [one.canary for one in written]
    moved = tuple(one for i, one in enumerate(weights) if i == 0 or one != weights[i - 1])
    if moved != story.weights:
        wrong.append(f"weights of the canary: {moved}, not {story.weights}")
    if len({one.state["id"] for one in written if one.state}) != 1:
        wrong.append("more than one release held the route")
    deployed = tuple(one for one in stand.deployed if one[2] == TARGET)
    seen = tuple(one for i, one in enumerate(deployed) if one[0] != "MODIFIED" or one not in deployed[:i])
    changed = tuple(one for one in seen if one[:2] != ("MODIFIED", "checkout-canary"))
    if changed != story.deployed:
        wrong.append(f"Deployments: {changed}, not {story.deployed}")
    return wrong


async def _in_the_store(stand: Stand, story: Story, release: str) -> list[str]:
    """I5: one end, every event once, each in the audit log, the lock given back; and the record says what the route says."""
    wrong = []
    record = await stand.record(release)
    if record is None or record.phase != story.phase:
        wrong.append(f"the record: {record}")
    elif json.loads(record.for_storage()) != stand.route(SERVICE).state:
        wrong.append("record and route differ")
    client, key = stand.store.client, stand.store.key
    events = sorted((one.revision, one.kind) for one in await RedisReleases(stand.store).events(release))
    if [revision for revision, _ in events] != list(range(stand.route(SERVICE).revision + 1)):
        wrong.append(f"events: {events}")
    if [kind for _, kind in events].count(EventKind.ENDED) != 1:
        wrong.append(f"ends: {events}")
    audited = {(line.act, line.origin) for line in await RedisJournal(stand.store).tail(1000)}
    lacking = [one for one in events[1:] if (one[1], f"{release}:{one[0]}") not in audited]
    if lacking:
        wrong.append(f"not in the audit log: {lacking}")
    if held := await client.hgetall(key("locks")):
        wrong.append(f"still locked: {held}")
    return wrong


def _in_slack(stand: Stand, story: Story, release: str) -> list[str]:
    """One live message, and every other once."""
    posted: list[dict[str, Any]] = [
        (one.metadata or {}).get("event_payload") or {} for one in stand.slack.workspace.public(stand.place)
    ]
    keys = Counter(str(one.get("key", "")) for one in posted)
    wrong = [f"{count} messages {key}" for key, count in keys.items() if key and count != 1]
    cards = [message.text for message in stand.posted(f"{release}:card")]
    if cards != [story.said.format(release)]:
        wrong.append(f"the card: {cards}")
    # One that the store admitted too late was taken back, and typed again: it had an end of its own.
    own = [key for key in keys if key.startswith(f"{release}:")]
    ends = [key for key in own if key.endswith((":ended", ":ended:notice"))]
    if len(ends) != 2:
        texts = [message.text for key in ends for message in stand.posted(key)]
        wrong.append(f"told of the end: {texts}")
    return wrong


async def _keys(stand: Stand) -> list[str]:
    wrong = []
    prefix = stand.store.prefix
    async for name in stand.store.client.scan_iter(match=f"{prefix}:*", count=1000):
        ttl = await stand.store.client.ttl(name)
        found = complaint(name.decode().removeprefix(f"{prefix}:"), ttl)
        wrong += [found] if found and ttl != GONE else []
    return wrong
