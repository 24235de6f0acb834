from typing import Any

import pytest

from sandbox.mesh.directory import Directory, directory
from sandbox.mesh.matches import route_matches
from sandbox.mesh.objects import World
from sandbox.mesh.routes import route_configuration
from sandbox.mesh.support import objections, unsupported_fields
from tests.sandbox.mesh.manifests import Object, destination_rule, pod, service, split, virtual_service

_STABLE = "outbound|stable|checkout.shop.svc.cluster.local|checkout|v1.2.9|"
_CANARY = "outbound|canary|checkout.shop.svc.cluster.local|checkout-canary|v1.3.0|"
_ALL_STABLE = "outbound||checkout.shop.svc.cluster.local|checkout|v1.2.9|"
_ALL_CANARY = "outbound||checkout.shop.svc.cluster.local|checkout-canary|v1.3.0|"


def _world(*virtual_services: Object) -> World:
    stable = [pod(f"stable-{index}", "checkout", "v1.2.9", track="stable") for index in range(3)]
    canary = pod("canary-0", "checkout-canary", "v1.3.0", track="canary")
    starting = pod("canary-1", "checkout-canary", "v1.3.0", track="canary", ready=False)
    leaving = pod("canary-2", "checkout-canary", "v1.3.0", track="canary")
    leaving["metadata"]["deletionTimestamp"] = "2026-11-21T12:00:00Z"
    return World(
        pods=(*stable, canary, starting, leaving),
        services=(service(),),
        virtual_services=virtual_services,
        destination_rules=(destination_rule("stable", "canary"),),
    )


def _directory(world: World) -> Directory:
    ports = {each["metadata"]["name"]: 9000 + index for index, each in enumerate(world.pods)}
    return directory(world, lambda each: ports[each["metadata"]["name"]])


def _weights(*destinations: Object) -> dict[str, int]:
    world = _world(virtual_service({"route": list(destinations)}))
    route = route_configuration(world, _directory(world))["virtual_hosts"][0]["routes"][0]["route"]
    return {each["name"]: each["weight"] for each in route["weighted_clusters"]["clusters"]}


def _to(subset: str = "", weight: int | None = None, **destination: Any) -> Object:
    found = {"host": "checkout", **({"subset": subset} if subset else {}), **destination}
    return {"destination": found, **({} if weight is None else {"weight": weight})}


def test_only_ready_pods_that_are_not_told_to_stop_are_endpoints() -> None:
    found = {each.cluster: ports for each, ports in _directory(_world()).endpoints().items()}
    assert found == {
        _ALL_STABLE: (9000, 9001, 9002),
        _ALL_CANARY: (9003,),
        _STABLE: (9000, 9001, 9002),
        _CANARY: (9003,),
    }


@pytest.mark.parametrize(
    ("destinations", "weights"),
    [
        ([_to("stable", 95), _to("canary", 5)], {_STABLE: 95, _CANARY: 5}),
        ([_to("stable", 999_999), _to("canary", 1)], {_STABLE: 999_999, _CANARY: 1}),
        ([_to("stable", 7), _to("canary", 0)], {_STABLE: 7}),
        ([_to("canary")], {_CANARY: 1}),
        ([_to("canary", 0)], {_CANARY: 1}),
        ([_to()], {_ALL_STABLE: 3, _ALL_CANARY: 1}),
        ([_to("", 50), _to("canary", 50)], {_ALL_STABLE: 75, _ALL_CANARY: 25, _CANARY: 100}),
        ([_to("stable", 0), _to("canary", 0)], {}),
        ([_to("stable", 1), _to("gone", 1)], {_STABLE: 1, "missing|gone|checkout.shop.svc.cluster.local": 1}),
        ([_to(host="nobody")], {"missing||nobody.shop.svc.cluster.local": 1}),
        ([_to(port={"number": 80})], {_ALL_STABLE: 3, _ALL_CANARY: 1}),
        ([_to(port={"number": 81})], {"missing||checkout.shop.svc.cluster.local": 1}),
    ],
)
def test_weights_are_split_over_workloads_by_their_pods(
    destinations: list[Object], weights: dict[str, int]
) -> None:
    assert _weights(*destinations) == weights


