"""The catalogue is another one when the bot comes back: a live release keeps what it started with."""

from inspect import cleandoc as block

import pytest

from bot.config.catalogue import Catalogue
from bot.config.load import parse_catalogue
from bot.config.pinned import entry_of, outdated, pin
from bot.release.model import ALL_STABLE
from bot.release.phases import Phase
from tests.scenarios.conftest import SERVICES, ana, bo, quiet, theatre
from tests.scenarios.theatre import Person, Theatre

__all__ = ["adopted", "ana", "bo", "quiet", "theatre"]


@pytest.fixture
def adopted() -> bool:
    return True


def replace_catalogue(theatre: Theatre, text: str) -> None:
    theatre.catalogue = parse_catalogue(text, "services.yaml")
    theatre.restart()


STRICTER = SERVICES.replace("limit: 0.5%", "limit: 0.1%").replace(
    "weights: [5, 25, 50, 100]", "weights: [1, 100]"
)


async def test_f34_rules_and_stages_changed_in_mid_release_are_shown_and_not_taken_over(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0")
    await theatre.until(Phase.GATE)
    before = await theatre.release()
    replace_catalogue(theatre, STRICTER)
    theatre.failing["v1.3.0"] = 0.003
    await theatre.pass_(6)
    after = await theatre.release()
    assert (after.rules, after.stages, after.phase) == (before.rules, before.stages, Phase.GATE)
    said = "The catalogue was changed since (strategy, rules); this release keeps what it started with."
    assert said in theatre.card()
    assert said in await bo.types("show R-1001")
    theatre.failing.clear()
    await bo.types("promote checkout --full")
    await theatre.until(Phase.PROMOTED, within=400)
    assert said not in theatre.card()


WITHOUT = SERVICES[: SERVICES.index("  checkout:")] + SERVICES[SERVICES.index("  payments:") :]
ELSEWHERE = SERVICES.replace("virtual_service: checkout", "virtual_service: other")


@pytest.mark.parametrize("how", ["typed", "pressed"])
async def test_f34_a_service_that_left_the_catalogue_can_be_rolled_back(
    theatre: Theatre, ana: Person, how: str
) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    service = theatre.service()
    replace_catalogue(theatre, WITHOUT)
    await theatre.pass_(10)
    assert "The service has left the catalogue since" in theatre.card().replace("\n", " ")
    if how == "typed":
        await ana.types("rollback checkout")
    else:
        assert await ana.presses("Roll back") is None
    assert theatre.cluster.route(service).weights == ALL_STABLE
    await theatre.until(Phase.ROLLED_BACK)
    assert await ana.types("locks") == "Nothing is locked."
    assert await ana.types("checkout v1.3.0") == block("""
        There is no service “checkout” in the catalogue.
        There are: payments.
        """)


async def test_f34_a_service_that_left_the_catalogue_can_be_finished(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    await theatre.until(Phase.FINISHING)
    replace_catalogue(theatre, WITHOUT)
    await theatre.until(Phase.PROMOTED)


async def test_f34_objects_named_otherwise_do_not_move_a_live_release_to_another_route(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    service = theatre.service()
    replace_catalogue(theatre, ELSEWHERE)
    await theatre.pass_(6)
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    assert theatre.cluster.route(service).weights == ALL_STABLE


async def test_f34_an_older_record_and_one_that_cannot_be_read_go_by_the_catalogue(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    record, catalogue = await theatre.release(), theatre.catalogue
    for entry in (None, "{"):
        old = record.model_copy(update={"entry": entry})
        assert entry_of(old, catalogue) == theatre.service()
        assert outdated(old, catalogue) == ()
        assert entry_of(old, Catalogue(services={})) is None
    assert record.entry == pin(theatre.service())


async def test_f34_without_the_store_a_service_that_left_the_catalogue_is_unknown(
    theatre: Theatre, ana: Person
) -> None:
    """Nothing else holds the entry then: put it back into the catalogue, or wait for the store."""
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    replace_catalogue(theatre, WITHOUT)
    theatre.redis.begin()
    assert "There is no service “checkout” in the catalogue." in await ana.types("rollback checkout")
