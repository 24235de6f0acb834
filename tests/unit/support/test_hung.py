"""What a hung test says."""

import asyncio

from tests.support.hung import waiting


async def test_it_names_each_await_down_to_the_one_that_never_ends() -> None:
    async def inner() -> None:
        await asyncio.Event().wait()

    async def outer() -> None:
        await inner()

    task = asyncio.create_task(outer(), name="hung")
    await asyncio.sleep(0)
    *_, told = waiting().partition("hung\n")
    lines = told.splitlines()
    assert [line.rpartition(" in ")[2].rpartition(".")[2] for line in lines[:3]] == ["outer", "inner", "wait"]
    assert "test_hung.py:" in lines[0]
    task.cancel()
