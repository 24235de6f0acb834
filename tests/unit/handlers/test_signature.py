"""Whether Slack signed it."""

import hmac

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.slack.signature import Signed, is_signed

NOW = 1_793_610_000.0
SECRET = b"8f742231b10e8888abcd99yyyzzz85a5"


def signature(stamp: bytes, body: bytes, secret: bytes = SECRET) -> bytes:
    return b"v0=" + hmac.new(secret, b"v0:" + stamp + b":" + body, "sha256").hexdigest().encode()


def test_slacks_own_example_is_signed() -> None:
    # https://docs.slack.dev/authentication/verifying-requests-from-slack
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    mark = b"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert is_signed(Signed(b"1531420618", mark, body), (SECRET,), 1_531_420_618)


@pytest.mark.parametrize("age", [-299, 0, 300])
def test_a_moment_ago_is_good(age: int) -> None:
    stamp = str(int(NOW) - age).encode()
    assert is_signed(Signed(stamp, signature(stamp, b"x"), b"x"), (SECRET,), NOW)


@pytest.mark.parametrize("age", [-301, 301, 10**9])
def test_too_long_ago_or_ahead_is_not(age: int) -> None:
    stamp = str(abs(int(NOW) - age)).encode()
    assert not is_signed(Signed(stamp, signature(stamp, b"x"), b"x"), (SECRET,), NOW)


@pytest.mark.parametrize(
    "stamp",
    [None, b"", b"abc", b"1e9", b"-1", b" 1793610000", b"1793610000.0", b"\xff", b"\xef\xbc\x91\xef\xbc\x97"],
)
def test_a_time_that_is_none_is_not_good(stamp: bytes | None) -> None:
    assert not is_signed(Signed(stamp, signature(stamp or b"", b"x"), b"x"), (SECRET,), NOW)


def test_during_a_rotation_both_secrets_are_good() -> None:
    stamp = str(int(NOW)).encode()
    for secret in (b"old", b"new"):
        assert is_signed(Signed(stamp, signature(stamp, b"x", secret), b"x"), (b"old", b"new"), NOW)
    assert not is_signed(Signed(stamp, signature(stamp, b"x", b"other"), b"x"), (b"old", b"new"), NOW)
    assert not is_signed(Signed(stamp, signature(stamp, b"x", b""), b"x"), (), NOW)


@given(st.none() | st.binary(max_size=80), st.none() | st.binary(max_size=20), st.binary(max_size=50))
@example(b"v0=\xc3\xa9", b"1793610000", b"x")
def test_whatever_comes_is_judged_and_nothing_forged_is_good(
    mark: bytes | None, stamp: bytes | None, body: bytes
) -> None:
    assert not is_signed(Signed(stamp, mark, body), (SECRET,), NOW)


@given(st.binary(min_size=1, max_size=50), st.data())
def test_one_changed_bit_is_enough(body: bytes, data: st.DataObject) -> None:
    stamp = str(int(NOW)).encode()
    mark = bytearray(signature(stamp, body))
    at = data.draw(st.integers(0, len(mark) - 1))
    mark[at] ^= 1 << data.draw(st.integers(0, 7))
    assert not is_signed(Signed(stamp, bytes(mark), body), (SECRET,), NOW)
