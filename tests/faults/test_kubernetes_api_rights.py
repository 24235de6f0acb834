"""A right that is missing is named once; a token that changed is read again."""

from pathlib import Path

import pytest

from adapters.kubernetes.api import Api, Call
from adapters.kubernetes.credentials import Credentials
from adapters.kubernetes.resources import DEPLOYMENT, Ref
from adapters.kubernetes.urgency import Bucket, Urgency
from bot.release.phases import Phase
from sandbox.kube import KubeEmulator
from tests.fakes.clock import FakeClock
from tests.faults.shop import shop, written
from tests.faults.wire import FINE, Fate, Sent, wired
from tests.scenarios.conftest import quiet
from tests.support.account import mounted

__all__ = ["quiet"]

ROUTE = "virtualservices.networking.istio.io"
MAY_NOT_PATCH = f'{ROUTE} "checkout" is forbidden: User "bot" cannot patch resource'
MAY_NOT_GET = 'deployments.apps "checkout" is forbidden: User "bot" cannot get resource'
STOPPED = """\
Stopped   checkout v1.2.9 → v1.3.0 (R-1001): Lockmaster may not patch
virtualservices.networking.istio.io checkout in namespace shop: virtualservices.networking.istio.io
"checkout" is forbidden: User "bot" cannot patch resource.
Roll back is on its live message, for members of #shop-releases. /release show R-1001 tells
everything."""
HELD_UP = """\
Held up   checkout v1.2.9 → v1.3.0 (R-1001) cannot go on: Lockmaster may not get deployments.apps
checkout in namespace shop.
deployments.apps "checkout" is forbidden: User "bot" cannot get resource
Ask whoever manages the cluster to allow the verb get on deployments.apps checkout to Lockmaster's
role in namespace shop. It is tried again every few seconds."""
READ = Call("list", Ref(DEPLOYMENT, "shop", ""), Urgency.READ)


async def test_f20_a_missing_verb_stops_the_release_and_is_named_once(tmp_path: Path) -> None:
    def rule(sent: Sent) -> Fate:
        return Fate(arrives=False, heard=403, message=MAY_NOT_PATCH) if sent.verb == "PATCH" else FINE

    async with shop(tmp_path) as world:
        await world.person("U1ANA", "ana").types("checkout v1.3.0")
        await world.until(Phase.BAKING)
        world.wire.rule = rule
        before = len(world.wire.writes())

        await world.pass_(60)

        assert [world.notice(n).strip() for n in range(1, len(world.channel()))] == [STOPPED]
        assert len(world.wire.writes()) - before < 40
        assert world.canary == 50


async def test_f20_a_read_that_is_not_allowed_is_told_once_and_tried_again(tmp_path: Path) -> None:
    def rule(sent: Sent) -> Fate:
        reads = not sent.writes and sent.path.split("/")[6:7] == ["deployments"]
        return Fate(arrives=False, heard=403, message=MAY_NOT_GET) if reads else FINE

    async with shop(tmp_path) as world:
        await world.person("U1ANA", "ana").types("checkout v1.3.0 every 1m")
        await world.until(Phase.BAKING)
        world.wire.rule = rule
        world.kube.watches.drop()

        await world.pass_(70)

        assert [world.notice(n).strip() for n in range(1, len(world.channel()))] == [HELD_UP]
        assert (await world.release()).phase is Phase.BAKING
        world.wire.rule = lambda _: FINE
        await world.until(Phase.PROMOTED)


def rotate(token: Path) -> None:
    token.write_text("second\n", encoding="utf-8")


async def test_f20_a_rotated_token_file_of_a_kubeconfig_is_read_again(tmp_path: Path) -> None:
    tokens = {"first": "bot"}
    token = tmp_path / "token"
    token.write_text("first\n", encoding="utf-8")
    clock = FakeClock()
    async with KubeEmulator(tokens=tokens) as kube, wired(kube.url) as wire:
        credentials = Credentials(written(tmp_path, wire.url, tokenFile=str(token)))
        async with Api(credentials, clock, Bucket(clock, 50, 100)) as api:
            await api.request(READ)
            tokens["second"] = tokens.pop("first")
            rotate(token)

            await api.request(READ)

        assert [sent.token for sent in wire.sent] == ["Bearer first", "Bearer first", "Bearer second"]


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The token file of a pod's service account."""
    return mounted(tmp_path, monkeypatch, "127.0.0.1")


class Plain(Credentials):
    """Those of a pod, at a server without TLS."""

    def __init__(self, url: str) -> None:
        super().__init__(None)
        self._url = url

    async def load(self) -> None:
        await super().load()
        self.configuration.host = self._url
        self.configuration.ssl_ca_cert = None


async def test_f20_a_rotated_service_account_token_is_read_again(account: Path) -> None:
    tokens = {"first": "bot"}
    clock = FakeClock()
    async with KubeEmulator(tokens=tokens) as kube, wired(kube.url) as wire:
        async with Api(Plain(wire.url), clock, Bucket(clock, 50, 100)) as api:
            await api.request(READ)
            tokens["second"] = tokens.pop("first")
            rotate(account)

            await api.request(READ)

        assert [sent.token for sent in wire.sent] == ["bearer first", "bearer first", "bearer second"]
