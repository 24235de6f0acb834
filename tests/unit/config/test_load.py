"""A catalogue is read as people write it; a broken one says everything that is wrong with it."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.config.catalogue import Adopt, Approval, Canary, Service
from bot.config.load import LARGEST, BrokenCatalogue, load_catalogue, parse_catalogue
from bot.release.gate import Gate
from bot.release.rules import ErrorRule, LatencyRule, Rules
from bot.release.weight import Weight

EXAMPLE = Path("docs/services.example.yaml")
ENTRY = """
    namespace: shop
    image: registry.example/shop/cart
    traffic: {istio: {virtual_service: cart, destination_rule: cart}}
    channel: "#shop"
"""
BROKEN = """\
default: 1
defaults:
  name: x
  strategy: {canary: {weights: [5, 25, 20, 100], gate: aks}}
  rules: {errors: {limt: 0.5%, hard: .inf}, p95: 5}
services:
  status:
    namespace: Shop
    image: registry.example/shop/checkout:v1
    channel: #shop-releases
    approvers: {promote: {count: 11, not_requester: maybe}, rollback: anyon}
    traffic: {istio: {virtual_service: checkout}}
  basket: 3
"""
TOLD = [
    'services.yaml:1: default: expected one of defaults, services; did you mean defaults? (got "default")',
    'services.yaml:3: defaults.name: expected no name: an entry\'s key is its name (got "x")',
    'services.yaml:4: defaults.strategy.canary.gate: expected ask or auto (got "aks")',
    (
        "services.yaml:4: defaults.strategy.canary.weights: expected weights that grow, such as [5, 25, 50, 100] "
        "(got [5, 25, 20, 100])"
    ),
    'services.yaml:5: defaults.rules.errors.hard: expected a percentage such as 0.5% or 20% (got ".inf")',
    (
        "services.yaml:5: defaults.rules.errors.limt: expected one of hard, limit, over; did you mean limit? "
        '(got "limt")'
    ),
    "services.yaml:5: defaults.rules.p95: expected a mapping (got 5)",
    (
        "services.yaml:7: services.status: expected another key: `status` is a word of the command language "
        '(got "status")'
    ),
    (
        "services.yaml:8: services.status.namespace: expected a name of lower-case letters, digits and -, at most 63 "
        '(got "Shop")'
    ),
    (
        "services.yaml:9: services.status.image: expected an image's name without tag or digest, such as "
        'registry.example/shop/checkout (got "registry.example/shop/checkout:v1")'
    ),
    (
        'services.yaml:10: services.status.channel: expected a channel such as "#shop-releases" (in quotes: # begins '
        "a comment) or C0123ABCD (got nothing)"
    ),
    "services.yaml:11: services.status.approvers.promote.count: expected at most 10 (got 11)",
    'services.yaml:11: services.status.approvers.promote.not_requester: expected true or false (got "maybe")',
    (
        "services.yaml:11: services.status.approvers.rollback: expected anyone, or a mapping of group, count and "
        'not_requester (got "anyon")'
    ),
    (
        "services.yaml:12: services.status.traffic.istio.destination_rule: expected a value, here or in defaults "
        "(got nothing)"
    ),
    "services.yaml:13: services.basket: expected a mapping (got 3)",
]


def catalogue_with(lines: str) -> str:
    return f"services:\n  cart:{ENTRY}{lines}"


def told(text: str) -> list[str]:
    with pytest.raises(BrokenCatalogue) as caught:
        parse_catalogue(text, "services.yaml")
    assert len(caught.value.problems) == len(str(caught.value).split("\n"))
    return str(caught.value).split("\n")


def cart(lines: str = "") -> Service:
    service = parse_catalogue(catalogue_with(lines), "services.yaml").get("cart")
    assert service is not None
    return service


def test_the_example_loads_with_defaults_merged_beneath_each_service() -> None:
    catalogue = load_catalogue(EXAMPLE)
    assert catalogue.names() == ("catalog", "payout", "search")
    search = catalogue.get("search")
    assert search is not None
    assert (search.namespace, search.deployment, search.canary, search.service) == (
        "books",
        "search-api",
        "search-api-canary",
        "search",
    )
    assert search.strategy.canary == Canary(
        weights=(Weight.of("0.5"), Weight.of(5), Weight.FULL), bake=timedelta(seconds=90), gate=Gate.AUTO
    )
    assert search.rules == Rules(
        errors=ErrorRule(limit=0.5, over=timedelta(minutes=2), hard=5),
        p95=LatencyRule(worse_than_stable=20, limit=timedelta(milliseconds=300), hard=100),
        min_requests=200,
    )
    assert search.traffic.istio.subsets.canary == "next"


def test_an_entry_replaces_a_default_of_another_form_and_keeps_its_neighbours() -> None:
    payout = load_catalogue(EXAMPLE).services["payout"]
    assert payout.approvers.start == Approval(group="@money")
    assert payout.approvers.promote == Approval(group="@money-leads", count=2, not_requester=True)
    assert payout.approvers.rollback == "anyone"
    assert payout.alert_labels.namespace == "namespace"
    assert payout.adopt is Adopt.ASK


def test_an_unknown_service_is_none() -> None:
    assert load_catalogue(EXAMPLE).get("catalogue") is None


def test_null_takes_a_default_away() -> None:
    text = "defaults: {rules: {errors: {limit: 1%}}}\n" + catalogue_with("    rules: {errors: {limit: null}}")
    assert parse_catalogue(text, "x").services["cart"].rules.errors.limit is None


def test_an_empty_entry_lives_on_defaults_alone() -> None:
    text = f"services: {{cart: }}\ndefaults:{ENTRY}"
    assert parse_catalogue(text, "x").services["cart"] == cart()


def test_a_key_that_looks_like_a_number_is_a_name() -> None:
    assert parse_catalogue(f"services:\n  404:{ENTRY}", "x").names() == ("404",)


def test_several_problems_are_told_together_in_the_order_of_lines() -> None:
    assert told(BROKEN) == TOLD


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "count: {}",
            "count: expected one of adopt, alert_labels, approvers, channel, container, deployment, image,",
        ),
        ("approvers: {start: {count: 1.5}}", "approvers.start.count: expected a whole number (got 1.5)"),
        ("approvers: {start: {count: 0}}", "approvers.start.count: expected at least 1 (got 0)"),
        ("approvers: {start: {count: []}}", "approvers.start.count: expected a whole number (got [])"),
        ("approvers: {start: {count: one}}", 'approvers.start.count: expected a whole number (got "one")'),
        (
            "approvers: {start: {not_requester: 2}}",
            "approvers.start.not_requester: expected true or false (got 2)",
        ),
        (
            "approvers: {start: {not_requester: {}}}",
            "approvers.start.not_requester: expected true or false (got {})",
        ),
        (
            "approvers: {start: {group: leads}}",
            'approvers.start.group: expected a user group such as "@shop-leads"',
        ),
        ("strategy: {canary: {weights: []}}", "strategy.canary.weights: expected at least one (got [])"),
        ("strategy: {canary: {weights: 5}}", "strategy.canary.weights: expected a list (got 5)"),
        (
            "strategy: {canary: {weights: [5, true]}}",
            "strategy.canary.weights.2: expected a share of traffic such as 5",
        ),
        (
            "strategy: {canary: {weights: [5, 0]}}",
            'strategy.canary.weights.2: "0" is out of range: a share of traffic',
        ),
        ("strategy: {canary: {bake: 10ms}}", 'strategy.canary.bake: expected at least 1s (got "10ms")'),
        (
            "strategy: {canary: {bake: 1:30}}",
            'strategy.canary.bake: "1:30" is not a duration',
        ),
        (
            "strategy: {canary: {bake: true}}",
            "strategy.canary.bake: expected a duration such as 90s, 10m or 2h, or sec",
        ),
        ("rules: {min_requests: 0}", "rules.min_requests: expected at least 1 (got 0)"),
        ("adopt: never mind", 'adopt: expected auto, ask or never (got "never mind")'),
        ("container: Api", "container: expected a name of lower-case letters, digits and -, at most 63 (got"),
        (
            "container: 2020-01-01\n    service: 0x1F",
            "service: expected a name of lower-case letters, digits and -",
        ),
    ],
)
def test_a_wrong_value_is_told_with_what_was_expected(line: str, problem: str) -> None:
    (only,) = told(catalogue_with(f"    {line}"))
    assert only.partition(": services.cart.")[2].startswith(problem)


def test_a_wrong_default_that_every_service_overrides_is_told_once() -> None:
    text = "defaults: {adopt: maybe, channel: x}\n" + catalogue_with("    adopt: auto")
    assert told(text) == [
        'services.yaml:1: defaults.adopt: expected auto, ask or never (got "maybe")',
        (
            'services.yaml:1: defaults.channel: expected a channel such as "#shop-releases" (in quotes: # begins a comment) '
            'or C0123ABCD (got "x")'
        ),
    ]


def test_two_services_may_not_share_a_route_object_or_a_deployment() -> None:
    text = (
        catalogue_with("")
        + f"  basket:{ENTRY}    deployment: cart\n  copy:{ENTRY}    deployment: cart-canary\n"
    )
    assert [line.partition(": ")[2] for line in told(text)] == [
        (
            "services.basket.traffic.istio.destination_rule: expected an object of its own "
            "(got DestinationRule shop/cart, which cart uses)"
        ),
        (
            "services.basket.traffic.istio.virtual_service: expected an object of its own "
            "(got VirtualService shop/cart, which cart uses)"
        ),
        "services.basket.deployment: expected an object of its own (got Deployment shop/cart, which cart uses)",
        "services.basket.deployment: expected an object of its own (got Deployment shop/cart-canary, which cart uses)",
        (
            "services.copy.traffic.istio.destination_rule: expected an object of its own "
            "(got DestinationRule shop/cart, which cart uses)"
        ),
        (
            "services.copy.traffic.istio.virtual_service: expected an object of its own "
            "(got VirtualService shop/cart, which cart uses)"
        ),
        "services.copy.deployment: expected an object of its own (got Deployment shop/cart-canary, which cart uses)",
    ]


def test_the_same_names_in_two_namespaces_are_two_objects() -> None:
    text = catalogue_with("") + f"  basket:{ENTRY}".replace("shop\n", "other\n", 1) + "    deployment: cart\n"
    assert parse_catalogue(text, "x").names() == ("basket", "cart")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "services.yaml:1: expected a mapping (got [])"),
        ("defaults: 5\nservices: {}", "services.yaml:1: defaults: expected a mapping (got 5)"),
        ("\nservices: []", "services.yaml:2: services: expected a mapping (got [])"),
        ("---", "services.yaml:2: services: expected at least one entry, its key the service's name"),
        (
            "defaults: {}",
            "services.yaml:1: services: expected at least one entry, its key the service's name",
        ),
    ],
)
def test_a_file_of_another_form_is_told_what_it_lacks(text: str, problem: str) -> None:
    assert told(text)[0] == problem


def test_broken_yaml_is_told_with_its_line() -> None:
    assert told("services:\n  cart: [1,\n") == [
        "services.yaml:3: expected YAML: did not find expected node content"
    ]


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(BrokenCatalogue) as caught:
        load_catalogue(tmp_path / "none.yaml")
    assert (
        str(caught.value)
        == f"{tmp_path / 'none.yaml'}: expected a file that can be read (got: No such file or directory)"
    )


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "services.yaml"
    file.write_bytes(b"#" * (LARGEST + 1))
    with pytest.raises(BrokenCatalogue) as caught:
        load_catalogue(file)
    assert str(caught.value) == f"{file}: expected at most 1048576 bytes"


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "services.yaml"
    file.write_bytes("services:\n  bäcker: {}\n".encode("latin-1"))
    with pytest.raises(BrokenCatalogue) as caught:
        load_catalogue(file)
    assert str(caught.value) == f"{file}:2: expected UTF-8"
