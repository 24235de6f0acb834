"""A person's hold on a service."""

from inspect import cleandoc as block

from bot.release.phases import Phase
from tests.scenarios.theatre import Person, Theatre


async def test_a_lock_keeps_releases_away_until_it_is_taken_back(
    theatre: Theatre, ana: Person, dee: Person
) -> None:
    assert await ana.types('lock checkout "database migration"') == "checkout is locked: database migration."
    assert theatre.notice(-1) == "checkout is locked by @ana: database migration."
    assert await dee.types("checkout v1.3.0") == block("""
        checkout is locked: held by ana since 09:00 UTC (0 s): database migration.
        You are number 1 in the queue, and are told when it is free; nothing starts by itself.
        """)
    assert (
        await dee.types("status checkout")
        == "checkout             locked, held by ana since 09:00 UTC (0 s): database migration"
    )
    assert (
        await dee.types("locks")
        == "checkout             held by ana since 09:00 UTC (0 s): database migration"
    )
    answer = await dee.types("lock checkout mine now")
    assert answer == "checkout is locked already: held by ana since 09:00 UTC (0 s): database migration."
    answer = await dee.types("unlock checkout because the migration is over")
    assert answer == block("""
        checkout is unlocked.
        ana had locked it: database migration.
        """)
    assert theatre.notice(-1) == block("""
        checkout is unlocked by @dee: the migration is over.
        ana had locked it: database migration.
        """)
    assert theatre.whispered("U4DEE") == [
        block("""
            checkout is free now, and you are the first who waited. Nothing was started; type `/release checkout
            v1.3.0` to go.
            """),
    ]
    assert await dee.types("unlock checkout") == "checkout is not locked."
    assert theatre.audit() == [
        "ana: lock: done",
        "dee: refused: locked",
        "dee: refused: locked",
        "dee: unlock: done",
        "dee: refused: not_locked",
    ]


async def test_a_lock_ends_by_itself(theatre: Theatre, ana: Person, dee: Person) -> None:
    assert (
        await ana.types('lock checkout "database migration" for 2m')
        == "checkout is locked until 09:02 UTC: database migration."
    )
    assert (
        await dee.types("locks")
        == "checkout             held by ana since 09:00 UTC (0 s), until 09:02 UTC: database migration"
    )
    await theatre.pass_(121)
    assert await dee.types("locks") == "Nothing is locked."
    assert (await dee.types("checkout v1.3.0")).startswith("checkout v1.2.9 → v1.3.0 (R-1001) has started.")


async def test_the_holder_may_lock_again(theatre: Theatre, ana: Person) -> None:
    await ana.types("lock checkout migration for 2m")
    assert (
        await ana.types('lock checkout "it takes longer" for 1h')
        == "checkout is locked until 10:00 UTC: it takes longer."
    )


async def test_the_lock_of_a_release_is_not_unlocked_by_hand(
    theatre: Theatre, ana: Person, dee: Person
) -> None:
    await ana.types("checkout v1.3.0")
    await theatre.until(Phase.BAKING)
    assert await dee.types("unlock checkout") == block("""
        checkout is held by the live release R-1001 of ana.
        It is free when the release ends; /release rollback checkout ends it.
        """)
    assert await dee.types("lock checkout incident") == block("""
        checkout is locked already: held by ana (R-1001) since 09:00 UTC (3 s): v1.2.9 → v1.3.0.
        Pause the release instead.
        """)


async def test_a_store_that_was_emptied_is_no_way_round_a_live_release(
    theatre: Theatre, ana: Person, dee: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    theatre.flush()
    assert await dee.types("checkout v1.4.0") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001) is live, started by ana at 09:00 UTC.
        /release status checkout says where it stands.
        """)
    await theatre.pass_(12)
    assert (await dee.types("checkout v1.4.0")).splitlines()[
        1
    ] == "You are number 1 in the queue, and are told when it is free; nothing starts by itself."
    assert (await dee.types("payments v2.0.0")).splitlines()[
        0
    ] == "payments v1.2.9 → v2.0.0 (R-1002) has started."
    assert (
        await ana.types("rollback checkout")
        == "Rolling back checkout v1.2.9 → v1.3.0 (R-1001): traffic goes to v1.2.9."
    )
    assert theatre.weights() == "100/0"
    await theatre.until(Phase.ROLLED_BACK)


async def test_what_cannot_be_left_in_the_outbox_stops_nothing(
    theatre: Theatre, ana: Person, dee: Person
) -> None:
    theatre.mail.begin()
    assert await ana.types("lock checkout migration") == "checkout is locked: migration."
    assert await dee.types("checkout v1.3.0") == block("""
        checkout is locked: held by ana since 09:00 UTC (0 s): migration.
        You are number 1 in the queue, and are told when it is free; nothing starts by itself.
        """)
    theatre.mail.end()
    assert await ana.types("unlock checkout") == block("""
        checkout is unlocked.
        ana had locked it: migration.
        """)
