"""Whose turn it is."""

import asyncio

from adapters.kubernetes.urgency import Bucket, Urgency
from tests.fakes.clock import FakeClock, settle


async def wait_for(bucket: Bucket, urgency: Urgency, name: str, served: list[str]) -> None:
    await bucket.take(urgency)
    served.append(name)


async def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    clock = FakeClock()
    bucket, served = Bucket(clock, rate=10, burst=3), list[str]()
    tasks = [asyncio.create_task(wait_for(bucket, Urgency.READ, str(n), served)) for n in range(5)]

    await settle()
    assert served == ["0", "1", "2"]
    await clock.advance(0.1)
    assert served == ["0", "1", "2", "3"]
    await clock.advance(0.1)
    await asyncio.gather(*tasks)
    assert served == ["0", "1", "2", "3", "4"]


async def test_watches_go_before_reads_and_those_before_writes() -> None:
    clock = FakeClock()
    bucket, served = Bucket(clock, rate=1, burst=1), list[str]()
    await bucket.take(Urgency.READ)
    order = [Urgency.WRITE, Urgency.READ, Urgency.WATCH, Urgency.WRITE, Urgency.READ]
    tasks = [
        asyncio.create_task(wait_for(bucket, urgency, f"{urgency.name} {n}", served))
        for n, urgency in enumerate(order)
    ]

    await clock.advance(10)

    await asyncio.gather(*tasks)
    assert served == ["WATCH 2", "READ 1", "READ 4", "WRITE 0", "WRITE 3"]


async def test_a_rollback_waits_for_no_token_and_the_others_pay_for_it() -> None:
    clock = FakeClock()
    bucket, served = Bucket(clock, rate=1, burst=1), list[str]()
    await bucket.take(Urgency.READ)
    read = asyncio.create_task(wait_for(bucket, Urgency.READ, "read", served))
    await settle()

    for number in range(2):
        await wait_for(bucket, Urgency.ROLLBACK, f"rollback {number}", served)

    assert served == ["rollback 0", "rollback 1"]
    await clock.advance(2.9)
    assert served == ["rollback 0", "rollback 1"]
    await clock.advance(0.2)
    await read
    assert served == ["rollback 0", "rollback 1", "read"]


async def test_nobody_goes_while_the_server_asks_even_a_rollback_for_patience() -> None:
    clock = FakeClock()
    bucket, served = Bucket(clock, rate=10, burst=10), list[str]()
    bucket.hold(2, Urgency.ROLLBACK)
    tasks = [
        asyncio.create_task(wait_for(bucket, Urgency.WRITE, "write", served)),
        asyncio.create_task(wait_for(bucket, Urgency.ROLLBACK, "rollback", served)),
    ]

    await clock.advance(1.9)
    assert served == []
    await clock.advance(0.2)
    await asyncio.gather(*tasks)
    assert served == ["rollback", "write"]


async def test_who_gave_up_takes_no_token() -> None:
    clock = FakeClock()
    bucket, served = Bucket(clock, rate=1, burst=1), list[str]()
    await bucket.take(Urgency.READ)
    gone = asyncio.create_task(wait_for(bucket, Urgency.READ, "gone", served))
    left = asyncio.create_task(wait_for(bucket, Urgency.READ, "left", served))
    await settle()
    gone.cancel()

    await clock.advance(1)

    await left
    assert served == ["left"]


async def test_a_closed_bucket_lets_its_waiters_go() -> None:
    bucket = Bucket(FakeClock(), rate=1, burst=1)
    await bucket.take(Urgency.READ)
    waiter = asyncio.create_task(bucket.take(Urgency.READ))
    await settle()

    await bucket.close()

    await asyncio.gather(waiter, return_exceptions=True)
    assert waiter.cancelled()
