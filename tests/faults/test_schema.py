"""An older Lockmaster meets what a newer one wrote, and the other way round: what cannot be read is left alone, never guessed at."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.redis.door import Connection
from adapters.redis.journal import RedisJournal
from adapters.redis.locks import RedisLocks
from adapters.redis.outbox import RedisOutbox
from adapters.redis.releases import RedisReleases
from bot.ports.desks import Alert
from bot.release import stored
from bot.release.model import Release
from bot.release.phases import Phase
from bot.release.stored import Newer
from tests.scenarios.conftest import adopted, ana, quiet, theatre
from tests.scenarios.theatre import Person, Theatre, baking
from tests.support.stored_forms import FORMS, GOLDEN, fields_of, sample
from tests.support.valkey import redis, redis_prefix, valkey
from tests.support.values import audit, event, hold, instruction, parcel, release

__all__ = ["adopted", "ana", "quiet", "redis", "redis_prefix", "theatre", "valkey"]

NOT_READ = "was written by Lockmaster 9.0.0 (schema 2); this one, 0.1.0 (schema 1), cannot read it."
LEFT = "It is left as it stands until one that can runs again; a rollback still sends everything to stable."


def newer(text: str | bytes | None) -> str:
    """The same as a Lockmaster to come would write it: with a field that nobody knows yet."""
    assert text
    return json.dumps(json.loads(text) | {"schema": 2, "written_by": "9.0.0", "mood": "cautious"})


def as_text(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode()


def upgrade(theatre: Theatre) -> str:
    """A newer replica takes the release over, and writes its record; answers the record as it was."""
    route = theatre.cluster.route(theatre.service())
    assert route.state is not None
    before = route.state
    route.revision += 1
    record = json.loads(before) | {"revision": route.revision}
    route.state = newer(json.dumps(record))
    theatre.cluster.touch(route)
    return json.dumps(record)


def downgrade(theatre: Theatre, record: str) -> None:
    """The version that can read it is back."""
    route = theatre.cluster.route(theatre.service())
    route.state = record
    theatre.cluster.touch(route)


async def test_f06_a_release_of_a_newer_version_is_left_alone_and_goes_on_under_that_version(
    theatre: Theatre, ana: Person
) -> None:
    await baking(theatre, ana)
    record = upgrade(theatre)
    writes, known = len(theatre.cluster.writes), await theatre.release()
    await theatre.pass_(59)
    assert "stands still" not in theatre.notice(-1)
    await theatre.pass_(700)
    assert (len(theatre.cluster.writes), theatre.weights()) == (writes, "75/25")
    assert await theatre.release() == known
    assert flat(theatre.notice(-1)) == (
        f"checkout v1.2.9 → v1.3.0 (R-1001) stands still. R-1001 {NOT_READ} Run that version again and it goes on. Nothing decides"
        " about it meanwhile: no metric, no alert, no deadline. `/release rollback checkout` sends all its traffic to stable."
    )
    assert "stands still" in theatre.card()
    downgrade(theatre, record)
    await theatre.until(Phase.GATE)


async def test_f06_the_turn_of_a_newer_version_comes_soon_while_it_goes_on(
    theatre: Theatre, ana: Person
) -> None:
    await baking(theatre, ana)

    async def wait() -> float:
        due = await theatre.bot.reconciler.run("R-1001")
        assert due is not None
        return (due - theatre.clock.now()).total_seconds()

    upgrade(theatre)
    assert [await wait() for _ in range(7)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]
    upgrade(theatre)
    assert await wait() == 0.5


async def test_f06_whoever_asks_about_it_is_told_which_version_wrote_it(
    theatre: Theatre, ana: Person
) -> None:
    await baking(theatre, ana)
    upgrade(theatre)
    told = f"R-1001 {NOT_READ}\n{LEFT}"
    for asked in ("promote checkout", "pause checkout", "checkout v1.4.0"):
        assert flat(await ana.types(asked)) == flat(told)
    assert flat(await ana.types("status checkout")) == f"checkout R-1001 {NOT_READ}"
    with pytest.raises(Newer):
        await theatre.bot.office.live.by_id("R-1001")
    assert await theatre.bot.office.live.by_id("R-9") is None
    theatre.redis.begin()
    assert flat(await ana.types("show R-1001")) == flat(told)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("by", ["command", "button", "alert"])
async def test_f06_a_rollback_needs_no_record(theatre: Theatre, ana: Person, by: str) -> None:
    await baking(theatre, ana)
    token = (await theatre.release()).token
    record = upgrade(theatre)
    revision = theatre.cluster.route(theatre.service()).revision
    match by:
        case "command":
            said = await ana.types('rollback checkout because "it is slow"')
            assert (
                flat(said)
                == f"checkout v1.2.9 → v1.3.0 (R-1001): traffic goes to stable. R-1001 {NOT_READ} {LEFT}"
            )
        case "button":
            await theatre.bot.front.pressed(ana.speaks(), "pause", token)
            await theatre.bot.front.pressed(ana.speaks(), "roll_back", token)
        case _:
            for version, answer in (
                (None, f"R-1001 {NOT_READ} Nothing done"),
                ("v1.3.0", "R-1001: traffic sent to stable"),
            ):
                assert (await theatre.bot.alerts.fired((alert(version),))).reasons == (answer,)
    await theatre.pass_(1)
    route = theatre.cluster.route(theatre.service())
    assert (theatre.weights(), route.revision) == ("100/0", revision + 1)
    assert "mood" in str(route.state)
    assert "everything to stable, its record unread" in (await theatre.journal.tail(1))[0].text
    downgrade(theatre, record)
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.cluster.route(theatre.service()).revision > revision + 1


def alert(version: str | None) -> Alert:
    labels = {"alertname": "Slow", "service": "checkout"} | ({"version": version} if version else {})
    return Alert("firing", labels, {}, datetime.now(UTC) + timedelta(days=900), "f1")


async def test_f06_traffic_stays_where_stable_has_no_ready_pod(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    upgrade(theatre)
    theatre.cluster.deployments["shop", "checkout"].ready = 0
    await ana.types("rollback checkout")
    await theatre.pass_(1)
    assert theatre.weights() == "75/25"


async def test_f06_an_ended_release_of_a_newer_version_holds_nothing_up(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 1s auto")
    await theatre.until(Phase.PROMOTED)
    await theatre.pass_(60)
    upgrade(theatre)
    await theatre.pass_(30)
    assert await ana.types("checkout v1.4.0 canary 25% every 1s auto") is not None
    await theatre.until(Phase.PROMOTED)
    assert (await theatre.release("R-1002")).target == "v1.4.0"


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__name__)
def test_f06_what_schema_1_looked_like_is_read_for_good(kind: type[stored.Stored]) -> None:
    """Where this fails after a field was added: raise SCHEMA, write a step, and keep the old golden file beside the new one."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))[kind.__name__]
    assert kind.from_storage(json.dumps(golden["full"])) == sample(kind)
    assert golden["fields"] == fields_of(kind)
    assert kind.from_storage(json.dumps(golden["least"])).schema_version == 1


