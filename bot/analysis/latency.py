"""The latency rule: the 95th percentile against a bound, and against stable."""

from math import isfinite

from bot.analysis.chance import slower
from bot.analysis.figures import counted, milliseconds, settled, unproven
from bot.analysis.samples import Pair, Samples
from bot.release.rules import Rules
from bot.release.verdict import HARD, Finding, Judgement, Verdict

TAIL = 60
"""Fewest requests for a hard bound: a 95th percentile of fewer is the word of one or two of them, and a new pod's first are slow."""
NOISE_MS = 10.0
"""A difference smaller than this is within what histogram buckets can tell apart."""
COMPARED = frozenset({"p95", f"p95{HARD}"})
"""The rules that compare with stable."""


def judge_latency(rules: Rules, samples: Samples) -> tuple[Finding, ...]:
    """One finding for each bound that the rule sets."""
    rule, findings = rules.p95, []
    if rule.hard is not None:
        fewest = max(TAIL, rules.hard_min_requests)
        found = _relative(samples, samples.hard, f"p95{HARD}", rule.hard, fewest)
        findings.append(settled(found, whole=samples.same_time))
    if rule.worse_than_stable is not None:
        found = _relative(samples, samples.p95, "p95", rule.worse_than_stable, rules.min_requests)
        findings.append(settled(found, whole=samples.whole_p95 and samples.same_time))
    if rule.limit is not None:
        found = _absolute(samples, rule.limit.total_seconds() * 1000, rules.min_requests)
        findings.append(settled(found, whole=samples.whole_p95))
    return tuple(findings)


def rests_on_a_comparison(judgement: Judgement) -> bool:
    """Whether nothing but percentiles, compared with stable's, speaks against the canary: then its requests are to be counted."""
    return judgement.verdict is Verdict.FAIL and all(
        finding.rule in COMPARED for finding in judgement.findings if finding.verdict is Verdict.FAIL
    )


def _relative(samples: Samples, pair: Pair, rule: str, worse: float, fewest: int) -> Finding:
    bound = f"+{worse:g} %"
    missing = unproven(rule, pair, samples.now, fewest, bound)
    if missing is not None:
        return missing
    canary = pair.canary.p95
    comparable = (pair.stable.requests or 0) >= fewest
    stable = pair.stable.p95 if comparable else samples.baseline_p95
    if canary is None or not isfinite(canary):
        return _untold(rule, bound, "no latency is measured for the canary")
    if stable is None or not isfinite(stable):
        return _untold(rule, bound, "stable has too few requests to compare the latency with")
    over = canary > stable * (1 + worse / 100) and canary - stable > NOISE_MS
    text = (
        f"p95 {milliseconds(canary)} in {counted(pair.window)}, stable {milliseconds(stable)}, limit {bound}"
    )
    verdict = Verdict.FAIL if over else Verdict.PASS
    if over and comparable and _may_be_chance(pair, stable, canary):
        verdict, text = Verdict.INCONCLUSIVE, f"{text}, which may be chance"
    return Finding(rule, verdict, milliseconds(canary), milliseconds(stable), bound, text)


def _may_be_chance(pair: Pair, stable: float, canary: float) -> bool:
    """Whether the requests were counted, and say less than the percentiles (ms) do."""
    seen, usual = pair.canary.durations, pair.stable.durations
    return seen is not None and usual is not None and not slower(seen, usual, than=stable, up_to=canary)


def _absolute(samples: Samples, limit: float, fewest: int) -> Finding:
    bound, pair, rule = milliseconds(limit), samples.p95, "p95 limit"
    missing = unproven(rule, pair, samples.now, fewest, bound)
    if missing is not None:
        return missing
    canary = pair.canary.p95
    if canary is None or not isfinite(canary):
        return _untold(rule, bound, "no latency is measured for the canary")
    stable = pair.stable.p95
    said = milliseconds(stable) if stable is not None and isfinite(stable) else "-"
    verdict = Verdict.FAIL if canary > limit else Verdict.PASS
    text = f"p95 {milliseconds(canary)} in {counted(pair.window)}, limit {bound}"
    return Finding(rule, verdict, milliseconds(canary), said, bound, text)


def _untold(rule: str, bound: str, text: str) -> Finding:
    return Finding(rule, Verdict.INCONCLUSIVE, "-", "-", bound, text)
