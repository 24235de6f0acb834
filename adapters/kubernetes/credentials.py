"""Where the cluster is and who we are there: a kubeconfig, or the pod's own service account."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.config import incluster_config, kube_config
from kubernetes.aio.config.config_exception import ConfigException

from adapters.kubernetes.failures import PART
from bot.errors import Unavailable

CONNECTIONS: Final = 300
"""Parallel connections: 200 live releases at once, and the watches."""


class Credentials:
    """Reads them at the start and again whenever the server does not accept them any more.

    The vendor's own hook, which reads a service account's token each minute, is left out: in the middle of a rotation it raises
    within a request, and a token that changed is found by the server's 401 as well.
    """

    def __init__(self, kubeconfig: Path | None) -> None:
        self._kubeconfig = kubeconfig
        self.configuration = Configuration()
        self.configuration.connection_pool_maxsize = CONNECTIONS
        # The session would look for a proxy in the environment at each request, and in a thread: a write would wait for two switches.
        self.configuration.client_session_kwargs = {"trust_env": False}

    async def load(self) -> None:
        """Fill the configuration. Raises `Unavailable` when there is nothing to read."""
        try:
            if self._kubeconfig is None:
                incluster_config.load_incluster_config(self.configuration, try_refresh_token=False)
            else:
                await kube_config.load_kube_config(
                    config_file=str(self._kubeconfig),
                    client_configuration=self.configuration,
                    persist_config=False,
                )
        except (ConfigException, OSError, ValueError) as error:
            raise Unavailable(PART, f"no usable credentials: {error}") from error
        keys = self.configuration.api_key
        keys.update(
            {kind: key.strip() for kind, key in keys.items()}
        )  # a file may end in a newline, a header may not
        if self.configuration.proxy is None:
            self.configuration.proxy = _proxy_to(self.configuration.host)

    def user(self) -> str | None:
        """The name of the kubeconfig's current user; None without a kubeconfig."""
        if self._kubeconfig is None:
            return None
        _, current = kube_config.list_kube_config_contexts(config_file=str(self._kubeconfig))
        return str(current["context"]["user"]) if "user" in current["context"] else None


def _proxy_to(server: str) -> str | None:
    """The proxy that the environment names for a server."""
    address = urlsplit(server)
    return None if proxy_bypass(address.hostname or "") else getproxies().get(address.scheme)