def test_f06_an_older_record_is_migrated_step_by_step_as_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(kind: str, fields: dict[str, object]) -> dict[str, object]:
        renamed = {"Release": "because", "Event": "text"}[kind]
        return {renamed: fields.pop("why"), **fields}

    monkeypatch.setattr(stored, "MIGRATIONS", {0: step})
    wanted = release(because="it is time", recent=(event(),))
    old = json.loads(wanted.for_storage()) | {"schema": 0}
    old["why"] = old.pop("because")
    for one in old["recent"]:
        one |= {"schema": 0, "why": one.pop("text")}
    assert Release.from_storage(json.dumps(old)) == wanted


@pytest.mark.parametrize("text", ["", "7", '{"schema": "one"}', '{"schema": 1}', '{"id": "R-1"}'])
def test_f06_a_damaged_record_is_no_newer_one(text: str) -> None:
    with pytest.raises(ValidationError):
        Release.from_storage(text)


def test_f06_a_field_more_is_not_dropped_even_where_the_number_was_forgotten() -> None:
    careless = json.loads(release().for_storage()) | {"mood": "cautious"}
    with pytest.raises(Newer) as told:
        Release.from_storage(json.dumps(careless))
    assert (told.value.release, told.value.service, told.value.ended) == ("R-1001", "checkout", False)


async def test_f06_the_store_leaves_what_is_newer_where_it_is(redis: Connection) -> None:
    client, key = redis.client, redis.key
    releases, locks, outbox, journal = (
        RedisReleases(redis),
        RedisLocks(redis),
        RedisOutbox(redis),
        RedisJournal(redis),
    )
    await releases.save(release(), (event(),), ())
    await releases.save(release("R-1002", service="cart"), (), ())
    await releases.instruct("R-1002", instruction("wish"))
    await locks.hold(hold(), None)
    await journal.append(audit("one"))
    await outbox.put(parcel("hello"))
    await client.hset(key("release", "R-1001"), "text", newer(release().for_storage()))
    for name, length in ((key("events", "R-1001"), 6), (key("inbox", "R-1002"), 15)):
        for field, text in (await client.hgetall(name)).items():
            await client.hset(name, field, as_text(text)[:length] + newer(text[length:]))
    await client.hset(key("locks"), "checkout", newer(await client.hget(key("locks"), "checkout")))
    box = key("outbox", "parcel", "hello")
    await client.hset(box, "body", newer(await client.hget(box, "body")))
    await client.xadd(key("audit"), {"record": newer(audit("two").model_dump_json())})

    assert await releases.live() == (release("R-1002", service="cart"),)
    assert await releases.history("checkout", 5) == ()
    assert await releases.events("R-1001") == ()
    assert await releases.recall("R-1002") == (release("R-1002", service="cart"), ())
    assert await locks.all() == ()
    assert [one.text for one in await journal.tail(5)] == ["one"]
    assert await outbox.take("me") is None
    assert await client.zscore(key("outbox", "later"), "hello") is not None
    for asked in (releases.load("R-1001"), locks.get("checkout"), locks.hold(hold("bo"), None)):
        with pytest.raises(Newer):
            await asked


def test_the_writer_is_this_version() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert f'\nversion = "{release().written_by}"\n' in project.read_text(encoding="utf-8")


async def test_f06_a_rollback_of_what_is_home_already_writes_nothing(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    upgrade(theatre)
    await ana.types("rollback checkout")
    await theatre.pass_(1)
    writes = len(theatre.cluster.writes)
    await ana.types("rollback checkout")
    await theatre.pass_(1)
    assert len(theatre.cluster.writes) == writes


async def test_f06_a_parked_release_that_ends_elsewhere_is_not_looked_at_again(
    theatre: Theatre, ana: Person
) -> None:
    await baking(theatre, ana)
    upgrade(theatre)
    await theatre.pass_(1)
    route = theatre.cluster.route(theatre.service())
    route.state = json.dumps(json.loads(str(route.state)) | {"phase": "promoted"})
    theatre.cluster.touch(route)
    assert await theatre.bot.reconciler.run("R-1001") is None
