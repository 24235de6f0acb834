"""What the documentation says to type, set and open is real."""

import os
import re

import pytest
import yaml

from bot.cli.main import WORDS
from bot.commands.parser import parse
from bot.config.load import parse_catalogue
from bot.config.secrets import Secrets
from bot.config.settings import Settings
from bot.release.phases import diagram
from sandbox.main import STORIES
from tests.unit.docs.pages import PAGES, README, ROOT, Page

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.name)


@every_page
def test_every_slash_command_is_one(page: Page) -> None:
    for command in page.commands("/release"):
        parse(command)


@every_page
def test_every_word_for_a_terminal_is_one(page: Page) -> None:
    for word, _, rest in (command.partition(" ") for command in page.commands("lockmaster")):
        assert word in WORDS, f"lockmaster {word}"
        if word == "release" and rest:
            parse(rest)
        if story := re.search(r"--script ([a-z-]+)$", rest):
            assert (STORIES / f"{story[1]}.txt").exists(), rest


@every_page
def test_every_make_target_is_in_the_makefile(page: Page) -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {command.split()[0] for command in page.commands("make")} <= targets


@every_page
def test_every_link_leads_to_a_file(page: Page) -> None:
    missing = [os.path.relpath(target, ROOT) for target in page.links() if not target.exists()]
    assert missing == []


def test_the_readme_names_the_commands_and_stays_short() -> None:
    assert len(README.lines) <= 150
    assert {"demo", "test"} <= set(README.commands("make"))
    assert any("--script" in command for command in README.commands("lockmaster"))
    assert "checkout v1.3.0 canary 5%" in README.commands("/release")


def test_the_readme_shows_a_picture_of_the_page_that_is_not_heavy() -> None:
    pictures = [target for target in README.links() if target.suffix == ".png"]
    assert pictures
    for picture in (ROOT / "docs" / "pictures").glob("*.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 250_000, picture.name


def test_the_conversation_of_the_readme_is_one_that_the_story_plays() -> None:
    (story,) = re.findall(r"--script ([a-z-]+)", README.text)
    played = (STORIES / f"{story}.txt").read_text(encoding="utf-8").splitlines()
    acts = [line.strip() for line in README.lines if re.match(r"    (@\w+|world) ", line)]
    assert acts
    for act in acts:
        assert re.sub(r"\s+", " ", act).removeprefix("world ") in played


def test_the_catalogue_of_the_readme_loads() -> None:
    (catalogue,) = [block for block in README.fenced("yaml") if block.startswith("services:")]
    assert list(parse_catalogue(catalogue, "README.md").services) == ["checkout"]


def test_the_readme_names_every_variable_and_no_other() -> None:
    known = {str(field.alias) for field in Settings.model_fields.values()}
    known |= {secret.name for secret in Secrets.of({}).all()}
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", README.text))
    assert {name.removesuffix("_FILE") for name in named} == known


def test_the_architecture_page_has_the_diagram_of_the_transitions() -> None:
    assert diagram() in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_slack_app_posts_to_the_path_we_serve_and_asks_for_no_scope_twice() -> None:
    app = yaml.safe_load((ROOT / "docs" / "slack-app.yaml").read_text(encoding="utf-8"))
    (command,) = app["features"]["slash_commands"]
    assert command["command"] == Settings().command
    parse(command["usage_hint"])
    addresses = {command["url"], app["settings"]["interactivity"]["request_url"]}
    assert [address.partition("example.com")[2] for address in addresses] == ["/slack/events"]
    scopes = app["oauth_config"]["scopes"]["bot"]
    assert len(scopes) == len(set(scopes))
