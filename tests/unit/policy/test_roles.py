"""Who may do what: facts in, a reason out."""

from inspect import cleandoc as block

from bot.config.catalogue import Approval, Approvers, Service, Who
from bot.policy.roles import Act, Facts, objection, quorum, rule_for, who_may
from bot.release.model import Actor, ActorKind
from tests.support.values import person
from tests.support.worlds import CHECKOUT

LEADS = Approval(group="@shop-leads", count=2, not_requester=True)
ANYBODY = Approval(count=1, not_requester=True)
MEMBER = Facts(active=True, member=True, in_group=False)
LEAD = Facts(active=True, member=True, in_group=True)
STRANGER = Facts(active=True, member=False, in_group=False)
GUEST = Facts(active=False, member=True, in_group=True)
UNKNOWN = Facts(active=None, member=None, in_group=None)
HALF = Facts(active=True, member=True, in_group=None)


def service(**who: Who) -> Service:
    return CHECKOUT.model_copy(update={"channel": "#shop", "approvers": Approvers(**who)})


def told(
    act: Act, rule: Who, facts: Facts, requester: Actor | None = None, asker: Actor | None = None
) -> str:
    fields = {"start": rule, "promote": rule, "rollback": rule, "lock": rule}
    reason = objection(act, service(**fields), asker or person("bo"), facts, requester=requester)
    return "yes" if reason is None else f"{reason.code}: {reason.text}"


def test_who_may() -> None:
    terminal = Actor(kind=ActorKind.TERMINAL, id="ana@prod", name="ana")
    asked = {
        "a member": told(Act.START, "anyone", MEMBER),
        "a stranger": told(Act.START, "anyone", STRANGER),
        "a guest": told(Act.ROLL_BACK, "anyone", GUEST),
        "a lead": told(Act.PROMOTE, LEADS, LEAD, person("ana")),
        "no lead": told(Act.PROMOTE, LEADS, MEMBER, person("ana")),
        "a lead's own release": told(Act.PROMOTE, LEADS, LEAD, person("bo")),
        "a lead, nobody's release": told(Act.PROMOTE, LEADS, LEAD),
        "a member where anybody may": told(Act.PROMOTE, ANYBODY, MEMBER, person("ana")),
        "a stranger where anybody may": told(Act.PROMOTE, ANYBODY, STRANGER, person("ana")),
        "the requester where another must": told(Act.PROMOTE, ANYBODY, MEMBER, person("bo")),
        "nobody can be asked": told(Act.PROMOTE, "anyone", UNKNOWN),
        "the group cannot be asked": told(Act.PROMOTE, LEADS, HALF),
        "the group is not asked for": told(Act.PROMOTE, "anyone", HALF),
        "roll back, nobody can be asked": told(Act.ROLL_BACK, LEADS, UNKNOWN),
        "a terminal": told(Act.PROMOTE, LEADS, UNKNOWN, asker=terminal),
    }
    assert "\n".join(f"{who:<33}{answer}" for who, answer in asked.items()) == block("""
        a member                         yes
        a stranger                       not_a_member: You may not start checkout: members of #shop may, and you are not one.
        a guest                          not_allowed: You may not roll back checkout: only full, active members of this workspace may.
        a lead                           yes
        no lead                          not_allowed: You may not promote checkout: 2 of @shop-leads (not the requester) may.
        a lead's own release             requester_excluded: You started this release, so somebody else has to promote it.
        a lead, nobody's release         yes
        a member where anybody may       yes
        a stranger where anybody may     not_allowed: You may not promote checkout: members of #shop (not the requester) may.
        the requester where another must requester_excluded: You started this release, so somebody else has to promote it.
        nobody can be asked              slack_unknown: Slack cannot be asked who you are, so nobody may promote just now.
        the group cannot be asked        slack_unknown: Slack cannot be asked who you are, so nobody may promote just now.
        the group is not asked for       yes
        roll back, nobody can be asked   yes
        a terminal                       yes
        """)


def test_every_act_has_its_rule() -> None:
    approvers = Approvers(start=LEADS, promote="anyone", rollback=ANYBODY, lock=LEADS)
    rules = {act: rule_for(act, approvers) for act in Act}
    assert rules == {
        Act.START: LEADS,
        Act.PROMOTE: "anyone",
        Act.ROLL_BACK: ANYBODY,
        Act.LOCK: LEADS,
        Act.HOLD: LEADS,
        Act.ADOPT: LEADS,
    }


def test_a_rule_in_words() -> None:
    words = [
        who_may(Act.PROMOTE, service(promote=rule))
        for rule in ("anyone", LEADS, ANYBODY, Approval(group="@ops"))
    ]
    assert words == [
        "members of #shop",
        "2 of @shop-leads (not the requester)",
        "members of #shop (not the requester)",
        "@ops",
    ]
    assert [quorum(service(promote=rule)) for rule in ("anyone", LEADS, ANYBODY)] == [1, 2, 1]
