"""A tool puts the route back as Git has it: recognised, held, and explained; never fought."""

from inspect import cleandoc as block

import pytest

from bot.release.model import ALL_STABLE, Split
from bot.release.phases import Phase
from bot.release.weight import Weight
from tests.scenarios.theatre import Person, Theatre

ARGO_CD = "argocd-controller"
ARGO_CDS = block("""
    In the Application of Argo CD:
    spec:
      ignoreDifferences:
        - group: networking.istio.io
          kind: VirtualService
          name: checkout
          namespace: shop
          jqPathExpressions:
            - .spec.http[].route[].weight
            - .metadata.annotations["lockmaster.dev/release"]
            - .metadata.annotations["lockmaster.dev/revision"]
            - .metadata.annotations["lockmaster.dev/state"]
            - .metadata.annotations["lockmaster.dev/original"]
            - .metadata.annotations["lockmaster.dev/baseline"]
            - .metadata.labels["lockmaster.dev/managed"]
      syncPolicy:
        syncOptions:
          - RespectIgnoreDifferences=true
    """)
FLUXES = block("""
    In the Kustomization of Flux 2.9 or newer (before that, annotate the VirtualService in Git with
    kustomize.toolkit.fluxcd.io/ssa: IfNotPresent):
    spec:
      ignore:
        - paths:
            - /spec/http/0/route/0/weight
            - /spec/http/0/route/1/weight
          target:
            kind: VirtualService
            name: checkout
            namespace: shop
    """)
HELMS = block("""
    In the HelmRelease of Flux:
    spec:
      driftDetection:
        mode: enabled
        ignore:
          - paths:
              - /spec/http/0/route/0/weight
              - /spec/http/0/route/1/weight
            target:
              kind: VirtualService
              name: checkout
              namespace: shop
    """)
ONLY_THEN = block("""
    Only then press Apply again. docs/gitops.md tells the rest, what becomes of stable's image included.
    The buttons are on its live message. To go on: @shop-leads (not the requester). To roll back:
    members of #shop-releases. /release show R-1001 tells everything.
    """)


