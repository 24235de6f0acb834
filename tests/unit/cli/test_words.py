"""The words of the terminal, and their exit statuses: 0 done, 1 refused, 2 bad usage, 3 unavailable."""

import asyncio
import json
import runpy
import sys
from inspect import cleandoc as block
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from bot.cli import adopt, doctor, main, release
from bot.errors import ReasonCode, Unavailable, refuse
from bot.release.phases import Phase
from tests.scenarios.theatre import CHANNEL, Theatre
from tests.unit.cli.conftest import CoreMaker

Screen = pytest.CaptureFixture[str]


def test_check_names_the_services(environment: pytest.MonkeyPatch, capsys: Screen) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out.strip() == "2 services: checkout, payments"
    assert main(["check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"services": ["checkout", "payments"]}


def test_check_says_what_is_wrong_with_the_catalogue(
    environment: pytest.MonkeyPatch, capsys: Screen, tmp_path: Path
) -> None:
    (tmp_path / "services.yaml").write_text("services: {checkout: 7}", encoding="utf-8")
    assert main(["check"]) == 2
    assert "services.yaml:1: services.checkout" in capsys.readouterr().err


def test_every_word_that_needs_settings_refuses_bad_ones(
    environment: pytest.MonkeyPatch, capsys: Screen
) -> None:
    environment.setenv("PROMETHEUS_URL", "nowhere")
    for word in (["check"], ["doctor"], ["release", "status"], ["serve"], ["adopt", "--print", "checkout"]):
        assert main(word) == 2
        assert "PROMETHEUS_URL" in capsys.readouterr().err


def test_serve_needs_its_secrets(environment: pytest.MonkeyPatch, capsys: Screen) -> None:
    assert main(["serve"]) == 2
    assert (
        capsys.readouterr().err.strip() == "must be set (or NAME_FILE): SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET"
    )


@pytest.mark.parametrize("arguments", [[], ["explode"], ["check", "--explode"], ["adopt", "checkout"]])
def test_bad_usage_is_2(environment: pytest.MonkeyPatch, capsys: Screen, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: lockmaster")


def test_the_version_is_told(capsys: Screen) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, "0.1.0\n")


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt, 130), (BrokenPipeError, 1)])
def test_whoever_is_interrupted_says_so_by_its_status(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException], status: int
) -> None:
    broken = ModuleType("sandbox.main")
    broken.run = lambda _: (_ for _ in ()).throw(error)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sandbox.main", broken)
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(fileno=lambda: 99))
    monkeypatch.setattr("os.dup2", lambda *_: None)
    assert main(["sandbox"]) == status


def test_a_command_is_typed_here_as_in_slack(
    environment: pytest.MonkeyPatch, capsys: Screen, core: CoreMaker, said: list[str], theatre: Theatre
) -> None:
    environment.setattr(release, "core", core)
    environment.setattr("getpass.getuser", lambda: "ana")
    assert release.run(["checkout", "v1.3.0", "canary", "5%", "because", 'the "big" one']) == 0
    assert capsys.readouterr().out.strip() == block("""
        checkout v1.2.9 → v1.3.0 (R-1001) has started.

        Stages: 5 %, 25 %, 50 %, 100 %.
        Follow it in #shop-releases.
        """)
    assert theatre.weights() == "95/5"
    first = theatre.journal.records[0]
    assert (first.by.id, first.by.name, first.act) == ("ana@prod", "ana (terminal)", "start")
    assert said == []
    release.run(["status"])
    environment.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    assert release.run(["rollback", "checkout"]) == 0
    assert theatre.weights() == "100/0"
    assert said == ["delivered"]


def test_what_is_asked_for_and_what_goes_wrong_have_their_statuses(
    environment: pytest.MonkeyPatch, capsys: Screen, core: CoreMaker, theatre: Theatre
) -> None:
    environment.setattr(release, "core", core)
    assert release.run(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "status": 0,
        "summary": "Status",
        "text": "checkout             no release yet\npayments             no release yet",
    }
    assert release.run(["promote", "checkout"]) == 1
    assert capsys.readouterr().out.strip() == block("""
        No release of checkout is live.
        lockmaster release history checkout lists the past ones.
        """)
    assert release.run(["chekcout"]) == 2
    assert capsys.readouterr().out.strip() == block("""
        Column 9: the command is not complete
        lockmaster release chekcout
                                   ▲
        Expected a version such as v1.3.0.

        Nearest valid command: `lockmaster release chekcout v1.3.0`
        Nothing was done. `lockmaster release help` explains every word.
        """)
    theatre.redis.begin()
    theatre.metrics.away = "connection refused"
    theatre.cluster.down = "no answer"
    assert release.run(["locks"]) == 3
    assert capsys.readouterr().out.strip() == block("""
        Redis cannot be reached (switched off by the test), so this cannot be done now.
        Try again in a minute. A rollback works all the same.
        """)
    for words in (["--help"], ["-h"], [], ["help"]):
        assert release.run(words) == 0
        assert capsys.readouterr().out.startswith("lockmaster release SERVICE VERSION")


