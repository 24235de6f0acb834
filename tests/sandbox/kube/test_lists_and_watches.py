"""Lists in chunks and by selector; watches from now, from the past, and from too long ago."""

import asyncio
import json
from collections.abc import AsyncGenerator

import aiohttp
import pytest

from sandbox.kube import KubeEmulator
from sandbox.kube.clock import LoopClock
from sandbox.kube.http.paths import Target
from sandbox.kube.http.views import View
from sandbox.kube.http.watching import Watch
from sandbox.kube.resources import CONFIG_MAP
from tests.sandbox.kube.wire import MAPS, MERGE, ROUTES, Json, Wire, config_map, virtual_service


def names(answer: tuple[int, Json]) -> list[str]:
    return [item["metadata"]["name"] for item in answer[1]["items"]]


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("app=a", ["one"]),
        ("app==a", ["one"]),
        ("app!=a", ["three", "two"]),
        ("app in (a, b)", ["one", "two"]),
        ("app notin (a),tier", ["two"]),
        ("tier", ["one", "two"]),
        ("!tier", ["three"]),
        ("", ["one", "three", "two"]),
    ],
)
async def test_a_label_selector_selects(wire: Wire, selector: str, found: list[str]) -> None:
    for name, labels in (
        ("one", {"app": "a", "tier": "x"}),
        ("two", {"app": "b", "tier": "x"}),
        ("three", {}),
    ):
        await wire.create(MAPS, config_map(name, labels=labels))
    assert names(await wire("GET", f"{MAPS}?labelSelector={selector}")) == found


async def test_a_field_selector_selects_by_known_fields_only(wire: Wire) -> None:
    await wire.create(MAPS, config_map("one"))
    await wire.create(MAPS.replace("default", "kube-system"), config_map("one"))
    assert names(await wire("GET", "/api/v1/configmaps")) == ["one", "one"]
    assert names(await wire("GET", "/api/v1/configmaps?fieldSelector=metadata.namespace=default")) == ["one"]
    assert names(await wire("GET", f"{MAPS}?fieldSelector=metadata.name!=one")) == []
    for bad in (
        "fieldSelector=data.a=1",
        "fieldSelector=x",
        "labelSelector=a%3D%3D%3Db",
        "limit=x",
        "continue=x",
    ):
        code, status = await wire("GET", f"{MAPS}?{bad}")
        assert (code, status["reason"]) == (400, "BadRequest"), bad


async def test_a_list_in_chunks_shows_one_moment(wire: Wire, kube: KubeEmulator) -> None:
    for name in ("a", "b", "c"):
        await wire.create(MAPS, config_map(name))
    code, first = await wire("GET", f"{MAPS}?limit=2")
    assert (code, names((code, first)), first["metadata"]["remainingItemCount"]) == (200, ["a", "b"], 1)
    await wire("DELETE", f"{MAPS}/c")
    await wire.create(MAPS, config_map("d"))
    token = first["metadata"]["continue"]
    rest = await wire("GET", f"{MAPS}?limit=2&continue={token}")
    assert (names(rest), "continue" in rest[1]["metadata"]) == (["c"], False)
    kube.store.compact()
    code, status = await wire("GET", f"{MAPS}?limit=2&continue={token}")
    assert (code, status["reason"]) == (410, "Expired")


async def test_a_list_of_an_exact_version_shows_the_past(wire: Wire) -> None:
    old = await wire.create(MAPS, config_map("a"))
    await wire.merge(f"{MAPS}/a", {"data": {"a": "2"}})
    version = old["metadata"]["resourceVersion"]
    code, past = await wire("GET", f"{MAPS}?resourceVersion={version}&resourceVersionMatch=Exact")
    assert (code, past["items"], past["metadata"]) == (200, [old], {"resourceVersion": version})


async def test_a_version_of_the_future_times_out(wire: Wire) -> None:
    code, status = await wire("GET", f"{MAPS}?resourceVersion=999999")
    assert (code, status["reason"]) == (504, "Timeout")


async def test_a_list_can_be_a_table_or_metadata_alone(wire: Wire) -> None:
    await wire.create(ROUTES, virtual_service())
    table = (
        await wire("GET", ROUTES, Accept="application/json;as=Table;v=v1;g=meta.k8s.io,application/json")
    )[1]
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Gateways", "Hosts", "Age"]
    assert table["rows"][0]["cells"] == ["web", "", '["web"]', "0s"]
    partial = (
        await wire("GET", ROUTES, Accept="application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")
    )[1]
    assert sorted(partial["items"][0]) == ["apiVersion", "kind", "metadata"]


async def test_a_watch_tells_each_change_at_once(wire: Wire) -> None:
    await wire.create(MAPS, config_map("before"))
    async with wire.watch(MAPS) as lines:
        assert await lines.brief() == ("ADDED", "before")
        created = await wire.create(MAPS, config_map("a"))
        assert await lines.next() == {"type": "ADDED", "object": created}
        changed = await wire.merge(f"{MAPS}/a", {"data": {"a": "2"}})
        assert await lines.next() == {"type": "MODIFIED", "object": changed}
        await wire("DELETE", f"{MAPS}/a")
        gone = await lines.next()
        assert (gone["type"], gone["object"]["data"]) == ("DELETED", {"a": "2"})
        assert int(gone["object"]["metadata"]["resourceVersion"]) > int(
            changed["metadata"]["resourceVersion"]
        )


async def test_a_watch_from_a_list_misses_nothing_and_repeats_nothing(wire: Wire) -> None:
    await wire.create(MAPS, config_map("a"))
    version = (await wire("GET", MAPS))[1]["metadata"]["resourceVersion"]
    await wire.create(MAPS, config_map("b"))
    async with wire.watch(f"{MAPS}?resourceVersion={version}") as lines:
        assert await lines.brief() == ("ADDED", "b")
        await wire.create(MAPS, config_map("c"))
        assert await lines.brief() == ("ADDED", "c")


