"""The canary's manifest, and patches."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.workloads.canary import canary_of, difference
from adapters.workloads.containers import container_of, repository, with_image
from bot.errors import Refused
from bot.release.grant import Grant
from tests.support.worlds import CHECKOUT

APP = {
    "name": "app",
    "image": "registry.example/shop/checkout@sha256:abc",
    "env": [{"name": "A", "value": "1"}],
}
PROXY = {"name": "proxy", "image": "registry.example:5000/proxy:1"}
POD_SPEC = {"serviceAccountName": "checkout", "volumes": [{"name": "v", "emptyDir": {}}]}


def stable(*containers: dict[str, Any], labels: dict[str, str], selector: dict[str, str]) -> dict[str, Any]:
    return {
        "metadata": {
            "name": "checkout",
            "labels": {"app.kubernetes.io/instance": "shop"},
            "annotations": {"argocd.argoproj.io/tracking-id": "shop"},
        },
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": selector},
            "strategy": {"type": "Recreate"},
            "template": {
                "metadata": {"labels": labels, "annotations": {"prometheus.io/scrape": "true"}},
                "spec": {**POD_SPEC, "containers": list(containers)},
            },
        },
    }


def canary(deployment: dict[str, Any]) -> dict[str, Any]:
    grant = Grant("checkout", "R-7", 4)
    return canary_of(CHECKOUT, deployment, grant, image="x:v2", version="v2", replicas=2)


def test_a_canary_is_stables_pods_with_another_image_and_a_track_and_nothing_of_gitops() -> None:
    labels = {"app": "checkout", "version": "v1", "lockmaster.dev/track": "stable"}

    assert canary(stable(PROXY, APP, labels=labels, selector={"app": "checkout"})) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "checkout-canary",
            "namespace": "shop",
            "labels": {"lockmaster.dev/managed": "true", "lockmaster.dev/track": "canary"},
            "annotations": {"lockmaster.dev/release": "R-7", "lockmaster.dev/revision": "4"},
        },
        "spec": {
            "strategy": {"type": "Recreate"},
            "replicas": 2,
            "selector": {"matchLabels": {"app": "checkout", "lockmaster.dev/track": "canary"}},
            "template": {
                "metadata": {
                    "labels": {"app": "checkout", "version": "v2", "lockmaster.dev/track": "canary"},
                    "annotations": {"prometheus.io/scrape": "true", "lockmaster.dev/release": "R-7"},
                },
                "spec": {**POD_SPEC, "containers": [PROXY, {**APP, "image": "x:v2"}]},
            },
        },
    }


def test_a_template_without_a_version_label_gets_none() -> None:
    made = canary(stable(APP, labels={"app": "checkout"}, selector={"app": "checkout"}))

    assert made["spec"]["template"]["metadata"]["labels"] == {
        "app": "checkout",
        "lockmaster.dev/track": "canary",
    }


def test_a_selector_that_names_the_version_follows_the_template() -> None:
    labels = {"app": "checkout", "version": "v1"}

    made = canary(stable(APP, labels=labels, selector=labels))

    assert made["spec"]["selector"]["matchLabels"] == {
        "app": "checkout",
        "version": "v2",
        "lockmaster.dev/track": "canary",
    }


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("checkout", "checkout"),
        ("checkout:v1", "checkout"),
        ("registry.example:5000/shop/checkout", "registry.example:5000/shop/checkout"),
        ("registry.example:5000/shop/checkout:v1@sha256:abc", "registry.example:5000/shop/checkout"),
    ],
)
def test_a_repository_is_an_image_without_tag_and_digest(image: str, name: str) -> None:
    assert repository(image) == name


def test_the_container_is_the_named_one_else_the_one_with_the_image_else_the_only_one() -> None:
    named = CHECKOUT.model_copy(update={"container": "proxy"})

    assert container_of(named, {"spec": {"containers": [APP, PROXY]}}) == PROXY
    assert container_of(CHECKOUT, {"spec": {"containers": [PROXY, APP]}}) == APP
    assert container_of(CHECKOUT, {"spec": {"containers": [PROXY]}}) == PROXY


@pytest.mark.parametrize("containers", [[PROXY, {**PROXY, "name": "b"}], [APP, {**APP, "name": "b"}]])
def test_containers_that_cannot_be_told_apart_are_named(containers: list[dict[str, Any]]) -> None:
    names = " ".join([containers[0]["name"] + ",", "b"])

    with pytest.raises(Refused, match=f"which container .* is checkout's: there are {names}") as refused:
        container_of(CHECKOUT, {"spec": {"containers": containers}})

    step = "Set `container:` of checkout in the catalogue to one of them; no other gets the new image."
    assert refused.value.reason.next_step == step


def test_an_init_container_with_the_same_image_must_not_stay_behind_unasked() -> None:
    migrate = {"name": "migrate", "image": "registry.example/shop/checkout:v1"}
    template = {"spec": {"containers": [APP, PROXY], "initContainers": [migrate]}}

    with pytest.raises(Refused, match="there are app, proxy, migrate"):
        container_of(CHECKOUT, template)

    named = CHECKOUT.model_copy(update={"container": "app"})
    changed = with_image(named, template, "x:v2", "v2", track=None)["spec"]
    assert changed == {"containers": [APP | {"image": "x:v2"}, PROXY], "initContainers": [migrate]}


values = st.recursive(
    st.booleans() | st.integers() | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


def merged(target: Any, patch: Any) -> Any:
    """RFC 7386, word for word."""
    if not isinstance(patch, dict):
        return patch
    kept = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = merged(kept.get(key), value)
    return kept


@given(objects, objects)
def test_a_patch_makes_one_object_of_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert merged(before, difference(before, after)) == after
    assert difference(after, after) == {}