async def at_a_quarter(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 25% 50% every 10s")
    await theatre.until(Phase.GATE)


@pytest.mark.parametrize(
    ("manager", "name", "advice"),
    [
        (ARGO_CD, "Argo CD", ARGO_CDS),
        ("kustomize-controller", "Flux", FLUXES),
        ("helm-controller", "Flux's Helm controller", HELMS),
    ],
)
async def test_a_tool_is_recognised_by_name_at_once_and_told_what_to_ignore(
    theatre: Theatre, ana: Person, manager: str, name: str, advice: str
) -> None:
    await at_a_quarter(theatre, ana)
    writes = len(theatre.cluster.writes)
    theatre.cluster.edit_route(theatre.service(), ALL_STABLE, writer=manager)
    await theatre.pass_(30)
    said, told = theatre.notice(-1).split("\n\n", 1)
    text = f"{name} put the route back to 0 % to the canary, not 25 %"
    assert said.replace("\n", " ") == f"Stopped   checkout v1.2.9 → v1.3.0 (R-1001): {text}."
    assert told.replace("\n\n", "\n") == f"{advice}\n{ONLY_THEN}"
    assert theatre.buttons() == ["Apply again", "Adopt theirs", "Roll back", "Details"]
    assert theatre.weights() == "100/0"
    assert len(theatre.cluster.writes) == writes + 1


async def test_whoever_undoes_the_same_twice_is_taken_for_a_tool(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await at_a_quarter(theatre, ana)
    theatre.cluster.edit_route(theatre.service(), ALL_STABLE)
    await theatre.pass_(6)
    assert "ignoreDifferences" not in theatre.notice(-1)
    assert await bo.presses("Apply again") is None
    await theatre.until(Phase.GATE)
    theatre.cluster.edit_route(theatre.service(), ALL_STABLE)
    await theatre.pass_(6)
    text = "something put the route back to 0 % to the canary, not 25 % (2 times now)"
    assert theatre.thread()[-1] == f"Changed by somebody else: {text}"
    assert "ignoreDifferences" in theatre.notice(-1)
    assert "kustomize.toolkit.fluxcd.io/ssa" in theatre.notice(-1)


async def test_an_unknown_writer_is_named(theatre: Theatre, ana: Person) -> None:
    await at_a_quarter(theatre, ana)
    theatre.cluster.edit_route(theatre.service(), ALL_STABLE, writer="kubectl-edit")
    await theatre.pass_(6)
    assert theatre.thread()[-1] == (
        "Changed by somebody else: the route says 0 % to the canary, not 25 % (written by kubectl-edit)"
    )


async def test_once_git_leaves_the_weights_alone_apply_again_goes_on_to_the_end(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await at_a_quarter(theatre, ana)
    theatre.cluster.edit_route(theatre.service(), ALL_STABLE, writer=ARGO_CD)
    await theatre.pass_(6)
    assert await bo.presses("Apply again") is None
    await theatre.until(Phase.GATE)
    assert theatre.weights() == "75/25"
    await bo.types("promote checkout --full")
    await theatre.until(Phase.PROMOTED)


async def test_a_route_that_git_has_without_tracks_is_to_be_adopted_in_git(
    theatre: Theatre, ana: Person
) -> None:
    await at_a_quarter(theatre, ana)
    theatre.cluster.edit_route(theatre.service(), None, writer=ARGO_CD)
    await theatre.pass_(6)
    assert theatre.notice(-1) == block("""
        Stopped   checkout v1.2.9 → v1.3.0 (R-1001): the route no longer names the tracks: Argo CD put it
        back.

        Git has the route without the tracks. Put them there: lockmaster adopt --print checkout writes what
        to add. Then let the tool ignore the weights: docs/gitops.md says how.
        Roll back is on its live message, for members of #shop-releases. /release show R-1001 tells
        everything.
        """)
    theatre.cluster.edit_route(theatre.service(), Split.of(Weight.of(25)))
    await theatre.until(Phase.GATE)
    assert theatre.thread()[-3:] == [
        "Resumed: what stopped it is mended",
        "Weight in effect: 25.0 % of the requests reach the canary",
        "Asked: 25 % is healthy",
    ]


async def rolling_back_against(theatre: Theatre, ana: Person, theirs: Split | None) -> int:
    """Somebody writes the route again each time that we do; how often we did."""
    await at_a_quarter(theatre, ana)
    await ana.types("rollback checkout")
    theatre.stuck["checkout"] = Split.of(Weight.of(25))
    written = [one for one in theatre.cluster.writes if one.verb == "write"]
    for _ in range(10):
        if theatre.cluster.route(theatre.service()).weights != theirs:
            theatre.cluster.edit_route(theatre.service(), theirs, writer=ARGO_CD)
        await theatre.pass_(1)
    return len([one for one in theatre.cluster.writes if one.verb == "write"]) - len(written)


async def test_a_rollback_gives_way_to_git_without_tracks_by_removing_the_canary(
    theatre: Theatre, ana: Person
) -> None:
    assert await rolling_back_against(theatre, ana, None) == 2
    await theatre.pass_(40)
    assert (await theatre.release()).phase is Phase.ROLLED_BACK
    assert ("shop", "checkout-canary") not in theatre.cluster.deployments
    assert theatre.thread()[-3:] == [
        "Weight ordered: everything to stable",
        "Ended: Argo CD keeps the tracks out of the route, so the canary was removed: stable serves everything",
        "Tidied up: no canary is left",
    ]


async def test_a_rollback_whose_weights_are_undone_twice_stops_and_ends_when_they_are_right(
    theatre: Theatre, ana: Person
) -> None:
    assert await rolling_back_against(theatre, ana, Split.of(Weight.of(10))) == 2
    assert (await theatre.release()).phase is Phase.NEEDS_HUMAN
    assert theatre.notice(-1).startswith(
        "Stopped   checkout v1.2.9 → v1.3.0 (R-1001): Argo CD sends 10 % to the canary again, 2 times now;\n"
        "everything belongs to stable."
    )
    theatre.cluster.edit_route(theatre.service(), ALL_STABLE)
    del theatre.stuck["checkout"]
    await theatre.until(Phase.ROLLED_BACK)


async def finishing(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    await theatre.until(Phase.FINISHING)


async def test_at_the_end_tracks_that_git_takes_out_do_no_harm(theatre: Theatre, ana: Person) -> None:
    await finishing(theatre, ana)
    theatre.stuck["checkout"] = Split.of(Weight.of(50))
    for _ in range(8):
        theatre.cluster.edit_route(theatre.service(), None, writer=ARGO_CD)
        await theatre.pass_(1)
    assert (await theatre.release()).phase is Phase.PROMOTED
    assert theatre.notice(-1) == block("""
        Done   checkout v1.2.9 → v1.3.0 (R-1001): stable runs v1.3.0; Argo CD keeps the tracks out of the
        route.
        """)


@pytest.mark.parametrize("phase", [Phase.PROMOTING, Phase.FINISHING])
async def test_an_image_that_git_puts_back_stops_the_promotion_until_git_says_the_new_one(
    theatre: Theatre, ana: Person, phase: Phase
) -> None:
    theatre.cluster.slow = phase is Phase.PROMOTING
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    if phase is Phase.PROMOTING:
        for _ in range(40):
            theatre.cluster.roll_out()
            await theatre.pass_(1)
            if (await theatre.release()).phase is phase:
                break
        await theatre.pass_(1)
    await theatre.until(phase)
    stable = theatre.cluster.deployments["shop", "checkout"]
    assert stable.image.endswith("v1.3.0")
    stable.image = stable.image.replace("v1.3.0", "v1.2.9")
    writes = len(theatre.cluster.writes)
    await theatre.pass_(30)
    assert theatre.notice(-1) == block("""
        Stopped   checkout v1.2.9 → v1.3.0 (R-1001): stable was updated to v1.3.0, and somebody put it back
        to v1.2.9; where Git keeps it, let Git say v1.3.0: the release goes on by itself when stable runs
        that.
        Roll back is on its live message, for members of #shop-releases. /release show R-1001 tells
        everything.
        """)
    assert len(theatre.cluster.writes) == writes + 1
    stable.image = stable.image.replace("v1.2.9", "v1.3.0")
    theatre.cluster.roll_out()
    await theatre.until(Phase.PROMOTED)
