"""A shop with two services, two engineers, an approver and a stranger."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.config.load import parse_catalogue
from tests.scenarios.theatre import CHANNEL, Person, Theatre

SERVICES = """
defaults:
  namespace: shop
  channel: "#shop-releases"
  patience: 3m
  ready_within: 3m
  strategy: {canary: {weights: [5, 25, 50, 100], bake: 1m, gate: ask}}
  rules: {errors: {limit: 0.5%, over: 2m, hard: 5%}, p95: {worse_than_stable: 20%, hard: 100%}}
  approvers: {promote: {group: "@shop-leads", count: 1, not_requester: true}, rollback: anyone}
services:
  checkout:
    image: registry.example/shop/checkout
    traffic: {istio: {virtual_service: checkout, destination_rule: checkout}}
  payments:
    image: registry.example/shop/payments
    traffic: {istio: {virtual_service: payments, destination_rule: payments}}
"""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Nobody reads the log of a conversation; tests of the log itself capture it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def adopted() -> bool:
    return True


@pytest.fixture
def theatre(*, adopted: bool) -> Theatre:
    theatre = Theatre(parse_catalogue(SERVICES, "services.yaml"), adopted=adopted)
    theatre.directory.add("U1ANA", "ana", CHANNEL)
    theatre.directory.add("U2BO", "bo", CHANNEL)
    theatre.directory.add("U4DEE", "dee", CHANNEL)
    theatre.directory.add("U3CY", "cy")
    theatre.directory.team("@shop-leads", "U2BO", "U1ANA")
    return theatre


@pytest.fixture
def ana(theatre: Theatre) -> Person:
    """An engineer."""
    return theatre.person("U1ANA", "ana")


@pytest.fixture
def dee(theatre: Theatre) -> Person:
    """A second engineer, in no group."""
    return theatre.person("U4DEE", "dee")


@pytest.fixture
def bo(theatre: Theatre) -> Person:
    """An approver."""
    return theatre.person("U2BO", "bo")


@pytest.fixture
def cy(theatre: Theatre) -> Person:
    """Somebody with no rights."""
    return theatre.person("U3CY", "cy")
