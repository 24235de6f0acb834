"""The canary strategy: growing weights, each watched for a while."""

from datetime import timedelta

from bot.commands.model import Start
from bot.config.catalogue import Service
from bot.errors import ReasonCode, refuse
from bot.release.gate import Gate
from bot.release.model import Stage
from bot.release.weight import Weight

MAX_STAGES = 20


def stages(command: Start, service: Service) -> tuple[Stage, ...]:
    """The stages of a release. One weight typed is the first stage, the catalogue's larger weights follow.

    The last stage is always 100 %. Raises `Refused` for more than 20 stages.
    """
    canary = service.strategy.canary
    weights = _weights(command.weights, canary.weights)
    if len(weights) > MAX_STAGES:
        raise refuse(
            ReasonCode.BAD_STAGES,
            f"{len(weights)} stages are too many; at most {MAX_STAGES} are possible.",
            "Leave some weights out, e.g. `canary 5% 25% 50% 100%`.",
        )
    bake = command.every or canary.bake
    gate = command.gate or canary.gate
    return tuple(Stage(weight=weight, bake=bake, gate=gate) for weight in weights)


def restore() -> tuple[Stage, ...]:
    """The stages that bring a known version back: warmed first, then all in one step, without questions."""
    return (Stage(weight=Weight.FULL, bake=timedelta(seconds=1), gate=Gate.AUTO),)


def _weights(typed: tuple[Weight, ...] | None, usual: tuple[Weight, ...]) -> tuple[Weight, ...]:
    chosen = typed or usual
    if len(chosen) == 1:
        chosen = (*chosen, *(weight for weight in usual if weight > chosen[0]))
    return chosen if chosen[-1] == Weight.FULL else (*chosen, Weight.FULL)
