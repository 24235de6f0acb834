"""From samples to a judgement: every rule is asked, the worst answer counts."""

from math import isfinite

from bot.analysis.errors import judge_errors
from bot.analysis.latency import judge_latency
from bot.analysis.samples import Samples
from bot.release.rules import Rules
from bot.release.verdict import Finding, Judgement, Verdict, overall


def judge(rules: Rules, samples: Samples) -> Judgement:
    """Ask every rule. A hard bound that cannot tell leaves the word to the limit: its 10 s may fall between two scrapes."""
    findings = judge_errors(rules, samples) + judge_latency(rules, samples)
    counting = tuple(finding for finding in findings if not _mute(finding))
    stable = samples.p95.stable.p95
    return Judgement(
        verdict=overall(counting or findings),
        findings=findings,
        requests=samples.errors.canary.requests or 0.0,
        at=samples.now,
        stable_p95=stable if stable is not None and isfinite(stable) else samples.baseline_p95,
    )


def _mute(finding: Finding) -> bool:
    untold = finding.verdict in (Verdict.INCONCLUSIVE, Verdict.NO_DATA)
    return finding.hard and untold and not finding.early