def test_a_route_is_translated_whole() -> None:
    route = {
        **split(stable=1, canary=0),
        "match": [{"uri": {"prefix": "/api"}}, {"headers": {"x-beta": {"exact": "1"}}}],
        "timeout": "1m30s",
        "retries": {"attempts": 0},
        "headers": {
            "request": {"set": {"x-a": "1"}},
            "response": {"add": {"x-b": "2"}, "remove": ["server"]},
        },
        "rewrite": {"uri": "/v2"},
    }
    world = _world(virtual_service(route))
    overwrite, append = "OVERWRITE_IF_EXISTS_OR_ADD", "APPEND_IF_EXISTS_OR_ADD"
    rest = {
        "route": {
            "weighted_clusters": {"clusters": [{"name": _STABLE, "weight": 1}]},
            "timeout": "90.000000000s",
            "prefix_rewrite": "/v2",
        },
        "request_headers_to_add": [{"header": {"key": "x-a", "value": "1"}, "append_action": overwrite}],
        "response_headers_to_add": [{"header": {"key": "x-b", "value": "2"}, "append_action": append}],
        "response_headers_to_remove": ["server"],
    }
    beta = {"prefix": "/", "headers": [{"name": "x-beta", "string_match": {"exact": "1"}}]}
    assert route_configuration(world, _directory(world)) == {
        "name": "mesh",
        "ignore_port_in_host_matching": True,
        "virtual_hosts": [
            {
                "name": "checkout.shop.svc.cluster.local",
                "domains": ["checkout.shop.svc.cluster.local", "checkout.shop.svc", "checkout.shop"],
                "routes": [{"match": {"prefix": "/api"}, **rest}, {"match": beta, **rest}],
            }
        ],
    }


def test_of_two_routes_for_one_host_the_older_counts() -> None:
    older, newer = virtual_service(split(stable=1)), virtual_service(split(canary=1), name="another")
    newer["spec"]["hosts"] = ["checkout"]
    older["metadata"]["creationTimestamp"] = "2026-11-21T12:00:00Z"
    newer["metadata"]["creationTimestamp"] = "2026-11-21T12:00:01Z"
    world = _world(newer, older)
    assert route_configuration(world, _directory(world)) == route_configuration(
        _world(older), _directory(_world(older))
    )


def test_a_route_for_gateways_alone_is_not_for_the_mesh() -> None:
    outside = virtual_service(split(canary=1))
    outside["spec"]["gateways"] = ["shop/public"]
    assert route_configuration(_world(outside), _directory(_world())) == route_configuration(
        _world(), _directory(_world())
    )


@pytest.mark.parametrize(
    ("match", "translated"),
    [
        (None, {"prefix": "/"}),
        ({"uri": {"exact": "/a"}, "ignoreUriCase": True}, {"path": "/a", "case_sensitive": False}),
        ({"uri": {"regex": "/a.*"}}, {"safe_regex": {"regex": "/a.*"}}),
        (
            {"headers": {"x": {"prefix": "a"}, "y": {}}, "method": {"exact": "GET"}},
            {
                "prefix": "/",
                "headers": [
                    {"name": "x", "string_match": {"prefix": "a"}},
                    {"name": "y", "present_match": True},
                    {"name": ":method", "string_match": {"exact": "GET"}},
                ],
            },
        ),
        (
            {"withoutHeaders": {"x": {"regex": "a+"}}, "queryParams": {"q": {"exact": "1"}}},
            {
                "prefix": "/",
                "headers": [
                    {"name": "x", "string_match": {"safe_regex": {"regex": "a+"}}, "invert_match": True}
                ],
                "query_parameters": [{"name": "q", "string_match": {"exact": "1"}}],
            },
        ),
    ],
)
def test_match_conditions(match: Object | None, translated: Object) -> None:
    assert route_matches(match) == translated


def test_fields_that_are_not_known_are_named_with_their_places() -> None:
    strange = virtual_service(
        {**split(stable=1), "fault": {}, "match": [{"sourceLabels": {}}, {"headers": {"x": {"suffix": "a"}}}]}
    )
    strange["spec"]["tcp"] = []
    assert unsupported_fields(strange) == [
        "spec.http[0].fault",
        "spec.http[0].match[0].sourceLabels",
        "spec.http[0].match[1].headers.x.suffix",
        "spec.tcp",
    ]
    assert unsupported_fields(virtual_service(split(stable=1))) == []


def test_an_object_that_makes_no_sense_is_objected_to() -> None:
    assert objections(virtual_service({"route": [{"weight": 1}]})) == ["KeyError: 'destination'"]
    assert objections(virtual_service({"timeout": 5})) != []
    broken = destination_rule("stable")
    del broken["spec"]["host"]
    assert objections(broken) == ["KeyError: 'host'"]
    assert objections(service()) == objections(destination_rule("stable")) == []
