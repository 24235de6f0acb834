"""The page's server passes on what is right, refuses what is wrong, and fetches nothing from elsewhere."""

import re
from typing import Any

import aiohttp
import pytest

from sandbox.page.server import STATIC
from tests.sandbox.page.conftest import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

SERVICE = {"service": "checkout", "version": "v1.3.0"}


async def ask(stage: Stage, verb: str, body: Any) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as http, http.post(f"{stage.url}world/{verb}", json=body) as got:
        return got.status, await got.json()


async def test_wrong_arguments_are_named_and_nothing_is_done(stage: Stage) -> None:
    broken = {**SERVICE, "errors": 1.5, "latency_ms": 0, "crash": False}
    assert [
        await ask(stage, "break_version", broken),
        await ask(stage, "break_version", {**broken, "errors": 1, "crash": "no"}),
        await ask(stage, "heal", {"service": "checkout"}),
        await ask(stage, "heal", {"service": "checkout", "version": ""}),
        await ask(stage, "edit_route", {"service": "checkout", "stable": -1, "canary": 1}),
        await ask(stage, "stop", {"part": "moon"}),
        await ask(stage, "explode", {}),
        await ask(stage, "edit_route", {"service": "checkout", "stable": 0, "canary": 0}),
    ] == [
        (400, {"error": "errors must be a number from 0 to 1"}),
        (400, {"error": "crash must be true or false"}),
        (400, {"error": "version is missing"}),
        (400, {"error": "version must be a text"}),
        (400, {"error": "stable must be a whole number from 0 to 1000"}),
        (400, {"error": "part must be one of redis, prometheus, envoy, kubernetes"}),
        (404, {"error": "no such verb: explode"}),
        (409, {"error": "weights of 0 and 0 would freeze the route"}),
    ]
    assert stage.world.done == []


async def test_the_page_comes_with_its_policy_and_its_personas(stage: Stage) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(stage.url) as got:
            assert got.headers["content-security-policy"].startswith("default-src 'self'")
        async with http.get(f"{stage.url}page/setup") as got:
            setup = await got.json()
    assert [persona["name"] for persona in setup["personas"]] == ["ana", "dee", "bo", "cy"]
    assert setup["suggestions"][1] == "/release status"


async def test_no_static_file_names_another_host_or_is_longer_than_300_lines() -> None:
    files = [file for file in STATIC.rglob("*") if file.is_file()]
    addresses = {a for file in files for a in re.findall(r"https?://[\w.]+", file.read_text())}
    assert addresses <= {"http://www.w3.org"}
    assert {file.name for file in files if len(file.read_text().splitlines()) > 300} == set()
