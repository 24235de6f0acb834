"""What the metrics say of a canary: a tree of findings, one a rule."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """Only PASS is healthy. INCONCLUSIVE: there are numbers, but they prove nothing yet. NO_DATA: there are none."""

    PASS = "pass"  # noqa: S105  a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NO_DATA = "no_data"


HARD = " (10 s)"
"""What the name of a hard bound ends in."""
SO_FAR = ", so far"
"""What the text ends in where a bound is broken, and too early to count."""


class Finding(NamedTuple):
    """What one rule found. `canary`, `stable` and `limit` are as people read them (`0.12 %`, `182 ms`, `+20 %`)."""

    rule: str
    verdict: Verdict
    canary: str
    stable: str
    limit: str
    text: str

    @property
    def hard(self) -> bool:
        """True for a bound over the last seconds, which acts at the first look."""
        return self.rule.endswith(HARD)

    @property
    def early(self) -> bool:
        """True for a bound that is broken, but so far proves nothing."""
        return self.text.endswith(SO_FAR)


class Judgement(NamedTuple):
    """The findings of one moment. `requests` counts the canary's in the window; `stable_p95` is in milliseconds."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    requests: float
    at: datetime
    stable_p95: float | None = None

    @property
    def worst(self) -> Finding | None:
        """The first finding that made the verdict what it is."""
        return next((finding for finding in self.findings if finding.verdict is self.verdict), None)


WORST_FIRST = (Verdict.FAIL, Verdict.NO_DATA, Verdict.INCONCLUSIVE, Verdict.PASS)


def overall(findings: tuple[Finding, ...]) -> Verdict:
    """The worst of all; without any finding nothing was shown, so NO_DATA."""
    found = {finding.verdict for finding in findings}
    return next((verdict for verdict in WORST_FIRST if verdict in found), Verdict.NO_DATA)
