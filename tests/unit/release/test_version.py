"""What counts as a version, and what it is called elsewhere."""

import pytest
from pydantic import BaseModel, ValidationError

from bot.release.version import BadVersion, Version, is_version, version_in

DIGEST = "sha256:" + "0123456789abcdef" * 4


class Holder(BaseModel, frozen=True):
    version: Version


@pytest.mark.parametrize(
    ("text", "tag", "label"),
    [
        ("v1.3.0", "v1.3.0", "v1.3.0"),
        ("1.3.0", "1.3.0", "1.3.0"),
        ("V1.3.0-RC.1", "V1.3.0-RC.1", "V1.3.0-RC.1"),
        ("v1.3.0-rc.1+build.7", "v1.3.0-rc.1_build.7", "v1.3.0-rc.1_build.7"),
        ("20240520-1423-abc7f9d", "20240520-1423-abc7f9d", "20240520-1423-abc7f9d"),
        (DIGEST, DIGEST, "sha256-0123456789ab"),
    ],
)
def test_a_version_keeps_its_text_and_has_a_tag_and_a_label(text: str, tag: str, label: str) -> None:
    version = Version.parse(text)
    assert (str(version), version.tag, version.label) == (text, tag, label)
    assert version.is_digest == (text == DIGEST)
    assert is_version(text)


@pytest.mark.parametrize(
    "text",
    ["latest", "LATEST", "main", "stable", "v1", "1", "v1.3", "1.3", "v1.x", "1.3.x", "v1.*"],
)
def test_a_moving_tag_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(BadVersion) as caught:
        Version.parse(text)
    assert str(caught.value) == (
        f'"{text}" is a moving tag: what it names changes, so nobody could bring it back; '
        "give a full version such as v1.3.0"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "checkout",
        "v1.3.0.0",
        "v01.3.0",
        "v1.3.0-01",
        "v1.3.0-",
        "v1.3.0 ",
        "v1.3.0\n",
        "１.3.0",  # noqa: RUF001 - full-width on purpose
        "v1.3.٠",  # noqa: RUF001 - Arabic on purpose
        "sha256:abc",
        DIGEST.upper(),
        "20240520-1423-ABC7F9D",
        'v1.3.0",app!="x',
    ],
)
def test_anything_else_is_refused_with_what_a_version_looks_like(text: str) -> None:
    assert not is_version(text)
    with pytest.raises(BadVersion) as caught:
        Version.parse(text)
    assert str(caught.value) == (
        f'"{text}" is not a version such as v1.3.0, 1.3.0-rc.1+build, 20240520-1423-abc7f9d, '
        "or sha256: and 64 small hexadecimal digits"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"v1.2.3-{'a' * 57}", '"v1.2.3-aaaaaaaaaaaaa…" is too long: a version has at most 63 characters'),
        ("v1.3.0-rc-", '"v1.3.0-rc-" ends in "-", which a label may not'),
        (
            "20241399-2567-abc7f9d",
            '"20241399-2567-abc7f9d" does not begin with a date and a time, as 20240520-1423 does',
        ),
    ],
)
def test_what_no_label_or_calendar_has_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadVersion) as caught:
        Version.parse(text)
    assert str(caught.value) == why


def test_the_longest_version_is_its_own_label() -> None:
    text = f"v1.2.3-{'a' * 56}"
    assert Version(text).label == text
    assert len(text) == 63


# https://semver.org/#spec-item-11
ASCENDING = (
    "0.9.10",
    "v1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "v1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "v1.2.9",
    "v1.10.0",
)


def test_semver_tags_are_ordered_by_precedence() -> None:
    versions = [Version(text) for text in ASCENDING]
    for place, version in enumerate(versions):
        assert [version.precedes(other) for other in versions] == [at > place for at in range(len(versions))]


@pytest.mark.parametrize(
    ("one", "other", "precedes"),
    [
        ("v1.3.0", "1.3.0", False),
        ("1.3.0+a", "1.3.0+b", False),
        ("20240520-1423-abc7f9d", "20240520-1424-0000000", True),
        ("20240521-0000-abc7f9d", "20240520-1424-0000000", False),
        ("20240520-1423-abc7f9d", "20240520-1423-0000000", None),
        ("20240520-1423-abc7f9d", "v1.3.0", None),
        ("v1.3.0", "20240520-1423-abc7f9d", None),
        (DIGEST, DIGEST, False),
        (DIGEST, DIGEST.replace("0", "1"), None),
    ],
)
def test_where_nothing_tells_the_order_there_is_none(one: str, other: str, precedes: bool | None) -> None:  # noqa: FBT001 - the expected answer
    assert Version(one).precedes(Version(other)) is precedes


def test_a_model_holds_a_version_and_stores_its_text() -> None:
    holder = Holder(version=Version("v1.3.0"))
    assert holder.model_dump_json() == '{"version":"v1.3.0"}'
    assert Holder.model_validate_json('{"version":"v1.3.0"}') == holder
    assert Holder.model_json_schema()["properties"]["version"]["type"] == "string"


@pytest.mark.parametrize(
    ("stored", "why"),
    [("1.3", '"1.3" is a moving tag'), (1.3, "a version is a string such as v1.3.0, not 1.3")],
)
def test_a_model_refuses_what_is_no_version(stored: object, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Holder.model_validate({"version": stored})


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("registry.example:5000/shop/checkout:v1.2.9", "v1.2.9"),
        ("shop/checkout@sha256:abc", "sha256:abc"),
        ("registry.example:5000/shop/checkout", "unknown"),
    ],
)
def test_an_image_names_its_version(image: str, version: str) -> None:
    assert version_in(image) == version
