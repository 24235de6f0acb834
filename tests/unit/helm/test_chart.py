"""What the chart makes of values: objects that Helm and the bot can use, or a refusal that says what is wrong."""

import tomllib
from pathlib import Path

import helm_python
import pytest
import yaml

from adapters.redis.pool import PATIENCE, QUEUE_PATIENCE
from bot.config.load import load_catalogue
from bot.config.secrets import Secrets
from bot.config.settings import Settings, load_settings
from handlers.app import admin
from tests.support.chart import CHART, REQUIRED, Object, of_kind, one, rendered, texts
from tests.unit.docs.pages import ROOT, Page
from tests.unit.helm.samples import EVERYTHING

(INSTALLED,) = (yaml.safe_load(block) for block in Page(ROOT / "docs" / "operations.md").fenced("yaml"))
VALUES = {"required": REQUIRED, "everything": EVERYTHING, "as the page says": INSTALLED}
every_values = pytest.mark.parametrize("values", VALUES.values(), ids=VALUES.keys())

KEPT = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "0123456789", "LOCKMASTER_ALERT_TOKEN": "yes"}
REDIS_URL = "rediss://lockmaster:secret@redis.example:6379/0"


def merged(below: Object, above: Object) -> Object:
    """Values beneath others, as Helm merges them."""
    result = dict(below)
    for key, value in above.items():
        beneath = result.get(key)
        both = isinstance(value, dict) and isinstance(beneath, dict)
        result[key] = merged(beneath, value) if both else value  # type: ignore[arg-type]
    return result


def pod(objects: list[Object]) -> Object:
    """The pod's spec."""
    found: Object = one(objects, "Deployment")["spec"]["template"]["spec"]
    return found


def container(objects: list[Object]) -> Object:
    (found,) = pod(objects)["containers"]
    return dict(found)


def environment(objects: list[Object], folder: Path) -> dict[str, str]:
    """The container's environment, its volumes written below a folder as a kubelet would."""
    places = {}
    for volume in pod(objects)["volumes"]:
        place = folder / volume["name"]
        place.mkdir()
        places[volume["name"]] = place
        if "secret" in volume:
            for item in volume["secret"]["items"]:
                (place / item["path"]).write_text(KEPT[item["key"]], encoding="utf-8")
        elif "configMap" in volume:
            for name, text in one(objects, "ConfigMap")["data"].items():
                (place / name).write_text(text, encoding="utf-8")
    found = {each["name"]: each.get("value", REDIS_URL) for each in container(objects)["env"]}
    for mount in container(objects)["volumeMounts"]:
        for name, value in found.items():
            found[name] = value.replace(mount["mountPath"], str(places[mount["name"]]))
    return found


@every_values
def test_helm_finds_nothing_to_complain_about(values: Object) -> None:
    report = helm_python.lint(CHART, values, strict=True)
    told = [message["error"] for message in report["messages"]]
    assert (report["errors"], told) == ([], ["icon is recommended"])


@every_values
def test_the_bot_starts_with_what_it_is_given(values: Object, tmp_path: Path) -> None:
    objects = rendered(values)

    settings, secrets = load_settings(environment(objects, tmp_path), require=KEPT)
    catalogue = load_catalogue(settings.catalogue)

    assert {secret.name: secret.get() for secret in secrets.all()} == KEPT
    assert settings.redis_url == REDIS_URL
    assert set(catalogue.names()) == set(values["catalogue"]["services"])


def test_every_setting_can_be_given_and_no_other_variable_is(tmp_path: Path) -> None:
    known = {str(field.alias) for field in Settings.model_fields.values()} - {"KUBECONFIG"}
    files = {f"{secret.name}_FILE" for secret in Secrets.of({}).all()}
    given = environment(rendered(EVERYTHING), tmp_path)

    assert given.keys() == known | files
    assert (given["LOCKMASTER_PACE"], given["LOCKMASTER_COMMAND"]) == ("3", "/ship")


