"""The chart on a real API server: installed by Helm, and enough for a whole release, but nothing less is."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import helm_python
import pytest

from adapters.kubernetes.resources import NAMESPACE, Ref
from bot.release.phases import Phase
from tests.e2e.cluster.plane import ADMIN, Plane
from tests.e2e.installed import Installed, RealTheatre, installed
from tests.support.chart import CHART
from tests.support.plane import ASKED
from tests.support.rbac import UNNOTICED, Ask
from tests.unit.helm.samples import EVERYTHING

pytestmark = pytest.mark.skipif(not ASKED, reason="needs the real control plane: make e2e")


@pytest.fixture
async def chart(plane: Plane, tmp_path: Path) -> AsyncIterator[Installed]:
    async with installed(plane, tmp_path) as found:
        yield found


async def test_a_whole_release_needs_no_more_than_the_chart_grants(chart: Installed) -> None:
    async with chart.connected() as cluster:
        theatre = RealTheatre(chart.catalogue, cluster)
        ana = theatre.person("U1ANA", "ana")

        await ana.types("checkout v1.3.0 canary 50% 100% every 1s auto")
        await theatre.until(Phase.PROMOTED)
        await theatre.pass_(90)

        namespace = await cluster._door.read(Ref(NAMESPACE, "", chart.shop), fresh=True)

    assert theatre.channel()[-1] == "checkout v1.2.9 → v1.3.0 (R-1001): done."
    assert namespace["status"] == {"phase": "Active"}
    deployments = await chart.people.listed("deployments", chart.shop)
    images = [one["spec"]["template"]["spec"]["containers"][0]["image"] for one in deployments]
    assert images == ["registry.example/shop/checkout:v1.3.0"]


async def test_whatever_verb_is_taken_away_is_named_before_a_release_begins(chart: Installed) -> None:
    told, expected = {}, {}
    for one in sorted(chart.granted.granted()):
        await chart.grant(chart.granted.without(one))
        async with chart.connected() as cluster:
            told[str(one)] = [reason.text for reason in await cluster.traffic.examine(chart.checkout)]
        expected[str(one)] = [] if one.resource in UNNOTICED else [one.refusal()]

    assert told == expected


async def test_f20_a_verb_taken_away_in_mid_release_stops_it_and_is_named(chart: Installed) -> None:
    writing = Ask("patch", "networking.istio.io", "virtualservices", chart.shop, "checkout")
    async with chart.connected() as cluster:
        theatre = RealTheatre(chart.catalogue, cluster)
        ana = theatre.person("U1ANA", "ana")
        await ana.types("checkout v1.3.0 canary 50% 100% every 1s ask")
        await theatre.until(Phase.GATE)
        await chart.grant(chart.granted.without(writing))

        await ana.presses("Promote to 100 %")
        await theatre.until(Phase.NEEDS_HUMAN)
        await theatre.tick()

        assert theatre.channel()[-1] == (
            f"checkout v1.2.9 → v1.3.0 (R-1001) stopped: {writing.refusal()}: virtualservices.networking.istio.io "
            f'"checkout" is forbidden: User "system:serviceaccount:{chart.home}:lockmaster" cannot patch resource '
            f'"virtualservices" in API group "networking.istio.io" in the namespace "{chart.shop}".'
        )
        await chart.grant(chart.granted)
        await ana.presses("Roll back")
        await theatre.until(Phase.ROLLED_BACK)


async def test_the_server_takes_every_object_with_every_value_set(
    plane: Plane, chart: Installed, tmp_path: Path
) -> None:
    catalogue = EVERYTHING["catalogue"]
    defaults = catalogue["defaults"] | {"namespace": chart.shop}
    values = EVERYTHING | {
        "catalogue": catalogue | {"defaults": defaults},
        "podMonitor": {"enabled": False},  # of a kind that is not there
    }
    admin = plane.kubeconfig(tmp_path / "kubeconfig", ADMIN, namespace=chart.home)

    with helm_python.Config(kubeconfig_path=admin, namespace=chart.home) as helm:
        made = await asyncio.to_thread(helm.install, CHART, "other", values)
        await asyncio.to_thread(helm.uninstall, "other")

    assert made["status"] == "deployed"
