"""Values that cannot work never reach the cluster: the schema and the templates refuse them, and say why."""

from collections.abc import Iterator
from typing import Any

import helm_python
import pytest
import yaml

from tests.support.chart import CHART, REQUIRED, SCHEMA, Object, one, rendered, schema_text
from tests.unit.helm.samples import EVERYTHING

CHECKOUT = REQUIRED["catalogue"]["services"]["checkout"]


def entry(**fields: object) -> Object:
    return {"catalogue": {"services": {"checkout": fields}}}


def redis(url: str) -> Object:
    return {"secret": EVERYTHING["secret"] | {"redisUrl": url}}


PLAIN = """secret.redisUrl: expected rediss:// and a password, such as rediss://lockmaster:PASSWORD@redis.example:6379/0; \
redis.allowPlain lets another in"""
REFUSED: dict[str, tuple[Object, str]] = {
    "no service": (
        {"catalogue": {"services": {}}},
        "catalogue.services: expected at least one entry, its key the service's name",
    ),
    "a service of which nothing is known": (
        entry(),
        """catalogue.services.checkout: expected a value for channel, image, namespace, traffic.istio.destination_rule, \
traffic.istio.virtual_service, here or in catalogue.defaults""",
    ),
    "a field that is none": (
        entry(**CHECKOUT, trafic={}),
        "at '/catalogue/services/checkout': additional properties 'trafic' not allowed",
    ),
    "too long a name": (
        entry(**CHECKOUT, deployment="a" * 241),
        "at '/catalogue/services/checkout/deployment': maxLength: got 241, want 240",
    ),
    "no secret": (
        {"secret": {}},
        """secret: expected a value for alertToken, redisUrl, slackBotToken, slackSigningSecret, or in \
secret.existing the name of a Secret that holds them""",
    ),
    "two places for one secret": (
        {"secret": {"existing": "a", "alertToken": "b"}},
        "secret: expected nothing in alertToken, since secret.existing names the Secret that holds it",
    ),
    "redis without tls": (redis("redis://lockmaster:secret@redis"), PLAIN),
    "redis without a password": (redis("rediss+sentinel://lockmaster@redis/mymaster"), PLAIN),
    "redis by another protocol": (
        redis("http://redis"),
        "at '/secret/redisUrl': 'http://redis' does not match pattern '^(redis\\\\S*://\\\\S+)?$'",
    ),
    "no image": (
        {"image": {}},
        "image.repository: expected the name of an image that has `lockmaster` on its PATH",
    ),
    "a digest that is none": (
        {"image": {"repository": "a", "digest": "latest"}},
        "at '/image/digest': 'latest' does not match pattern '^(sha256:[0-9a-f]{64})?$'",
    ),
    "no prometheus": (
        {"prometheus": {}},
        "prometheus.url: expected a URL such as http://prometheus.monitoring:9090",
    ),
    "an autoscaler of nobody": (
        {"rbac": {"autoscalers": {"chekout": "a"}}},
        "rbac.autoscalers.chekout: expected the name of a service of the catalogue",
    ),
    "an account without a name": (
        {"serviceAccount": {"create": False}},
        "serviceAccount.name: expected a name, since serviceAccount.create is false",
    ),
    "text for a number": ({"replicas": "3"}, "at '/replicas': got string, want integer"),
    "a word that is none": ({"replica": 3}, "at '': additional properties 'replica' not allowed"),
}


@pytest.mark.parametrize(("above", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_work_is_refused_in_words(above: Object, why: str) -> None:
    with pytest.raises(helm_python.HelmError) as refused:
        rendered(REQUIRED | above)
    assert str(refused.value).rstrip().endswith(why)


def test_redis_behind_sentinels_and_in_a_cluster_is_let_in_with_tls_and_a_password() -> None:
    for url in (
        "rediss+sentinel://u:p@a:26379,b:26379/mymaster",
        "rediss+cluster://:p@a:6379",
        "rediss://:p@a",
    ):
        values = REQUIRED | {"secret": EVERYTHING["secret"] | {"redisUrl": url}}
        assert one(rendered(values), "Secret")["stringData"]["REDIS_URL"] == url


def test_the_schema_has_the_catalogue_s_own_schema_in_it() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run python -m tests.support.chart"


DEFAULTS: Object = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))


def leaves(values: Object, beneath: str = "") -> Iterator[str]:
    for key, value in values.items():
        yield from (
            leaves(value, f"{beneath}{key}.") if isinstance(value, dict) and value else [f"{beneath}{key}"]
        )


def known(schema: Object, beneath: str = "") -> Iterator[str]:
    for key, part in schema["properties"].items():
        yield from known(part, f"{beneath}{key}.") if "properties" in part else [f"{beneath}{key}"]


def test_the_schema_knows_every_value_and_every_value_has_a_default() -> None:
    with helm_python.Chart.load(CHART) as chart:
        schema: Any = chart.schema
    del schema["properties"]["catalogue"]
    unsaid = {"redis.replicas", "resources.requests", "resources.limits", "global"}
    defaults = {leaf for leaf in leaves(DEFAULTS) if not leaf.startswith(("catalogue.", "resources."))}
    assert set(known(schema)) - unsaid == defaults
