"""Settings from the environment; the names are an outside interface."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from bot.config.problems import expected, got
from bot.config.secrets import Secret, Secrets
from bot.config.shapes import Shape
from bot.release.frozen import Frozen

_PORT = r"(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_HOST = r"(?:\[[0-9a-fA-F:]+\]|[^\s:/@\[\]]+)"
_REDIS_HOST = rf"(?:\[[0-9a-fA-F:]+\]|[^\s:/?,@\[\]]+)(?::{_PORT})?"

Bind = Annotated[str, Shape(rf"{_HOST}:{_PORT}", "host:port such as 0.0.0.0:3000 or [::]:3000")]
Url = Annotated[str, Shape(r"https?://[^\s/]+(/\S*)?", "a URL such as http://prometheus:9090")]
SlackUrl = Annotated[
    str, Shape(r"https?://[^\s/]+(/\S*)?/api/", "a URL that ends in /api/ such as https://slack.com/api/")
]
_REDIS_HOSTS = rf"([^\s/?@]*@)?{_REDIS_HOST}(,{_REDIS_HOST})*"
RedisUrl = Annotated[
    str,
    Shape(
        rf"(rediss?|unix)://\S+"
        rf"|rediss?\+sentinel://{_REDIS_HOSTS}/[^\s/?]+(/[0-9]+)?(\?\S*)?"
        rf"|rediss?\+cluster://{_REDIS_HOSTS}/?(\?\S*)?",
        "a URL such as redis://redis:6379/0, rediss://, unix://, redis+sentinel://host:26379,host:26379/mymaster"
        " or redis+cluster://host:6379,host:6379",
    ),
]
CommandName = Annotated[str, Shape(r"/[a-z0-9_-]{1,31}", "a slash command such as /release")]
Pace = Annotated[int, Field(ge=1, le=100)]


class Settings(Frozen):
    """Everything but the secrets. Addresses are URLs, binds `host:port`; port 0 lets the system choose one.

    `pace` is how many writes may move traffic forward in any second, over all replicas: a mesh of its own has a bot of its own.
    Without `redis_url` the embedded store in `folder` is used, without `kubeconfig` the pod's own service account. `redis_replicas` is
    how many must have a lock before it counts; without it one must, where Sentinels or a cluster say that the master has any.
    """

    slack_api_url: SlackUrl = Field(default="https://slack.com/api/", alias="SLACK_API_URL")
    command: CommandName = Field(default="/release", alias="LOCKMASTER_COMMAND")
    redis_url: RedisUrl | None = Field(default=None, alias="REDIS_URL")
    redis_replicas: int | None = Field(default=None, ge=0, le=9, alias="REDIS_REPLICAS")
    prometheus_url: Url = Field(default="http://prometheus:9090", alias="PROMETHEUS_URL")
    kubeconfig: Path | None = Field(default=None, alias="KUBECONFIG")
    catalogue: Path = Field(default=Path("services.yaml"), alias="LOCKMASTER_CATALOGUE")
    folder: Path = Field(default=Path(".lockmaster"), alias="LOCKMASTER_DATA_DIR")
    bind: Bind = Field(default="0.0.0.0:3000", alias="LOCKMASTER_BIND")
    admin_bind: Bind = Field(default="0.0.0.0:9090", alias="LOCKMASTER_ADMIN_BIND")
    pace: Pace = Field(default=5, alias="LOCKMASTER_PACE")


class BrokenSettings(Exception):  # noqa: N818  the house names an error by what is wrong
    """The environment cannot be used; its text has one line a variable, `NAME: what was expected (got …)`."""

    def __init__(self, problems: Collection[str]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(self.problems))


def load_settings(
    environment: Mapping[str, str] = os.environ, *, require: Collection[str] = ()
) -> tuple[Settings, Secrets]:
    """Read settings and find the secrets; `require` names secrets that must be there. Raises `BrokenSettings`.

    A variable that is empty counts as absent. Variables with other names are left alone: Kubernetes itself puts some that begin
    with LOCKMASTER_ into every pod beside a Service of that name.
    """
    names = [str(field.alias) for field in Settings.model_fields.values()]
    secrets = Secrets.of(environment)
    problems = list(_wrong_secrets(secrets, environment, require))
    settings = Settings()
    try:
        settings = Settings.model_validate(
            {name: value for name in names if (value := environment.get(name))}
        )
    except ValidationError as error:
        for found in error.errors(include_url=False):
            name = str(found["loc"][0])
            problems.append(f"{name}: {expected(found)} {got(_without_password(environment[name]))}")
    if problems:
        raise BrokenSettings(problems)
    return settings, secrets


def _wrong_secrets(
    secrets: Secrets, environment: Mapping[str, str], require: Collection[str]
) -> Iterator[str]:
    """Say what is wrong with the secrets, and never what they are."""
    for secret in secrets.all():
        if secret.file and environment.get(secret.name):
            yield f"{secret.name}: expected it or {secret.name}_FILE, not both"
            continue
        try:
            value = secret.get()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            yield f'{secret.name}_FILE: expected a file that can be read (got "{secret.file}"): {why}'
            continue
        if not value and (secret.file or secret.name in require):
            yield _missing(secret)


def _missing(secret: Secret) -> str:
    if secret.file:
        return (
            f'{secret.name}_FILE: expected a file with the secret in it (got "{secret.file}"), which is empty'
        )
    return f"{secret.name}: expected a value, or {secret.name}_FILE with the path of a file (got nothing)"


def _without_password(url: str) -> str:
    """Hide whatever a URL says before the @, and in its query, well formed or not."""
    return re.sub(
        r"(\?).*", r"\1***", re.sub(r"^([a-z+]+://)?.*@", r"\1***@", url, flags=re.DOTALL), flags=re.DOTALL
    )
