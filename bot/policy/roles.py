"""The roles of a service: who may start, promote, roll back, lock."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from bot.config.catalogue import Approval, Approvers, Service, Who
from bot.errors import Reason, ReasonCode
from bot.release.model import Actor, ActorKind


class Act(StrEnum):
    """What is asked for."""

    START = "start"
    PROMOTE = "promote"
    ROLL_BACK = "roll back"
    LOCK = "lock"
    HOLD = "pause or resume"
    ADOPT = "adopt or unadopt"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the asker when acting. None: it could not be asked."""

    active: bool | None
    member: bool | None
    in_group: bool | None


def rule_for(act: Act, approvers: Approvers) -> Who:
    """The catalogue's word on an act."""
    match act:
        case Act.START | Act.HOLD | Act.ADOPT:
            return approvers.start
        case Act.PROMOTE:
            return approvers.promote
        case Act.ROLL_BACK:
            return approvers.rollback
        case Act.LOCK:
            return approvers.lock
        case _:
            assert_never(act)


def objection(
    act: Act, service: Service, asker: Actor, facts: Facts, *, requester: Actor | None
) -> Reason | None:
    """Why the asker may not, naming the rule and who may; None when nothing stands against it.

    A terminal acts with the operator's own rights in the cluster, which the API server checks. While the chat service cannot be
    asked, nothing is allowed but to roll back.
    """
    if asker.kind is not ActorKind.PERSON:
        return None
    rule = rule_for(act, service.approvers)
    unknown = (
        facts.active is None
        or facts.member is None
        or (isinstance(rule, Approval) and facts.in_group is None)
    )
    if unknown:
        return None if act is Act.ROLL_BACK else _unasked(act)
    if not facts.active:
        return Reason(
            ReasonCode.NOT_ALLOWED,
            f"You may not {act} {service.name}: only full, active members of this workspace may.",
            f"Ask somebody in {service.channel}.",
        )
    if isinstance(rule, Approval):
        return _by_group(act, service, asker, facts, rule, requester)
    if not facts.member:
        return Reason(
            ReasonCode.NOT_A_MEMBER,
            f"You may not {act} {service.name}: members of {service.channel} may, and you are not one.",
            f"Join {service.channel}, or ask somebody there.",
        )
    return None


def quorum(service: Service) -> int:
    """How many different people must promote."""
    rule = service.approvers.promote
    return rule.count if isinstance(rule, Approval) else 1


def who_may(act: Act, service: Service) -> str:
    """The rule in words: `members of #shop-releases`, `2 of @shop-leads (not the requester)`."""
    rule = rule_for(act, service.approvers)
    if not isinstance(rule, Approval):
        return f"members of {service.channel}"
    group = rule.group or f"members of {service.channel}"
    count = f"{rule.count} of {group}" if rule.count > 1 else group
    return f"{count} (not the requester)" if rule.not_requester else count


def _by_group(
    act: Act, service: Service, asker: Actor, facts: Facts, rule: Approval, requester: Actor | None
) -> Reason | None:
    inside = facts.in_group if rule.group else facts.member
    if not inside:
        return Reason(
            ReasonCode.NOT_ALLOWED,
            f"You may not {act} {service.name}: {who_may(act, service)} may.",
            f"Ask somebody of {rule.group or service.channel}.",
        )
    if rule.not_requester and requester is not None and requester.id == asker.id:
        return Reason(
            ReasonCode.REQUESTER_EXCLUDED,
            f"You started this release, so somebody else has to {act} it.",
            f"Ask somebody else of {rule.group or service.channel}.",
        )
    return None


def _unasked(act: Act) -> Reason:
    return Reason(
        ReasonCode.SLACK_UNKNOWN,
        f"Slack cannot be asked who you are, so nobody may {act} just now.",
        "Try again in a minute. A rollback works all the same.",
    )