async def test_an_object_enters_and_leaves_a_selection_as_added_and_deleted(wire: Wire) -> None:
    await wire.create(MAPS, config_map("a"))
    async with wire.watch(f"{MAPS}?labelSelector=on") as lines:
        await wire.merge(f"{MAPS}/a", {"metadata": {"labels": {"on": ""}}})
        assert await lines.brief() == ("ADDED", "a")
        await wire.merge(f"{MAPS}/a", {"metadata": {"labels": None}})
        assert await lines.brief() == ("DELETED", "a")


async def test_a_watch_of_one_namespace_does_not_see_another(wire: Wire) -> None:
    async with wire.watch(f"{MAPS}?fieldSelector=metadata.name=b") as lines:
        await wire.create(MAPS.replace("default", "kube-system"), config_map("b"))
        await wire.create(MAPS, config_map("a"))
        await wire.create(MAPS, config_map("b"))
        event = await lines.next()
        assert (event["object"]["metadata"]["name"], event["object"]["metadata"]["namespace"]) == (
            "b",
            "default",
        )


async def test_bookmarks_carry_the_newest_version(wire: Wire, kube: KubeEmulator) -> None:
    async with wire.watch(f"{MAPS}?allowWatchBookmarks=true") as lines:
        await wire.create(ROUTES, virtual_service())
        newest = ""
        while newest != str(kube.store.revision):  # the first may have come before the route did
            mark = await lines.next()
            assert (mark["type"], mark["object"]["kind"]) == ("BOOKMARK", "ConfigMap")
            newest = mark["object"]["metadata"]["resourceVersion"]


async def test_a_streamed_list_ends_with_a_marked_bookmark(wire: Wire) -> None:
    await wire.create(MAPS, config_map("a"))
    query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    async with wire.watch(f"{MAPS}?{query}") as lines:
        assert await lines.brief() == ("ADDED", "a")
        mark = await lines.next()
    assert mark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_watch_from_before_the_history_ends_with_gone(wire: Wire, kube: KubeEmulator) -> None:
    old = await wire.create(MAPS, config_map("a"))
    await wire.merge(f"{MAPS}/a", {"data": {"a": "2"}})
    kube.store.compact()
    version = old["metadata"]["resourceVersion"]
    async with wire.watch(f"{MAPS}?resourceVersion={version}") as lines:
        event = await lines.next()
        assert (event["type"], event["object"]["code"], event["object"]["reason"]) == (
            "ERROR",
            410,
            "Expired",
        )
        assert event["object"]["message"] == f"too old resource version: {version} ({kube.store.revision})"
        assert await lines.next() == {}
    code, status = await wire("GET", f"{MAPS}?resourceVersion={version}&resourceVersionMatch=Exact")
    assert (code, status["reason"]) == (410, "Expired")


async def test_a_short_history_forgets_by_itself(wire: Wire) -> None:
    async with KubeEmulator(history=3) as short:
        short_wire = Wire(wire._session, short.url)
        for name in "abcde":
            await short_wire.create(MAPS, config_map(name))
        async with short_wire.watch(f"{MAPS}?resourceVersion=2") as lines:
            assert (await lines.next())["type"] == "ERROR"


async def test_a_watch_ends_after_its_timeout_or_when_dropped(wire: Wire, kube: KubeEmulator) -> None:
    async with wire.watch(f"{MAPS}?timeoutSeconds=1") as lines, wire.watch(ROUTES) as other:
        await wire.create(MAPS, config_map("a"))
        assert await lines.brief() == ("ADDED", "a")
        assert kube.watches.count == 2
        kube.watches.drop()
        assert await lines.next() == {}
        assert await other.next() == {}
    async with wire.watch(f"{MAPS}?timeoutSeconds=1&resourceVersion={kube.store.revision}") as lines:
        assert await lines.next() == {}


async def test_a_client_that_leaves_is_forgotten(wire: Wire, kube: KubeEmulator) -> None:
    async with aiohttp.ClientSession() as session, Wire(session, kube.url).watch(MAPS) as lines:
        await wire.create(MAPS, config_map("a"))
        assert await lines.brief() == ("ADDED", "a")
    async with asyncio.timeout(30):
        while kube.watches.count:  # noqa: ASYNC110 -- the server says nothing when a client has left
            await asyncio.sleep(0)


async def test_a_merge_patch_under_a_race_is_applied_to_the_newest(wire: Wire) -> None:
    await wire.create(MAPS, config_map("a"))
    changes = [wire("PATCH", f"{MAPS}/a", {"data": {f"k{n}": "x"}}, MERGE) for n in range(20)]
    assert {code for code, _ in await asyncio.gather(*changes)} == {200}
    assert len((await wire("GET", f"{MAPS}/a"))[1]["data"]) == 21


async def test_a_change_told_of_while_a_bookmark_falls_due_goes_before_it(kube: KubeEmulator) -> None:
    """A bookmark says that nothing older follows."""
    target = Target(CONFIG_MAP, "v1", "default")
    watch = Watch(kube.store, target, {"allowWatchBookmarks": "true"}, View.OBJECT)
    lines = watch.lines(LoopClock(), 0.0)
    assert isinstance(lines, AsyncGenerator)
    assert await anext(lines) == b""
    following = asyncio.ensure_future(anext(lines))
    await asyncio.sleep(0)  # its wait has begun, and is over at the next turn
    kube.registry.create(CONFIG_MAP, "default", config_map("late"))
    assert json.loads(await following)["type"] == "ADDED"
    await lines.aclose()
