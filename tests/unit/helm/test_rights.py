"""The chart's Roles grant what releases ask for, and nothing else: the real adapters ask, a door that knows those Roles answers."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.clock import SystemClock
from adapters.cluster import Cluster
from adapters.kubernetes.permissions import BELIEVED
from bot.ports.autoscalers import Autoscalers
from bot.ports.clock import Clock
from bot.ports.traffic import RouteWrite, Traffic
from bot.ports.workloads import Track, Workloads
from bot.release.grant import Grant
from bot.release.model import ALL_STABLE, Split
from bot.release.weight import Weight
from sandbox.kube import KubeEmulator, Timing, demo
from sandbox.kube.resources import DEPLOYMENT
from tests.support.chart import REQUIRED, ROLE, rendered, role_page
from tests.support.rbac import UNNOTICED, Ask, Gate, Roles, guarded
from tests.support.until import until
from tests.support.worlds import CATALOGUE, CHECKOUT
from tests.unit.docs.pages import README, ROOT

CHART = Roles.of(rendered(REQUIRED))
GRANTED = """\
create deployments
delete deployments checkout-canary
get deployments
get destinationrules
get horizontalpodautoscalers
get namespaces shop
get services
get virtualservices
list deployments
list destinationrules
list horizontalpodautoscalers
list pods
list services
list virtualservices
patch deployments checkout
patch deployments checkout-canary
patch destinationrules checkout
patch horizontalpodautoscalers checkout
patch virtualservices checkout
watch deployments
watch destinationrules
watch horizontalpodautoscalers
watch pods
watch services
watch virtualservices
"""


SCALER = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "checkout", "namespace": demo.NAMESPACE},
    "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"},
        "minReplicas": 1,
        "maxReplicas": 9,
    },
}


def words(asks: set[Ask]) -> str:
    return "".join(f"{line}\n" for line in sorted(str(ask) for ask in asks))


class Shop:
    """The demo's cluster behind a gate."""

    def __init__(self, gate: Gate, kubeconfig: Path) -> None:
        self.gate = gate
        self._kubeconfig = kubeconfig

    @asynccontextmanager
    async def connected(self, clock: Clock, *, watch: bool = True) -> AsyncIterator[Cluster]:
        async with Cluster.connect(self._kubeconfig, CATALOGUE, clock, watch=watch) as cluster:
            yield cluster


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    kube = KubeEmulator(timing=Timing(ready=0.0, termination=0.0))
    gate = guarded(kube, CHART)

    def ready() -> bool:
        found = kube.store.get(DEPLOYMENT, demo.NAMESPACE, CHECKOUT.deployment)
        return bool(found and found.get("status", {}).get("readyReplicas"))

    async with kube:
        kube.seed([*demo.manifests(), SCALER])
        await until(ready)
        yield Shop(gate, kube.kubeconfig(tmp_path / "kubeconfig"))


class Noted:
    """A port whose verbs are noted down."""

    def __init__(self, port: object) -> None:
        self._port = port
        self.verbs: set[str] = set()

    def __getattr__(self, verb: str) -> Any:
        self.verbs.add(verb)
        return getattr(self._port, verb)


def verbs_of(port: type) -> set[str]:
    return {name for name in vars(port) if not name.startswith("_")}


async def live_and_end(traffic: Any, workloads: Any, autoscalers: Any) -> None:
    """Adopt, release, and take the adoption back, with every verb that the ports have."""
    grant = Grant("checkout", "R-1", 1)
    canary = {"image": demo.image("checkout", "v1.3.0"), "version": "v1.3.0"}

    async def write(weights: Split) -> None:
        seen = await traffic.read(CHECKOUT, fresh=True)
        await traffic.write(grant, CHECKOUT, seen, RouteWrite("R-1", 1, "{}", weights))

    assert await traffic.examine(CHECKOUT) == ()
    await workloads.mark_stable(grant, CHECKOUT)
    await traffic.add_tracks(grant, CHECKOUT)
    await write(ALL_STABLE)
    await autoscalers.hold(grant, CHECKOUT, 3)
    await workloads.ensure_canary(grant, CHECKOUT, **canary, replicas=1)
    await workloads.scale_canary(grant, CHECKOUT, 2)
    assert await workloads.read(CHECKOUT, Track.CANARY) is not None
    await write(Split.of(Weight.parse("5%")))
    assert len(await traffic.managed()) == 1
    await workloads.set_stable_image(grant, CHECKOUT, **canary)
    await write(ALL_STABLE)
    await workloads.remove_canary(grant, CHECKOUT)
    await autoscalers.give_back(grant, CHECKOUT)
    assert await autoscalers.read(CHECKOUT) is not None
    await traffic.unadopt(grant, CHECKOUT, await traffic.read(CHECKOUT, fresh=True))
    await traffic.drop_tracks(grant, CHECKOUT)
    await workloads.unmark_stable(grant, CHECKOUT)
    gone = CHECKOUT.model_copy(update={"deployment": "gone"})
    assert await workloads.read(gone, Track.STABLE) is None


