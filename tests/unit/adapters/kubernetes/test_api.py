"""Requests: what is tried again, what never is, and what a refusal means."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.kubernetes import api as api_module
from adapters.kubernetes.api import Api, Call
from adapters.kubernetes.credentials import Credentials
from adapters.kubernetes.failures import VersionGone
from adapters.kubernetes.resources import ACCESS_REVIEW, NAMESPACE, VIRTUAL_SERVICE, Ref
from adapters.kubernetes.urgency import Bucket, Urgency
from bot.errors import Conflict, Reason, ReasonCode, Refused, TargetGone, Unavailable
from tests.fakes.clock import FakeClock
from tests.unit.adapters.kubernetes.server import Answer, Script, hang_up, html, never, refuse, say, scripted

CHECKOUT = Ref(VIRTUAL_SERVICE, "shop", "checkout")
READ = Call("get", CHECKOUT, Urgency.READ)
WRITE = Call("patch", CHECKOUT, Urgency.WRITE, body={"metadata": {"labels": {"a": None}}})
FOUND = {"metadata": {"name": "checkout"}}


class Impatient(FakeClock):
    """Sleeps are over at once, and counted."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.step(seconds)


@asynccontextmanager
async def connected(directory: Path, *answers: Answer) -> AsyncIterator[tuple[Api, Script, Impatient]]:
    clock = Impatient()
    async with scripted(*answers) as script:
        credentials = Credentials(script.kubeconfig(directory))
        async with Api(credentials, clock, Bucket(clock, 50, 100)) as api:
            yield api, script, clock


async def test_a_patch_says_its_content_type_and_keeps_what_it_takes_away(tmp_path: Path) -> None:
    async with connected(tmp_path, say(FOUND)) as (api, script, _):
        assert await api.request(WRITE) == FOUND

    [asked] = script.asked
    assert (asked.method, asked.path) == (
        "PATCH",
        "/apis/networking.istio.io/v1/namespaces/shop/virtualservices/checkout",
    )
    assert asked.body == {"metadata": {"labels": {"a": None}}}
    assert asked.headers["Content-Type"] == "application/merge-patch+json"
    assert asked.headers["Authorization"] == "Bearer first"


async def test_objects_without_a_namespace_and_reviews_have_paths_of_their_own(tmp_path: Path) -> None:
    async with connected(tmp_path, say(FOUND)) as (api, script, _):
        await api.request(Call("get", Ref(NAMESPACE, "", "shop"), Urgency.READ))
        await api.request(Call("create", Ref(ACCESS_REVIEW, "", ""), Urgency.READ, body={}))

    assert [(asked.method, asked.path) for asked in script.asked] == [
        ("GET", "/api/v1/namespaces/shop"),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
    ]


@pytest.mark.parametrize("failure", [refuse(500, "etcd"), refuse(503, "busy"), html])
async def test_a_read_is_tried_again(tmp_path: Path, failure: Answer) -> None:
    async with connected(tmp_path, failure, failure, say(FOUND)) as (api, script, clock):
        assert await api.request(READ) == FOUND

    assert len(script.asked) == 3
    assert len(clock.slept) == 2
    assert clock.slept[0] < clock.slept[1]


async def test_a_read_whose_connection_is_cut_is_tried_again(tmp_path: Path) -> None:
    async with connected(tmp_path, hang_up, say(FOUND)) as (api, script, _):
        assert await api.request(READ) == FOUND

    assert len(script.asked) == 2


async def test_a_read_without_an_answer_in_time_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_module, "TOTAL_SECONDS", 0.1)
    async with connected(tmp_path, never, say(FOUND)) as (api, script, _):
        assert await api.request(READ) == FOUND

    assert len(script.asked) == 2


async def test_a_write_without_an_answer_in_time_may_have_been_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_module, "TOTAL_SECONDS", 0.1)
    async with connected(tmp_path, never) as (api, script, _):
        with pytest.raises(Unavailable) as raised:
            await api.request(WRITE)

    assert raised.value.why == (
        "patch VirtualService shop/checkout: no answer in time; whether it was done is unknown"
    )
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (refuse(500, "etcd"), "get VirtualService shop/checkout: etcd (500)"),
        (html, "get VirtualService shop/checkout: <html>Bad Gateway</html> (502)"),
    ],
)
async def test_a_read_that_fails_three_times_is_unavailable(
    tmp_path: Path, failure: Answer, said: str
) -> None:
    async with connected(tmp_path, failure) as (api, script, _):
        with pytest.raises(Unavailable) as raised:
            await api.request(READ)

    assert (raised.value.part, raised.value.why, len(script.asked)) == ("kubernetes", said, 3)


