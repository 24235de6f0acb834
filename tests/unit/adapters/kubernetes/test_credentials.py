"""Credentials from a pod's own service account; those of a kubeconfig are tested with the requests."""

from pathlib import Path

import pytest

from adapters.kubernetes.credentials import Credentials
from bot.errors import Unavailable
from tests.support.account import mounted


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The token file of a pod."""
    return mounted(tmp_path, monkeypatch, "fd00::1")


def rotate(account: Path) -> None:
    account.write_text("second", encoding="utf-8")


async def test_a_pod_is_its_service_account_and_a_rotated_token_is_read_again(account: Path) -> None:
    credentials = Credentials(None)

    await credentials.load()
    assert credentials.configuration.host == "https://[fd00::1]:443"
    assert credentials.configuration.api_key == {"BearerToken": "bearer first"}
    rotate(account)
    await credentials.load()

    assert credentials.configuration.api_key == {"BearerToken": "bearer second"}
    assert credentials.user() is None


async def test_outside_a_pod_and_without_a_kubeconfig_there_is_nobody_to_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    with pytest.raises(Unavailable, match="no usable credentials: Service host/port is not set"):
        await Credentials(None).load()


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("spared", "proxy"),
    [("", "http://proxy.example:3128"), ("example.org,fd00::1", None)],
    ids=["named", "spared"],
)
async def test_the_environment_may_name_a_proxy_for_all_but_some_servers(
    monkeypatch: pytest.MonkeyPatch, spared: str, proxy: str | None
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", spared)
    credentials = Credentials(None)

    await credentials.load()

    assert credentials.configuration.proxy == proxy
