"""Refusals are trees of reasons; the other failures name what they are about."""

import pytest

from bot.errors import Conflict, Reason, ReasonCode, Refused, TargetGone, Unavailable, refuse


def test_a_refusal_carries_its_tree_of_reasons() -> None:
    beneath = Reason(ReasonCode.REQUESTER_EXCLUDED, "You started it.")
    refusal = refuse(ReasonCode.NOT_ALLOWED, "You may not promote.", "Ask @shop-leads.", beneath)
    assert isinstance(refusal, Refused)
    assert str(refusal) == "You may not promote."
    assert refusal.reason == Reason(
        ReasonCode.NOT_ALLOWED, "You may not promote.", "Ask @shop-leads.", (beneath,)
    )


def test_a_reason_stands_alone_without_advice() -> None:
    assert refuse(ReasonCode.NOT_LIVE, "Nothing runs.").reason == Reason(
        ReasonCode.NOT_LIVE, "Nothing runs.", None, ()
    )


def test_every_code_is_spelt_as_its_name() -> None:
    assert [code.value for code in ReasonCode] == [code.name.lower() for code in ReasonCode]


def test_what_is_unavailable_names_the_part_and_why() -> None:
    failure = Unavailable("redis", "no answer within 2 s")
    assert (str(failure), failure.part, failure.why) == (
        "redis is unavailable: no answer within 2 s",
        "redis",
        "no answer within 2 s",
    )


def test_what_is_gone_is_named() -> None:
    failure = TargetGone("VirtualService shop/checkout")
    assert (str(failure), failure.what) == (
        "VirtualService shop/checkout does not exist",
        "VirtualService shop/checkout",
    )


def test_the_kinds_of_failure_are_told_apart() -> None:
    kinds = (Refused, Conflict, Unavailable, TargetGone)
    assert all(not issubclass(one, other) for one in kinds for other in kinds if one is not other)
    with pytest.raises(Conflict, match="newer"):
        raise Conflict("newer")
