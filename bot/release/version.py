"""What may be released: a version that names the same image for ever."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

EXAMPLE: Final = "v1.3.0"
LONGEST_TAG: Final = 63  # a Kubernetes label value; image tags may be longer

# https://semver.org, with the leading v of tags. Digits are spelt out: \d takes full-width ones as well.
_NUMBER = r"(0|[1-9][0-9]*)"
_PRE = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_SEMVER = re.compile(
    rf"[vV]?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_PRE}(?:\.{_PRE})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_DATED = re.compile(r"([0-9]{8}-[0-9]{4})-[0-9a-f]{7,40}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_UNLABELLED = re.compile(r"[^0-9A-Za-z._-]")
_FLOATING = re.compile(r"[vV]?[0-9]+(?:\.(?:[0-9]+|[xX*]))?(?:\.[xX*])?")
_FLOATING_WORDS = re.compile(
    r"alpha|beta|canary|current|dev|develop|edge|head|latest|lts|main|master|next|nightly|prod|production|rc|release"
    r"|rolling|snapshot|stable|staging|test|trunk",
    re.IGNORECASE | re.ASCII,
)
_KINDS: Final = (
    f"{EXAMPLE}, 1.3.0-rc.1+build, 20240520-1423-abc7f9d, or sha256: and 64 small hexadecimal digits"
)


class BadVersion(ValueError):  # noqa: N818 - the house names an error by what is wrong
    """The text is no version that can be released; the error's text says why and what was expected."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version as typed: a SemVer tag, a date-time-commit tag, or a digest. Equal when typed equally.

    Building one checks it (BadVersion). In JSON and in pydantic models it is its text.
    """

    text: str

    def __post_init__(self) -> None:
        if reason := _why_refused(self.text):
            raise BadVersion(reason)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a version; BadVersion says what was expected, and why a moving tag is refused."""
        return cls(text)

    @property
    def is_digest(self) -> bool:
        """Whether this is `sha256:…`, which goes behind an `@` in an image reference, not behind a `:`."""
        return self.text.startswith("sha256:")

    @property
    def tag(self) -> str:
        """The part of an image reference behind `:` or `@`; registries allow no `+`, so it is `_`."""
        return self.text.replace("+", "_")

    @property
    def label(self) -> str:
        """The value of the Kubernetes label `version`: at most 63 characters."""
        return f"sha256-{self.text[7:19]}" if self.is_digest else self.tag

    def precedes(self, other: "Version") -> bool | None:
        """Whether this version is older; None where nothing tells: a digest, two kinds, the same minute."""
        if self == other:
            return False
        if (mine := _SEMVER.fullmatch(self.text)) and (theirs := _SEMVER.fullmatch(other.text)):
            return _precedence(mine) < _precedence(theirs)
        if (
            (dated := _DATED.fullmatch(self.text))
            and (later := _DATED.fullmatch(other.text))
            and dated[1] != later[1]
        ):
            return dated[1] < later[1]
        return None

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: type[Any], _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Be a string in JSON, a Version in Python."""
        return core_schema.no_info_plain_validator_function(
            cls._from_stored,
            json_schema_input_schema=core_schema.str_schema(),
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def _from_stored(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if not isinstance(value, str):
            raise BadVersion(f"a version is a string such as {EXAMPLE}, not {value!r:.20}")
        return cls(value)


def label_of(text: str) -> str:
    """The label of whatever runs somewhere, also of a tag that would not be released: `latest` stays `latest`."""
    if is_version(text):
        return Version(text).label
    return _UNLABELLED.sub("_", text)[:LONGEST_TAG].strip("._-") or "unknown"


def is_version(text: str) -> bool:
    """Say whether a text is a version that can be released."""
    return _why_refused(text) is None


def is_moving(text: str) -> bool:
    """Say whether a text is a tag such as `latest` or `v1.3`, of which people know that what it names changes."""
    return bool(_FLOATING_WORDS.fullmatch(text) or _FLOATING.fullmatch(text))


def _why_refused(text: str) -> str | None:
    """Say why the text is no version, or None where it is one."""
    if _DIGEST.fullmatch(text):
        return None
    if is_moving(text):
        return (
            f'"{text[:40]}" is a moving tag: what it names changes, so nobody could bring it back; '
            f"give a full version such as {EXAMPLE}"
        )
    if _SEMVER.fullmatch(text):
        return _why_no_label(text)
    dated = _DATED.fullmatch(text)
    if dated is None:
        return f'"{text:.80}" is not a version such as {_KINDS}'
    return (
        None
        if _is_date(dated[1])
        else f'"{text}" does not begin with a date and a time, as 20240520-1423 does'
    )


def _why_no_label(text: str) -> str | None:
    if len(text) > LONGEST_TAG:
        return f'"{text:.20}…" is too long: a version has at most {LONGEST_TAG} characters'
    return f'"{text}" ends in "-", which a label may not' if text.endswith("-") else None


def _is_date(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y%m%d-%H%M")  # noqa: DTZ007 - only asked whether it exists, in any zone
    except ValueError:
        return False
    return True


def _precedence(found: re.Match[str]) -> tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]:
    """Order as https://semver.org §11 has it: a pre-release before its release, numbers before words."""
    core = (int(found[1]), int(found[2]), int(found[3]))
    parts = found[4].split(".") if found[4] else ()
    pre = tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts)
    return core, not pre, pre


def version_in(image: str) -> str:
    """What an image reference names: its tag, or the start of its digest."""
    name = image.rsplit("/", 1)[-1]
    if "@" in name:
        return name.split("@", 1)[1]
    return name.split(":", 1)[1] if ":" in name else "unknown"