@every_values
def test_the_pod_has_no_right_on_its_node_that_it_does_not_need(values: Object) -> None:
    objects = rendered(values)
    spec, bot = pod(objects), container(objects)

    assert spec["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "fsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert bot["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [next(iter(volume.keys() - {"name"})) for volume in spec["volumes"]] == [
        "configMap",
        "secret",
        "emptyDir",
    ]
    assert "memory" in bot["resources"]["limits"]
    accounts = of_kind(objects, "ServiceAccount")
    assert all(account["automountServiceAccountToken"] is False for account in accounts)
    assert spec["automountServiceAccountToken"] is True


def test_probes_ask_what_is_served_and_wait_longer_than_an_answer_takes() -> None:
    bot = container(rendered(REQUIRED))
    served = {route.path for route in admin(health=None).routes}  # type: ignore[arg-type,attr-defined]
    probes = [bot[name] for name in ("startupProbe", "readinessProbe", "livenessProbe")]

    assert [probe["httpGet"] for probe in probes] == [
        {"path": path, "port": "admin"} for path in ("/readyz", "/readyz", "/livez")
    ]
    assert {probe["httpGet"]["path"] for probe in probes} <= served
    assert all(probe["timeoutSeconds"] > PATIENCE + QUEUE_PATIENCE for probe in probes)


def test_a_pod_goes_on_until_nobody_is_sent_to_it_and_then_has_time_to_hand_over() -> None:
    objects = rendered(REQUIRED)
    rest = container(objects)["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert pod(objects)["terminationGracePeriodSeconds"] >= rest + 10
    assert one(objects, "Deployment")["spec"]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
    }


def test_everything_that_selects_pods_selects_these() -> None:
    objects = rendered(EVERYTHING)
    deployment = one(objects, "Deployment")["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    selectors = [
        deployment["selector"]["matchLabels"],
        one(objects, "Service")["spec"]["selector"],
        one(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        one(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        one(objects, "PodMonitor")["spec"]["selector"]["matchLabels"],
        *(spread["labelSelector"]["matchLabels"] for spread in pod(objects)["topologySpreadConstraints"]),
    ]

    wanted = {"app.kubernetes.io/name": "lockmaster", "app.kubernetes.io/instance": "lockmaster"}
    assert selectors == [wanted] * 7
    assert wanted.items() <= labels.items()
    assert labels["team"] == "platform"


def test_a_new_catalogue_and_a_new_secret_bring_new_pods() -> None:
    def sums(above: Object) -> set[tuple[str, str]]:
        template = one(rendered(merged(EVERYTHING, above)), "Deployment")["spec"]["template"]
        return {
            pair for pair in template["metadata"]["annotations"].items() if pair[0].startswith("checksum/")
        }

    before = sums({})
    assert sums({"replicas": 4}) == before
    assert {name for name, _ in before - sums({"catalogue": {"defaults": {"adopt": "ask"}}})} == {
        "checksum/config"
    }
    assert {name for name, _ in before - sums({"secret": {"alertToken": "no"}})} == {"checksum/secret"}


def test_the_secret_that_the_chart_makes_has_every_key_that_the_pod_reads() -> None:
    objects = rendered(EVERYTHING)

    assert one(objects, "Secret")["stringData"] == KEPT | {"REDIS_URL": REDIS_URL}
    assert one(objects, "Secret")["metadata"]["name"] == "bot"
    assert of_kind(rendered(REQUIRED), "Secret") == []


def test_an_image_is_named_by_its_digest_or_else_by_its_tag() -> None:
    def image(**above: str) -> str:
        return str(container(rendered(merged(REQUIRED, {"image": above})))["image"])

    digest = "sha256:" + "1" * 64
    assert image() == "registry.example/lockmaster:0.1.0"
    assert image(tag="v9") == "registry.example/lockmaster:v9"
    assert image(tag="v9", digest=digest) == f"registry.example/lockmaster@{digest}"


def test_the_chart_is_of_the_project_s_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert chart["appVersion"] == project["version"]


def test_the_notes_say_what_is_left_to_do() -> None:
    assert texts(EVERYTHING)["NOTES.txt"] == (Path(__file__).parent / "notes.txt").read_text(encoding="utf-8")