@pytest.mark.parametrize("failure", [refuse(500, "etcd"), refuse(504, "late"), hang_up, html])
async def test_a_write_of_unknown_result_is_never_sent_again(tmp_path: Path, failure: Answer) -> None:
    async with connected(tmp_path, failure) as (api, script, _):
        with pytest.raises(
            Unavailable, match="kubernetes is unavailable: patch VirtualService shop/checkout"
        ):
            await api.request(WRITE)

    assert len(script.asked) == 1


@pytest.mark.parametrize("call", [READ, WRITE])
async def test_429_is_not_begun_so_it_is_sent_again_when_the_server_says(tmp_path: Path, call: Call) -> None:
    throttled = refuse(429, "slow down", **{"Retry-After": "3"})
    async with connected(tmp_path, throttled, say(FOUND)) as (api, script, clock):
        assert await api.request(call) == FOUND

    assert len(script.asked) == 2
    assert sum(clock.slept) == pytest.approx(3)


async def test_a_server_that_asks_for_much_patience_is_unavailable(tmp_path: Path) -> None:
    async with connected(tmp_path, refuse(429, "slow down", **{"Retry-After": "60"})) as (api, script, _):
        with pytest.raises(Unavailable, match="the API server asks for patience: slow down"):
            await api.request(WRITE)

    assert len(script.asked) == 1


async def test_401_reads_the_credentials_again_once(tmp_path: Path) -> None:
    async with connected(tmp_path, refuse(401, "expired"), say(FOUND)) as (api, script, _):
        script.kubeconfig(tmp_path, token="second")
        assert await api.request(WRITE) == FOUND

    assert [asked.headers["Authorization"] for asked in script.asked] == ["Bearer first", "Bearer second"]


async def test_401_twice_is_unavailable(tmp_path: Path) -> None:
    async with connected(tmp_path, refuse(401, "Unauthorized")) as (api, script, _):
        with pytest.raises(Unavailable, match="the API server does not accept our credentials: Unauthorized"):
            await api.request(READ)

    assert len(script.asked) == 2


async def test_without_credentials_nothing_can_be_asked(tmp_path: Path) -> None:
    clock = FakeClock()
    api = Api(Credentials(tmp_path / "none"), clock, Bucket(clock, 50, 100))

    with pytest.raises(Unavailable, match="no usable credentials"):
        await api.__aenter__()


RBAC = 'virtualservices.networking.istio.io "checkout" is forbidden: User "bot" cannot patch'
WEBHOOK = 'admission webhook "policy.example" denied the request: no releases on friday'
QUOTA = 'deployments.apps "checkout-canary" is forbidden: exceeded quota: shop'


async def test_403_names_the_missing_verb_resource_and_namespace(tmp_path: Path) -> None:
    async with connected(tmp_path, refuse(403, RBAC)) as (api, _, _):
        with pytest.raises(Refused) as refused:
            await api.request(WRITE)

    assert refused.value.reason == Reason(
        ReasonCode.NOT_READY,
        "Lockmaster may not patch virtualservices.networking.istio.io checkout in namespace shop",
        "Ask whoever manages the cluster to allow the verb patch on virtualservices.networking.istio.io checkout "
        "to Lockmaster's role in namespace shop.",
        (Reason(ReasonCode.NOT_READY, RBAC),),
    )


@pytest.mark.parametrize(
    ("status", "message"), [(403, WEBHOOK), (403, QUOTA), (422, "spec.http: Required value"), (400, "bad")]
)
async def test_what_the_cluster_denies_is_said_in_its_own_words(
    tmp_path: Path, status: int, message: str
) -> None:
    async with connected(tmp_path, refuse(status, message)) as (api, _, _):
        with pytest.raises(Refused) as refused:
            await api.request(WRITE)

    assert refused.value.reason == Reason(
        ReasonCode.NOT_READY,
        f"the cluster did not take the patch of VirtualService shop/checkout: {message}",
        "Mend what the message names, then try again.",
    )


async def test_a_namespace_that_goes_away_is_gone(tmp_path: Path) -> None:
    causes = [{"reason": "NamespaceTerminating"}]
    status = {"message": "forbidden: it is being terminated", "details": {"causes": causes}}
    async with connected(tmp_path, say(status, 403)) as (api, _, _):
        with pytest.raises(TargetGone, match="Namespace shop does not exist"):
            await api.request(WRITE)


@pytest.mark.parametrize(("status", "error"), [(404, TargetGone), (409, Conflict), (410, VersionGone)])
async def test_other_answers_have_errors_of_their_own(
    tmp_path: Path, status: int, error: type[Exception]
) -> None:
    async with connected(tmp_path, refuse(status, "no")) as (api, script, _):
        with pytest.raises(error):
            await api.request(READ)

    assert len(script.asked) == 1
