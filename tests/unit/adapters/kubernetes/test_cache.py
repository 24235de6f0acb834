"""The cache believes the newest word about an object, whoever brought it."""

from typing import Any

from adapters.kubernetes.cache import Cache, Keep


def pod(name: str, version: int, *, uid: str = "", group: str = "checkout") -> dict[str, Any]:
    meta = {"name": name, "uid": uid or name, "resourceVersion": str(version), "labels": {"app": group}}
    return {"metadata": meta}


def by_app(found: dict[str, Any]) -> str | None:
    app: str | None = found["metadata"]["labels"]["app"]
    return app


def test_an_older_word_about_the_same_object_changes_nothing() -> None:
    cache = Cache(Keep())
    assert cache.put(pod("a", 10))

    assert not cache.put(pod("a", 9))
    assert not cache.put(pod("a", 10))
    assert cache.put(pod("a", 11))
    assert cache.get("a") == pod("a", 11)


def test_versions_are_numbers_and_not_words() -> None:
    cache = Cache(Keep())
    cache.put(pod("a", 9))

    assert cache.put(pod("a", 10))


def test_another_object_of_the_same_name_takes_its_place_whatever_its_version() -> None:
    cache = Cache(Keep())
    cache.put(pod("a", 10, uid="old"))

    assert cache.put(pod("a", 3, uid="new"))
    assert not cache.put(pod("a", 11, uid="old"))
    assert not cache.remove(pod("a", 12, uid="old"))
    assert cache.get("a") == pod("a", 3, uid="new")


def test_a_late_word_does_not_bring_a_deleted_object_back() -> None:
    cache = Cache(Keep())
    cache.put(pod("a", 1))
    assert cache.remove(pod("a", 5))

    assert not cache.put(pod("a", 4))
    assert cache.get("a") is None


def test_groups_follow_their_objects() -> None:
    cache = Cache(Keep(index=by_app))
    cache.put(pod("b", 1))
    cache.put(pod("a", 2))
    cache.put(pod("c", 3, group="cart"))
    assert cache.group("checkout") == (pod("a", 2), pod("b", 1))

    cache.put(pod("a", 4, group="cart"))
    cache.remove(pod("b", 5))

    assert cache.group("checkout") == ()
    assert cache.group("cart") == (pod("a", 4, group="cart"), pod("c", 3, group="cart"))


def test_a_list_tells_what_changed_and_what_went() -> None:
    cache = Cache(Keep())
    cache.put(pod("same", 1))
    cache.put(pod("old", 2))
    cache.put(pod("gone", 3))

    changed = cache.replace([pod("same", 1), pod("old", 4), pod("new", 5)])

    assert changed == (pod("gone", 3), pod("old", 4), pod("new", 5))
    assert cache.all() == (pod("same", 1), pod("old", 4), pod("new", 5))


def test_what_nobody_reads_is_not_kept() -> None:
    cache = Cache(Keep(dropped=frozenset({"spec"})))
    found = pod("a", 1)
    found["metadata"]["managedFields"] = [{}]

    cache.put({**found, "spec": {}, "status": {"phase": "Running"}})

    assert cache.get("a") == {**pod("a", 1), "status": {"phase": "Running"}}
