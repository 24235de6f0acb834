"""The one table of the language: help, the reference in docs/, and the names no service may have, all come from it."""

from dataclasses import dataclass
from typing import Final

from bot.commands.model import (
    Adopt,
    Check,
    Command,
    Help,
    History,
    Lock,
    Locks,
    Pause,
    Plan,
    Promote,
    Resume,
    Rollback,
    Show,
    Start,
    Status,
    Unadopt,
    Unlock,
)


@dataclass(frozen=True, slots=True)
class Usage:
    """One word: how it is written, what it does, examples, and the command these become."""

    word: str
    syntax: str
    sentence: str
    examples: tuple[str, ...]
    builds: type[Command]


# A start has no word of its own in the grammar: it begins with the service. Help needs a name for it.
START: Final = "start"

COMMANDS: Final = (
    Usage(
        START,
        "SERVICE VERSION [canary WEIGHT…] [every DURATION] [auto|ask] [because REASON]",
        "Release a version: without weights with the service's own strategy, with a single one as its first stage.",
        (
            "checkout v1.3.0",
            "checkout v1.3.0 canary 5%",
            'checkout v1.3.0 canary 5% 50% 100% every 10m auto because "JIRA-12"',
        ),
        Start,
    ),
    Usage(
        "plan",
        "plan SERVICE VERSION …",
        "Say everything a start would check and do, and do nothing.",
        ("plan checkout v1.3.0 canary 5%",),
        Plan,
    ),
    Usage(
        "status",
        "status [SERVICE]",
        "Say who releases what, and where it stands.",
        ("status", "status checkout"),
        Status,
    ),
    Usage("show", "show RELEASE", "Tell one release with every event.", ("show R-1042",), Show),
    Usage("history", "history SERVICE", "List past releases.", ("history checkout",), History),
    Usage(
        "promote",
        "promote SERVICE [--full] [because REASON]",
        "Go to the next stage; with --full through all of them.",
        ("promote checkout", "promote checkout --full"),
        Promote,
    ),
    Usage(
        "pause", "pause SERVICE [because REASON]", "Hold a release where it is.", ("pause checkout",), Pause
    ),
    Usage(
        "resume", "resume SERVICE [because REASON]", "Let a held release go on.", ("resume checkout",), Resume
    ),
    Usage(
        "rollback",
        "rollback SERVICE [to VERSION] [because REASON]",
        "Bring traffic back to stable at once; after the end, to the version before, warmed first.",
        ("rollback checkout", "rollback checkout to v1.2.9", "rollback checkout because payments fail"),
        Rollback,
    ),
    Usage(
        "lock",
        "lock SERVICE REASON [for DURATION]",
        "Hold a service against releases, until it is unlocked or the time is up.",
        ('lock checkout "database migration"', 'lock checkout "database migration" for 2h'),
        Lock,
    ),
    Usage("unlock", "unlock SERVICE [because REASON]", "Take a hold away.", ("unlock checkout",), Unlock),
    Usage("locks", "locks", "List what is held, by whom and why.", ("locks",), Locks),
    Usage(
        "check",
        "check SERVICE",
        "Say whether a service is ready for releases, and what is missing.",
        ("check checkout",),
        Check,
    ),
    Usage(
        "adopt",
        "adopt SERVICE",
        "Prepare a service for releases once: track label, subsets, route.",
        ("adopt checkout",),
        Adopt,
    ),
    Usage(
        "unadopt",
        "unadopt SERVICE",
        "Give back exactly what was there before the adoption.",
        ("unadopt checkout",),
        Unadopt,
    ),
    Usage(
        "help",
        "help [WORD]",
        "Explain one word, or all of them.",
        ("help", "help rollback", "help canary"),
        Help,
    ),
)

OPTIONS: Final = (
    Usage(
        "canary",
        "canary WEIGHT…",
        "Give the stages' shares of traffic, each above the one before; stands right after the version.",
        ("checkout v1.3.0 canary 5%", "checkout v1.3.0 canary 0.5% 5% 50% 100%"),
        Start,
    ),
    Usage(
        "every",
        "every DURATION",
        "Let each stage bake this long, one second at least.",
        ("checkout v1.3.0 every 90s", "checkout v1.3.0 canary 5% every 10m"),
        Start,
    ),
    Usage("auto", "auto", "Go on by itself while healthy.", ("checkout v1.3.0 canary 5% auto",), Start),
    Usage(
        "ask",
        "ask",
        "Ask a person at each stage, the last one too.",
        ("checkout v1.3.0 canary 5% ask",),
        Start,
    ),
    Usage(
        "because",
        "because REASON",
        "Say why, for the audit; quotes may be left out at the end of the line.",
        ('checkout v1.3.0 because "JIRA-12"', "checkout v1.3.0 because we don't wait"),
        Start,
    ),
    Usage("--full", "--full", "Promote through all stages.", ("promote checkout --full",), Promote),
    Usage("to", "to VERSION", "Name the version to bring back.", ("rollback checkout to v1.2.9",), Rollback),
    Usage(
        "for",
        "for DURATION",
        "Let a lock end by itself.",
        ('lock checkout "database migration" for 2h',),
        Lock,
    ),
)

USAGES: Final = (*COMMANDS, *OPTIONS)

# No service may have one of these names: `status v1.3.0` would not release it.
RESERVED_WORDS: Final = frozenset(usage.word for usage in USAGES)

# What a command may begin with, unless it begins with a service.
COMMAND_WORDS: Final = frozenset(usage.word for usage in COMMANDS) - {START}
