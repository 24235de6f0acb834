"""From a command and the catalogue to stages."""

from datetime import timedelta

import pytest

from bot.commands.model import Start
from bot.commands.parser import parse
from bot.config.catalogue import Canary, Service, Strategy
from bot.errors import Refused
from bot.release.gate import Gate
from bot.release.weight import Weight
from bot.strategies.canary import restore, stages
from tests.support.worlds import CHECKOUT


def service(*weights: float) -> Service:
    usual = Canary(weights=tuple(Weight.of(one) for one in weights), bake=timedelta(minutes=3))
    return CHECKOUT.model_copy(update={"strategy": Strategy(canary=usual)})


def told(text: str, *usual: float) -> str:
    command = parse(text)
    assert isinstance(command, Start)
    return ", ".join(f"{one.weight} {one.bake} {one.gate}" for one in stages(command, service(*usual)))


@pytest.mark.parametrize(
    ("text", "usual", "expected"),
    [
        ("checkout v1.3.0", (5, 25, 100), "5 % 0:03:00 ask, 25 % 0:03:00 ask, 100 % 0:03:00 ask"),
        ("checkout v1.3.0", (5,), "5 % 0:03:00 ask, 100 % 0:03:00 ask"),
        ("checkout v1.3.0 canary 10%", (5, 25, 100), "10 % 0:03:00 ask, 25 % 0:03:00 ask, 100 % 0:03:00 ask"),
        ("checkout v1.3.0 canary 25%", (5, 25, 50), "25 % 0:03:00 ask, 50 % 0:03:00 ask, 100 % 0:03:00 ask"),
        ("checkout v1.3.0 canary 5% 50%", (5, 25, 100), "5 % 0:03:00 ask, 50 % 0:03:00 ask, 100 % 0:03:00 ask"),
        ("checkout v1.3.0 canary 100%", (5, 25, 100), "100 % 0:03:00 ask"),
        ("checkout v1.3.0 canary 100% every 1s auto", (5,), "100 % 0:00:01 auto"),
    ],
)  # fmt: skip
def test_stages(text: str, usual: tuple[float, ...], expected: str) -> None:
    assert told(text, *usual) == expected


def test_a_restore_is_one_step_without_questions() -> None:
    (only,) = restore()
    assert (only.weight, only.gate) == (Weight.FULL, Gate.AUTO)


def test_more_than_twenty_stages_are_refused() -> None:
    weights = " ".join(f"{one}%" for one in range(1, 21))
    with pytest.raises(Refused, match="21 stages are too many; at most 20 are possible"):
        told(f"checkout v1.3.0 canary {weights}", 5)
