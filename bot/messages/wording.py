"""Small pieces of sentences: spans of time, people, versions, marks."""

from datetime import datetime, timedelta

from bot.messages.model import Mention, Span, Text
from bot.release.model import Actor, ActorKind
from bot.release.verdict import Verdict

MARKS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.INCONCLUSIVE: "…", Verdict.NO_DATA: "?"}
WORDS = {
    Verdict.PASS: "healthy",
    Verdict.FAIL: "failing",
    Verdict.INCONCLUSIVE: "not enough shown",
    Verdict.NO_DATA: "no data",
}
MINUTE, HOUR, DAY = 60, 3600, 86400
COARSE = 10


def person(actor: Actor) -> Span:
    """A person is mentioned, everything else named."""
    if actor.kind is ActorKind.PERSON:
        return Mention(user=actor.id, name=actor.name)
    return Text(text=actor.name)


def sentence(text: str) -> str:
    """End with a full stop, whoever wrote the text."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def ago(since: datetime, now: datetime) -> str:
    """`12 min`, `3 h 5 min`, `40 s`."""
    return lasting(now - since)


def lasting(length: timedelta) -> str:
    """A length of time, in its two largest units at most."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        minutes = seconds % HOUR // MINUTE
        return f"{seconds // HOUR} h {minutes} min" if minutes else f"{seconds // HOUR} h"
    return f"{seconds // DAY} d {seconds % DAY // HOUR} h"


def countdown(until: datetime, now: datetime) -> str:
    """`3:20`, in steps of ten seconds until the last ten, so that a message need not be edited each second."""
    seconds = max(0, int((until - now).total_seconds()))
    seconds = -(-seconds // 10) * 10 if seconds > COARSE else seconds
    return f"{seconds // MINUTE}:{seconds % MINUTE:02d}"
