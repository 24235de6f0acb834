"""The check of `make chaos` can fail: each broken promise is found in a history that breaks it, and none in one that does not."""

from dataclasses import replace

import pytest

from tests.chaos.checker import End, at_the_end, violations
from tests.faults.stand import Written

GOOD, BAD = "v2.1.0-good", "v2.1.0-bad"


def form(
    revision: int,
    phase: str,
    canary: int,
    *,
    release: str = "R-1",
    to: str = GOOD,
    trigger: str = "person",
    **others: object,
) -> Written:
    began = f"when {release} began"
    state: dict[str, object] = {
        "id": release,
        "phase": phase,
        "to": to,
        "from": "v1.2.9",
        "started_at": began,
        "recent": [{"text": "what was last"}],
        **others,
    }
    if phase in ("rolling_back", "rolled_back", "cancelled"):
        state["ending"] = {"trigger": trigger, "text": "why"}
    return Written(float(revision), revision, canary, state | {"revision": revision})


BEFORE = Written(0.0, 0, 0, {})
STORY = [
    BEFORE,
    form(1, "preparing", 0),
    form(2, "shifting", 10),
    form(3, "rolling_back", 0),
    form(4, "rolled_back", 0),
]


def found(*forms: Written) -> list[str]:
    return [one.splitlines()[0] for one in violations({"svc": forms})]


def test_a_history_without_fault_has_none() -> None:
    again = [form(5, "preparing", 0, release="R-2"), form(6, "cancelled", 0, release="R-2")]
    assert found(*STORY, *again) == []


def test_a_write_that_changes_nothing_of_ours_is_nobodys_fault() -> None:
    assert found(*STORY, replace(STORY[-1], at=9.0)) == []


@pytest.mark.parametrize(
    ("forms", "fault"),
    [
        ([*STORY[:3], form(3, "baking", 10), form(3, "baking", 50)], "svc: the revision grew by 0"),
        ([*STORY[:2], form(3, "shifting", 10)], "svc: the revision grew by 2"),
        ([*STORY, replace(STORY[-1], revision=5)], "svc: a revision was spent on nothing"),
        (
            [*STORY[:3], form(3, "preparing", 10, release="R-2")],
            "svc: a second release took the route of a live one",
        ),
        ([*STORY, form(5, "cancelled", 0)], "svc: a release went on after its end"),
        (
            [*STORY, form(5, "preparing", 0, release="R-2", **{"from": GOOD})],
            "svc: a release began at v2.1.0-good, where v1.2.9 was left",
        ),
        (
            [*STORY[:3], form(3, "promoted", 0), form(4, "preparing", 0, release="R-2")],
            "svc: a release began at v1.2.9, where v2.1.0-good was left",
        ),
        (
            [*STORY[:3], form(3, "needs_human", 10)],
            "svc: people were asked about what nobody did: what was last",
        ),
        (
            [*STORY[:3], form(3, "baking", 10, drift={"stable": 80, "canary": 20})],
            "svc: people were asked about what nobody did: what was last",
        ),
        (
            [*STORY[:3], form(3, "rolling_back", 0, trigger="pods")],
            "svc: v2.1.0-good is well, and was turned back: why",
        ),
        ([*STORY[:3], form(3, "promoted", 10)], "svc: a release ended with traffic on its canary"),
        (
            [BEFORE, form(1, "shifting", 10, to=BAD), form(2, "shifting", 50, to=BAD)],
            "svc: v2.1.0-bad gained 50 %, more than 10 %",
        ),
        (
            [*STORY, form(5, "preparing", 0, release="R-2"), form(6, "cancelled", 0, release="R-1")],
            "svc: R-1 ended 2 times",
        ),
        (
            [
                *STORY,
                replace(
                    form(5, "preparing", 0), state=form(5, "preparing", 0).state | {"started_at": "later"}
                ),
            ],
            "svc: R-1 is the name of two releases",
        ),
    ],
)
def test_each_broken_promise_is_found(forms: list[Written], fault: str) -> None:
    assert fault in found(*forms)


def test_one_name_for_releases_of_two_services_is_found() -> None:
    other = replace(form(1, "preparing", 0), state=form(1, "preparing", 0).state | {"started_at": "later"})
    both = {"svc": STORY, "other": [BEFORE, other]}
    assert [one.splitlines()[0] for one in violations(both)] == [
        "R-1 is the name of releases of other and svc"
    ]


STABLE = {"svc": "v1.2.9"}


@pytest.mark.parametrize(
    ("last", "end", "fault"),
    [
        (STORY[-1], End(0, STABLE, None), None),
        (form(9, "promoted", 0), End(0, {"svc": GOOD}, None), None),
        (STORY[2], End(10, STABLE, None), "svc: R-1 never ended: 2.000 r2 R-1 v2.1.0-good shifting 10 %"),
        (STORY[-1], End(10, STABLE, None), "svc: R-1 left 10 % on the canary"),
        (STORY[-1], End(0, STABLE | {"svc-canary": GOOD}, None), "svc: the canary of R-1 is still there"),
        (STORY[-1], End(0, STABLE, "R-1"), "svc: R-1 still holds the lock"),
        (
            STORY[-1],
            End(0, {"svc": GOOD}, None),
            "svc: stable runs v2.1.0-good, not v1.2.9 (R-1, rolled_back)",
        ),
        (
            form(9, "promoted", 0),
            End(0, STABLE, None),
            "svc: stable runs v1.2.9, not v2.1.0-good (R-1, promoted)",
        ),
        (form(9, "promoted", 0, to=BAD), End(0, {"svc": BAD}, None), "svc: v2.1.0-bad was promoted"),
    ],
)
def test_what_is_left_over_is_found(last: Written, end: End, fault: str | None) -> None:
    assert list(at_the_end("svc", [last], end)) == ([] if fault is None else [fault])
