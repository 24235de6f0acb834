"""The rules whose refusal somebody will read."""

from typing import Any

import pytest

from tests.sandbox.kube.wire import (
    APPS,
    MAPS,
    MERGE,
    ROUTES,
    Json,
    Wire,
    config_map,
    deployment,
    virtual_service,
)


async def refusal(wire: Wire, path: str, body: Json) -> tuple[int, str, list[Json]]:
    code, status = await wire("POST", path, body)
    return code, status["message"], status["details"]["causes"]


async def test_a_selector_that_misses_its_own_template_is_refused(wire: Wire) -> None:
    body = deployment(selector={"matchLabels": {"app": "other"}})
    message = 'Invalid value: {"app":"web"}: `selector` does not match template `labels`'
    assert await refusal(wire, APPS, body) == (
        422,
        f'Deployment.apps "web" is invalid: spec.template.metadata.labels: {message}',
        [{"reason": "FieldValueInvalid", "message": message, "field": "spec.template.metadata.labels"}],
    )


async def test_the_selector_cannot_be_changed(wire: Wire) -> None:
    await wire.create(APPS, deployment())
    labels = {"app": "web", "track": "stable"}
    change = {"spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}}}
    code, status = await wire("PATCH", f"{APPS}/web", change, MERGE)
    assert (code, status["message"]) == (
        422,
        (
            'Deployment.apps "web" is invalid: spec.selector: Invalid value: '
            '{"matchLabels":{"app":"web","track":"stable"}}: field is immutable'
        ),
    )


async def test_negative_replicas_are_refused(wire: Wire) -> None:
    code, message, _ = await refusal(wire, APPS, deployment(replicas=-1))
    assert (code, message) == (
        422,
        'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    )


async def test_replicas_that_are_no_number_cannot_be_read(wire: Wire) -> None:
    code, status = await wire(
        "POST", APPS, deployment() | {"spec": deployment()["spec"] | {"replicas": "two"}}
    )
    assert (code, status["reason"]) == (400, "BadRequest")


async def test_several_faults_are_told_together(wire: Wire) -> None:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "Web"}]}}
    code, message, causes = await refusal(wire, APPS, deployment(template=template, replicas=-1))
    assert code == 422
    assert message.startswith('Deployment.apps "web" is invalid: [spec.replicas: Invalid value: -1')
    assert [cause["field"] for cause in causes] == [
        "spec.replicas",
        "spec.template.spec.containers[0].name",
        "spec.template.spec.containers[0].image",
    ]


async def test_a_rolling_update_that_may_move_nothing_is_refused(wire: Wire) -> None:
    strategy = {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}
    code, message, _ = await refusal(wire, APPS, deployment(strategy=strategy))
    assert code == 422
    assert message.endswith("maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0")


@pytest.mark.parametrize("name", ["Web", "web_1", "-web", "web-", "wéb", "a" * 254])
async def test_a_name_that_is_no_dns_name_is_refused(wire: Wire, name: str) -> None:
    code, _, causes = await refusal(wire, MAPS, config_map(name))
    assert (code, [cause["field"] for cause in causes]) == (422, ["metadata.name"])


@pytest.mark.parametrize(
    "labels", [{"version": "v1.2.9+build"}, {"version": "x" * 64}, {"a b": "c"}, {"/a": "b"}]
)
async def test_a_label_that_is_none_is_refused(wire: Wire, labels: dict[str, str]) -> None:
    code, _, causes = await refusal(wire, MAPS, config_map("a", labels=labels))
    assert (code, [cause["field"] for cause in causes]) == (422, ["metadata.labels"])


async def test_annotations_have_a_limit_of_256_kibibytes(wire: Wire) -> None:
    code, message, _ = await refusal(wire, MAPS, config_map("a", annotations={"state": "x" * 262_144}))
    assert (code, message) == (
        422,
        'ConfigMap "a" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes',
    )


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ("5", 'Invalid value: "string": {} in body must be of type integer: "string"'),
        (5.5, 'Invalid value: "float64": {} in body must be of type int32: "float64"'),
        (True, 'Invalid value: "boolean": {} in body must be of type integer: "boolean"'),
    ],
)
async def test_a_weight_is_a_whole_number(wire: Wire, weight: Any, message: str) -> None:
    field = "spec.http[0].route[1].weight"
    code, _, causes = await refusal(wire, ROUTES, virtual_service(weights=(95, weight)))
    expected = {"reason": "FieldValueTypeInvalid", "message": message.format(field), "field": field}
    assert (code, causes[0]) == (422, expected)
    assert causes[-1]["message"].startswith("Invalid value: null: some validation rules were not checked")


async def test_a_weight_below_zero_is_taken_where_no_webhook_looks(wire: Wire) -> None:
    await wire.create(ROUTES, virtual_service(weights=(95, -1)))


async def test_weights_need_not_add_up_to_a_hundred(wire: Wire) -> None:
    await wire.create(ROUTES, virtual_service(weights=(999, 1)))


@pytest.mark.parametrize(
    "body", ["{", "[]", '"text"', '{"metadata": 1}', '{"metadata": {"labels": {"a": 1}}}']
)
async def test_a_body_that_cannot_be_read_is_a_bad_request(wire: Wire, body: str) -> None:
    code, status = await wire("POST", MAPS, body)
    assert (code, status["reason"]) == (400, "BadRequest")
