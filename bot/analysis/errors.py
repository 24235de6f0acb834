"""The error rule: the share of requests answered 5xx."""

from bot.analysis.figures import counted, error_share, percent, settled, unproven
from bot.analysis.samples import Pair, Samples
from bot.release.rules import Rules
from bot.release.verdict import HARD, Finding, Verdict

AS_BAD = 0.8
"""Stable at four fifths of the canary's error share is as bad: the cause lies elsewhere."""


def judge_errors(rules: Rules, samples: Samples) -> tuple[Finding, ...]:
    """One finding for each bound that the rule sets."""
    findings = []
    if rules.errors.hard is not None:
        findings.append(
            _judge(samples, samples.hard, f"errors{HARD}", rules.errors.hard, rules.hard_min_requests)
        )
    if rules.errors.limit is not None:
        found = _judge(samples, samples.errors, "errors", rules.errors.limit, rules.min_requests)
        findings.append(settled(found, whole=samples.whole_errors))
    return tuple(findings)


def _judge(samples: Samples, pair: Pair, rule: str, limit: float, fewest: int) -> Finding:
    bound = percent(limit)
    missing = unproven(rule, pair, samples.now, fewest, bound)
    if missing is not None:
        return missing
    canary, stable = error_share(pair.canary) or 0.0, error_share(pair.stable)
    said = percent(canary), percent(stable) if stable is not None else "-"
    span = counted(pair.window)
    if canary <= limit:
        return Finding(rule, Verdict.PASS, *said, bound, f"errors {said[0]} in {span}, limit {bound}")
    if stable is not None and stable >= AS_BAD * canary and (pair.stable.requests or 0) >= fewest:
        text = f"errors {said[0]} in {span}, but stable has {said[1]} too: the cause lies elsewhere"
        return Finding(rule, Verdict.INCONCLUSIVE, *said, bound, text)
    return Finding(rule, Verdict.FAIL, *said, bound, f"errors {said[0]} in {span}, limit {bound}")
