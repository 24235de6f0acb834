"""Secrets from the environment or from files that are read again when they change."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self


@dataclass(slots=True)
class Secret:
    """A value that never shows itself: `repr` and `str` are blind, `get()` gives it."""

    name: str
    value: str | None = None
    file: Path | None = None
    _seen: tuple[int, int] | None = field(default=None, repr=False)

    def get(self) -> str | None:
        """The value now; None when not configured.

        A file that was readable once keeps its last value while it cannot be read or is empty, as in the middle of a rotation.
        Raises `OSError` or `UnicodeDecodeError` for a file that never could be read.
        """
        if self.file is None:
            return self.value
        try:
            stat = self.file.stat()
            mark = (stat.st_mtime_ns, stat.st_ino)
            if mark != self._seen:
                self.value = self.file.read_text(encoding="utf-8").strip() or self.value
                self._seen = mark
        except (OSError, UnicodeDecodeError):
            if self.value is None:
                raise
        return self.value

    def require(self) -> str:
        """The value now. Raises `ValueError` naming the variable when there is none."""
        value = self.get()
        if not value:
            raise ValueError(f"{self.name} (or {self.name}_FILE) must be set")
        return value

    def __repr__(self) -> str:
        return f"Secret({self.name})"

    __str__ = __repr__

    @classmethod
    def of(cls, name: str, environment: Mapping[str, str] = os.environ) -> "Secret":
        """The secret of that name from `NAME` or `NAME_FILE`."""
        path = environment.get(f"{name}_FILE")
        return cls(name, environment.get(name) or None, Path(path) if path else None)


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

    def all(self) -> tuple[Secret, ...]:
        """Every one of them."""
        return (self.slack_bot_token, self.slack_signing_secret, self.alert_token)
