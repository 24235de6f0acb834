"""Who may do what is asked when acting."""

from inspect import cleandoc as block

from bot.release.phases import Phase
from tests.scenarios.theatre import CHANNEL, Person, Theatre


async def test_who_is_not_in_the_channel_may_not_start(theatre: Theatre, cy: Person) -> None:
    assert await cy.types("checkout v1.3.0") == block("""
        You may not start checkout: members of #shop-releases may, and you are not one.
        Join #shop-releases, or ask somebody there.
        """)
    assert await cy.types("lock checkout because I like it") == block("""
        You may not lock checkout: members of #shop-releases may, and you are not one.
        Join #shop-releases, or ask somebody there.
        """)
    assert theatre.cluster.writes == []
    assert theatre.audit() == [
        "cy: refused: not_a_member",
        "cy: refused: not_a_member",
    ]


async def test_who_is_not_in_the_group_may_not_promote(theatre: Theatre, ana: Person, dee: Person) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    assert await dee.presses("Promote to 25 %") == block("""
        You may not promote checkout: @shop-leads (not the requester) may.
        Ask somebody of @shop-leads.
        """)
    assert await dee.types("promote checkout") == block("""
        You may not promote checkout: @shop-leads (not the requester) may.
        Ask somebody of @shop-leads.
        """)
    assert theatre.weights() == "95/5"


async def test_the_requester_does_not_promote_her_own_release(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    assert await ana.presses("Promote to 25 %") == block("""
        You started this release, so somebody else has to promote it.
        Ask somebody else of @shop-leads.
        """)
    assert theatre.audit()[-1] == "ana: press promote: requester_excluded"


async def test_a_guest_or_somebody_deactivated_may_do_nothing(theatre: Theatre, ana: Person) -> None:
    theatre.directory.add("U5EVE", "eve", CHANNEL, active=False)
    eve = theatre.person("U5EVE", "eve")
    nobody = theatre.person("U9", "")
    assert await eve.types("checkout v1.3.0") == block("""
        You may not start checkout: only full, active members of this workspace may.
        Ask somebody in #shop-releases.
        """)
    assert await nobody.types("checkout v1.3.0") == await eve.types("checkout v1.3.0")
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    assert await eve.presses("Roll back") == block("""
        You may not roll back checkout: only full, active members of this workspace may.
        Ask somebody in #shop-releases.
        """)
    assert theatre.weights() == "95/5"


async def test_a_role_that_was_taken_away_counts_at_the_press(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    theatre.directory.team("@shop-leads", "U1ANA")
    assert await bo.presses("Promote to 25 %") == block("""
        You may not promote checkout: @shop-leads (not the requester) may.
        Ask somebody of @shop-leads.
        """)


async def test_while_slack_is_away_nobody_promotes_and_anybody_rolls_back(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.GATE)
    theatre.directory.away = True
    assert await bo.types("promote checkout") == block("""
        Slack cannot be asked who you are, so nobody may promote just now.
        Try again in a minute. A rollback works all the same.
        """)
    assert await bo.types("pause checkout") == block("""
        Slack cannot be asked who you are, so nobody may pause or resume just now.
        Try again in a minute. A rollback works all the same.
        """)
    assert theatre.weights() == "95/5"
    assert (
        await bo.types("rollback checkout")
        == "Rolling back checkout v1.2.9 → v1.3.0 (R-1001): traffic goes to v1.2.9."
    )
    assert theatre.weights() == "100/0"


async def test_nobody_with_no_right_to_it_rolls_back(theatre: Theatre, ana: Person, cy: Person) -> None:
    await ana.types("checkout v1.3.0 every 10s")
    await theatre.until(Phase.BAKING)
    assert await cy.presses("Roll back") == block("""
        You may not roll back checkout: members of #shop-releases may, and you are not one.
        Join #shop-releases, or ask somebody there.
        """)
    assert theatre.weights() == "95/5"