def test_a_version_that_was_rolled_back_needs_a_reason_in_a_terminal(
    environment: pytest.MonkeyPatch, capsys: Screen, core: CoreMaker, theatre: Theatre
) -> None:
    environment.setattr(release, "core", core)
    release.run(["checkout", "v1.3.0"])
    release.run(["rollback", "checkout"])
    capsys.readouterr()
    asyncio.run(theatre.until(Phase.ROLLED_BACK))
    assert release.run(["checkout", "v1.3.0"]) == 1
    assert capsys.readouterr().out.strip() == block("""
        checkout v1.3.0 was rolled back in R-1001: as asked.
        To release it again, say why: because "…".
        """)
    assert release.run(["checkout", "v1.3.0", "because", "it was the network"]) == 0


def test_a_store_that_cannot_be_opened_is_3(environment: pytest.MonkeyPatch, capsys: Screen) -> None:
    def core(*_: object, **__: object) -> None:
        raise Unavailable("kubernetes", "no kubeconfig")

    for word in (release, adopt):
        environment.setattr(word, "core", core)
    assert release.run(["status"]) == 3
    assert capsys.readouterr().err == "kubernetes is unavailable: no kubeconfig\n"
    assert adopt.run(["--print", "checkout"]) == 3


def test_a_doctor_finds_everything_well(
    environment: pytest.MonkeyPatch, capsys: Screen, core: CoreMaker, theatre: Theatre
) -> None:
    environment.setattr(doctor, "core", core)
    assert doctor.run([]) == 0
    assert capsys.readouterr().out.strip() == block("""
        ✓ redis                    ok
        ✓ prometheus               ok
        ✓ slack                    ok
        ✓ service checkout         ok
        ✓ service payments         ok
        """)


def test_a_doctor_names_what_is_not_ready_and_what_does_not_answer(
    environment: pytest.MonkeyPatch, capsys: Screen, core: CoreMaker, theatre: Theatre
) -> None:
    environment.setattr(doctor, "core", core)
    theatre.cluster.delete_route(theatre.service())
    assert doctor.run([]) == 1
    assert capsys.readouterr().out.strip() == block("""
        ✓ redis                    ok
        ✓ prometheus               ok
        ✓ slack                    ok
        ✗ service checkout         VirtualService shop/checkout does not exist
        ✓ service payments         ok
        """)
    theatre.cluster.down = "no answer"
    assert doctor.run([]) == 3
    capsys.readouterr()
    theatre.redis.begin()
    theatre.metrics.away = "connection refused"
    theatre.directory.channels[CHANNEL] = frozenset()
    theatre.cluster.down = "no answer"
    assert doctor.run(["--json"]) == 3
    assert json.loads(capsys.readouterr().out) == {
        "redis": "redis is unavailable: switched off by the test",
        "prometheus": "prometheus is unavailable: connection refused",
        "slack": "slack is unavailable: #shop-releases does not exist, or the bot is not in it",
        "service checkout": "kubernetes is unavailable: no answer",
        "service payments": "kubernetes is unavailable: no answer",
    }


def test_a_doctor_waits_for_no_answer_for_ever(
    environment: pytest.MonkeyPatch, capsys: Screen, core: CoreMaker, theatre: Theatre
) -> None:
    environment.setattr(doctor, "core", core)
    environment.setattr(doctor, "PATIENCE", 0.01)

    async def never(*_: object) -> None:
        await theatre.clock.sleep(60)

    environment.setattr(type(theatre.metrics), "read", never)
    assert doctor.run([]) == 3
    assert "prometheus               no answer in 0.01 s" in capsys.readouterr().out


def test_an_adoption_is_written_down(environment: pytest.MonkeyPatch, capsys: Screen) -> None:
    class Core:
        async def __aenter__(self) -> SimpleNamespace:
            return SimpleNamespace(cluster=self)

        async def __aexit__(self, *_: object) -> None:
            return

        async def manifests(self, service: object) -> list[dict[str, str]]:
            return [{"kind": "Deployment"}, {"kind": "DestinationRule"}, {"kind": "VirtualService"}]

    environment.setattr(adopt, "core", lambda *_, **__: Core())
    assert adopt.run(["--print", "checkout"]) == 0
    assert capsys.readouterr().out.strip() == block("""
        # 1. The pods get the track label: one ordinary rolling update. Wait until it is through.
        kind: Deployment
        ---
        # 2. The DestinationRule gets the two subsets.
        kind: DestinationRule
        ---
        # 3. At least 15 s later, when every proxy knows them, the VirtualService names both.
        kind: VirtualService
        """)
    assert adopt.run(["--print", "zebra"]) == 1
    assert capsys.readouterr().err == "no service zebra in the catalogue: checkout, payments\n"

    def refused(*_: object, **__: object) -> None:
        raise refuse(ReasonCode.NOT_READY, "two routes lead to it")

    environment.setattr(adopt, "core", refused)
    assert adopt.run(["--print", "checkout"]) == 1
    assert capsys.readouterr().err == "two routes lead to it\n"


def test_a_module_can_be_run(monkeypatch: pytest.MonkeyPatch, capsys: Screen) -> None:
    monkeypatch.setattr(sys, "argv", ["lockmaster", "--version"])
    with pytest.raises(SystemExit):
        runpy.run_module("bot.cli", run_name="__main__")
    assert capsys.readouterr().out == "0.1.0\n"


def test_a_terminal_without_the_watches_still_answers(
    environment: pytest.MonkeyPatch, capsys: Screen, core: CoreMaker, theatre: Theatre
) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("kubernetes", "no contact")

    environment.setattr(release, "core", core)
    environment.setattr(theatre.traffic, "managed", away)
    assert release.run(["locks"]) == 0
