"""A secret never shows itself and follows its file."""

import os
from pathlib import Path

import pytest

from bot.config.secrets import Secret, Secrets


def rewrite(file: Path, text: str) -> None:
    """As a mounted secret changes: another file takes the name."""
    fresh = file.with_suffix(".fresh")
    fresh.write_text(text)
    os.replace(fresh, file)  # noqa: PTH105  the call that is meant


def test_a_secret_shows_its_name_alone() -> None:
    secret = Secret.of("TOKEN", {"TOKEN": "xoxb-1"})
    assert (secret.get(), secret.require()) == ("xoxb-1", "xoxb-1")
    assert (repr(secret), str(secret), f"{secret}") == ("Secret(TOKEN)",) * 3
    assert "xoxb" not in repr(Secrets.of({"SLACK_BOT_TOKEN": "xoxb-1"}))


def test_a_secret_that_is_not_configured_is_none_and_refuses_to_be_required() -> None:
    secret = Secret.of("TOKEN", {"TOKEN": ""})
    assert secret.get() is None
    with pytest.raises(ValueError, match=r"^TOKEN \(or TOKEN_FILE\) must be set$"):
        secret.require()


def test_a_rotated_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    rewrite(file, "one\n")
    secret = Secret.of("TOKEN", {"TOKEN_FILE": str(file)})
    assert (secret.get(), secret.get()) == ("one", "one")
    rewrite(file, "two\n")
    assert secret.get() == "two"


def test_the_last_value_holds_while_the_file_is_away_empty_or_damaged(tmp_path: Path) -> None:
    file = tmp_path / "token"
    rewrite(file, "one")
    secret = Secret.of("TOKEN", {"TOKEN_FILE": str(file)})
    assert secret.get() == "one"
    rewrite(file, "")
    assert secret.get() == "one"
    file.write_bytes(b"\xff\xff\xff")
    assert secret.get() == "one"
    file.unlink()
    assert secret.get() == "one"


def test_a_file_that_never_could_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Secret.of("TOKEN", {"TOKEN_FILE": str(tmp_path / "none")}).get()