def test_the_role_grants_this() -> None:
    assert words(CHART.granted()) == GRANTED


async def test_everything_a_release_asks_for_is_granted_and_everything_granted_is_asked_for(
    shop: Shop,
) -> None:
    async with shop.connected(
        SystemClock(), watch=False
    ) as cluster:  # in a terminal: each read asks the server
        ports = [Noted(port) for port in (cluster.traffic, cluster.workloads, cluster.autoscalers)]
        await live_and_end(*ports)
    async with shop.connected(SystemClock()) as cluster:
        assert await cluster.traffic.examine(CHECKOUT) == ()

    assert [port.verbs for port in ports] == [verbs_of(port) for port in (Traffic, Workloads, Autoscalers)]
    asked = shop.gate.asked
    assert words({ask for ask in asked if not CHART.allow(ask)}) == ""
    assert words({one for one in CHART.granted() if not any(map(one.covers, asked))}) == ""


class LaterEachTime(SystemClock):
    """So late that no permission is believed any more."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


async def test_whatever_is_not_granted_is_named_before_a_release_begins(shop: Shop) -> None:
    clock = LaterEachTime()
    told, expected = {}, {}
    async with shop.connected(clock) as cluster:
        for one in sorted(CHART.granted()):
            shop.gate.roles = CHART.without(one)
            clock.ahead += BELIEVED
            told[str(one)] = [reason.text for reason in await cluster.traffic.examine(CHECKOUT)]
            expected[str(one)] = [] if one.resource in UNNOTICED else [one.refusal()]

    assert told == expected


EXAMPLE = yaml.safe_load((ROOT / "docs" / "services.example.yaml").read_text(encoding="utf-8"))
WRITTEN = """\
books delete deployments catalog-canary
books delete deployments search-api-canary
books get namespaces books
books patch deployments catalog
books patch deployments catalog-canary
books patch deployments search-api
books patch deployments search-api-canary
books patch destinationrules catalog
books patch destinationrules search
books patch horizontalpodautoscalers catalog
books patch horizontalpodautoscalers search-scaler
books patch virtualservices catalog
books patch virtualservices search
money delete deployments payout-canary
money get namespaces money
money patch deployments payout
money patch deployments payout-canary
money patch destinationrules payout
money patch horizontalpodautoscalers payout
money patch virtualservices payout
"""


def test_each_namespace_has_a_role_that_names_its_own_objects_alone() -> None:
    values = REQUIRED | {"catalogue": EXAMPLE, "rbac": {"autoscalers": {"search": "search-scaler"}}}
    roles = Roles.of(rendered(values))

    named = {ask for ask in roles.granted() if ask.name}
    assert "".join(sorted(f"{ask.namespace} {ask}\n" for ask in named)) == WRITTEN
    unnamed = {ask for ask in CHART.granted() if not ask.name}
    for namespace in ("books", "money"):
        here = {ask for ask in roles.granted() if ask.namespace == namespace and not ask.name}
        assert here == {replace(ask, namespace=namespace) for ask in unnamed}


def test_the_account_is_bound_in_each_namespace_and_nothing_is_cluster_wide() -> None:
    objects = rendered(REQUIRED | {"catalogue": EXAMPLE}, name="bot", namespace="tools")

    bindings = [found for found in objects if found["kind"] == "RoleBinding"]
    account = {"kind": "ServiceAccount", "name": "bot-lockmaster", "namespace": "tools"}
    assert {one["metadata"]["namespace"]: (one["roleRef"]["name"], one["subjects"]) for one in bindings} == {
        namespace: ("bot-lockmaster", [account]) for namespace in ("books", "money")
    }
    assert not [found["kind"] for found in objects if found["kind"].startswith("Cluster")]


def test_the_page_shows_the_role_as_the_chart_makes_it() -> None:
    assert ROLE.read_text(encoding="utf-8") == role_page(), "run python -m tests.support.chart"


def test_the_readme_says_what_the_role_grants() -> None:
    verbs: dict[str, set[str]] = {}
    for ask in CHART.granted():
        verbs.setdefault(ask.resource, set()).add(ask.verb)
    said = re.findall(r"^\| ([a-z, ]+) \| ((?:get|list)[a-z, ]*) \|", README.text, re.MULTILINE)
    assert {kind: set(each.split(", ")) for kinds, each in said for kind in kinds.split(", ")} == verbs
