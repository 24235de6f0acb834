"""Settings come from the environment; every wrong one is named at once, and no secret is shown."""

from pathlib import Path

import pytest

from bot.config.settings import BrokenSettings, Settings, load_settings


def told(environment: dict[str, str], *require: str) -> list[str]:
    with pytest.raises(BrokenSettings) as caught:
        load_settings(environment, require=require)
    return str(caught.value).split("\n")


def test_an_empty_environment_gives_the_defaults() -> None:
    settings, secrets = load_settings({})
    assert settings == Settings()
    assert settings.model_dump(mode="json") == {
        "slack_api_url": "https://slack.com/api/",
        "command": "/release",
        "redis_url": None,
        "redis_replicas": None,
        "prometheus_url": "http://prometheus:9090",
        "kubeconfig": None,
        "catalogue": "services.yaml",
        "folder": ".lockmaster",
        "bind": "0.0.0.0:3000",
        "admin_bind": "0.0.0.0:9090",
        "pace": 5,
    }
    assert [secret.get() for secret in secrets.all()] == [None, None, None]


def test_every_variable_of_the_outside_interface_is_taken() -> None:
    settings, secrets = load_settings(
        {
            "SLACK_API_URL": "http://127.0.0.1:8080/api/",
            "LOCKMASTER_COMMAND": "/ship",
            "REDIS_URL": "rediss://bot:pass@redis:6379/1",
            "REDIS_REPLICAS": "2",
            "PROMETHEUS_URL": "https://prometheus.example/base",
            "KUBECONFIG": "kube/config",
            "LOCKMASTER_CATALOGUE": "etc/services.yaml",
            "LOCKMASTER_DATA_DIR": "var",
            "LOCKMASTER_BIND": "[::1]:0",
            "LOCKMASTER_ADMIN_BIND": "localhost:65535",
            "LOCKMASTER_PACE": "2",
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": "sign",
            "LOCKMASTER_ALERT_TOKEN": "alert",
            "LOCKMASTER_SERVICE_HOST": "10.0.0.1",
        }
    )
    assert settings == Settings(
        slack_api_url="http://127.0.0.1:8080/api/",
        command="/ship",
        redis_url="rediss://bot:pass@redis:6379/1",
        redis_replicas=2,
        prometheus_url="https://prometheus.example/base",
        kubeconfig=Path("kube/config"),
        catalogue=Path("etc/services.yaml"),
        folder=Path("var"),
        bind="[::1]:0",
        admin_bind="localhost:65535",
        pace=2,
    )
    assert [secret.get() for secret in secrets.all()] == ["xoxb-1", "sign", "alert"]


def test_an_empty_variable_counts_as_absent() -> None:
    assert load_settings({"REDIS_URL": "", "LOCKMASTER_BIND": "", "SLACK_BOT_TOKEN": ""})[0] == Settings()


def test_every_wrong_variable_is_named_with_its_value_and_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    environment = {
        "SLACK_API_URL": "https://slack.com/api",
        "PROMETHEUS_URL": "prometheus:9090",
        "LOCKMASTER_COMMAND": "release",
        "LOCKMASTER_BIND": "0.0.0.0:65536",
        "LOCKMASTER_PACE": "0",
        "SLACK_BOT_TOKEN": "xoxb-secret",
        "SLACK_BOT_TOKEN_FILE": str(tmp_path / "empty"),
        "SLACK_SIGNING_SECRET_FILE": str(tmp_path / "none"),
        "LOCKMASTER_ALERT_TOKEN_FILE": str(tmp_path / "binary"),
    }
    assert told(environment) == [
        (
            'LOCKMASTER_ALERT_TOKEN_FILE: expected a file that can be read (got "'
            f'{tmp_path / "binary"}"): it is not UTF-8'
        ),
        'LOCKMASTER_BIND: expected host:port such as 0.0.0.0:3000 or [::]:3000 (got "0.0.0.0:65536")',
        'LOCKMASTER_COMMAND: expected a slash command such as /release (got "release")',
        'LOCKMASTER_PACE: expected at least 1 (got "0")',
        'PROMETHEUS_URL: expected a URL such as http://prometheus:9090 (got "prometheus:9090")',
        (
            "SLACK_API_URL: expected a URL that ends in /api/ such as https://slack.com/api/ "
            '(got "https://slack.com/api")'
        ),
        "SLACK_BOT_TOKEN: expected it or SLACK_BOT_TOKEN_FILE, not both",
        (
            'SLACK_SIGNING_SECRET_FILE: expected a file that can be read (got "'
            f'{tmp_path / "none"}"): No such file or directory'
        ),
    ]


@pytest.mark.parametrize(
    "url",
    [
        "redis://redis:6379/0",
        "unix:///run/redis.sock",
        "redis+sentinel://one:26379,two,[fd00::3]:26380/mymaster",
        "rediss+sentinel://bot:p%40ss@one/mymaster/2?sentinel_password=x&ssl_ca_certs=/ca.pem",
        "redis+cluster://one:7000,two:7000",
        "rediss+cluster://bot:pass@[fd00::1]:7000/?ssl_ca_certs=/ca.pem",
    ],
)
def test_a_url_of_redis_names_a_server_or_those_who_know_it(url: str) -> None:
    assert load_settings({"REDIS_URL": url})[0].redis_url == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://bot:pass@redis:6379/0?password=pass", "http://***@redis:6379/0?***"),
        ("bot:pass@redis", "***@redis"),
        ("redis:/bot:p@ss@redis", "***@redis"),
        ("redis+sentinel://bot:pass@one:26379,two:26379", "redis+sentinel://***@one:26379,two:26379"),
        ("redis+sentinel://one:x/mymaster", "redis+sentinel://one:x/mymaster"),
        ("redis+cluster://one:7000/1", "redis+cluster://one:7000/1"),
        ("redis+cluster://one,,two", "redis+cluster://one,,two"),
    ],
)
def test_a_wrong_url_is_shown_without_its_password(url: str, shown: str) -> None:
    (line,) = told({"REDIS_URL": url})
    assert line == (
        "REDIS_URL: expected a URL such as redis://redis:6379/0, rediss://, unix://, "
        f'redis+sentinel://host:26379,host:26379/mymaster or redis+cluster://host:6379,host:6379 (got "{shown}")'
    )


def test_a_secret_that_is_required_and_absent_or_empty_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    assert told(
        {"SLACK_BOT_TOKEN_FILE": str(tmp_path / "empty")}, "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"
    ) == [
        f'SLACK_BOT_TOKEN_FILE: expected a file with the secret in it (got "{tmp_path / "empty"}"), which is empty',
        "SLACK_SIGNING_SECRET: expected a value, or SLACK_SIGNING_SECRET_FILE with the path of a file (got nothing)",
    ]
