"""What the bot is told: its outside interfaces, as an environment and as a file that a shell can read."""

import os
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is; `bot` and `admin` are loopback ports."""

    slack_api_url: str
    redis_url: str
    prometheus_url: str
    kubeconfig: Path
    catalogue: Path
    bot: int
    admin: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """Secrets of one sandbox."""

    bot_token: str
    signing_secret: str
    alert_token: str

    @classmethod
    def fresh(cls) -> "Credentials":
        """New ones, so that two sandboxes on one machine do not take each other's requests."""
        return cls(f"xoxb-{secrets.token_hex(12)}", secrets.token_hex(16), secrets.token_hex(16))


def settings(addresses: Addresses, credentials: Credentials, folder: Path) -> dict[str, str]:
    """The bot's own variables; `folder` is for what it keeps."""
    return {
        "SLACK_BOT_TOKEN": credentials.bot_token,
        "SLACK_SIGNING_SECRET": credentials.signing_secret,
        "SLACK_API_URL": addresses.slack_api_url,
        "REDIS_URL": addresses.redis_url,
        "PROMETHEUS_URL": addresses.prometheus_url,
        "KUBECONFIG": str(addresses.kubeconfig),
        "LOCKMASTER_CATALOGUE": str(addresses.catalogue),
        "LOCKMASTER_BIND": f"127.0.0.1:{addresses.bot}",
        "LOCKMASTER_ADMIN_BIND": f"127.0.0.1:{addresses.admin}",
        "LOCKMASTER_ALERT_TOKEN": credentials.alert_token,
        "LOCKMASTER_DATA_DIR": str(folder),
    }


def process_environment(own: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a process: `own`, and of ours what any program needs."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | dict(own)


def write_exports(path: Path, own: Mapping[str, str]) -> Path:
    """Write the variables as a shell reads them, for a terminal beside the sandbox; readable by its owner alone."""
    path.touch(mode=0o600)
    path.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in own.items()))
    return path
