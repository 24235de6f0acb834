"""Settings from the environment; the names are an outside interface."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.config.secrets import Secret

Bind = Annotated[str, StringConstraints(pattern=r"^[^\s:]+:[0-9]{1,5}$|^\[[0-9a-fA-F:]+\]:[0-9]{1,5}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+")]


class Settings(BaseSettings):
    """Everything but the secrets. Addresses are URLs, binds `host:port`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    slack_api_url: Annotated[
        str, StringConstraints(pattern=r"^https?://[^\s/]+/.*/?api/$|^https?://[^\s/]+/api/$")
    ] = Field(default="https://slack.com/api/", alias="SLACK_API_URL")
    command: Annotated[str, StringConstraints(pattern=r"^/[a-z0-9_-]{1,31}$")] = Field(
        default="/release", alias="LOCKMASTER_COMMAND"
    )
    redis_url: str | None = Field(default=None, alias="REDIS_URL")
    prometheus_url: Url = Field(default="http://prometheus:9090", alias="PROMETHEUS_URL")
    kubeconfig: Path | None = Field(default=None, alias="KUBECONFIG")
    catalogue: Path = Field(default=Path("services.yaml"), alias="LOCKMASTER_CATALOGUE")
    folder: Path = Field(default=Path(".lockmaster"), alias="LOCKMASTER_DATA_DIR")
    bind: Bind = Field(default="0.0.0.0:3000", alias="LOCKMASTER_BIND")
    admin_bind: Bind = Field(default="0.0.0.0:9090", alias="LOCKMASTER_ADMIN_BIND")


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets, each from `NAME` or the file that `NAME_FILE` names."""

    slack_bot_token: Secret
    slack_signing_secret: Secret
    alert_token: Secret

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Find where each comes from; nothing is read yet."""
        return cls(
            slack_bot_token=Secret.of("SLACK_BOT_TOKEN", environment),
            slack_signing_secret=Secret.of("SLACK_SIGNING_SECRET", environment),
            alert_token=Secret.of("LOCKMASTER_ALERT_TOKEN", environment),
        )
