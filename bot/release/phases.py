"""The phases of a release's life and the one table of transitions between them."""

from enum import StrEnum


class Phase(StrEnum):
    """Where a release stands. `paused` is a reason on top of a phase, not a phase."""

    PREPARING = "preparing"
    SHIFTING = "shifting"
    BAKING = "baking"
    GATE = "gate"
    PROMOTING = "promoting"
    FINISHING = "finishing"
    ROLLING_BACK = "rolling_back"
    NEEDS_HUMAN = "needs_human"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """True when nothing but clean-up follows."""
        return not TRANSITIONS[self]

    @property
    def forward(self) -> bool:
        """True while the release still heads for promotion."""
        return self in FORWARD


_OUT = frozenset({Phase.ROLLING_BACK, Phase.NEEDS_HUMAN, Phase.CANCELLED})

TRANSITIONS: dict[Phase, frozenset[Phase]] = {
    Phase.PREPARING: frozenset({Phase.SHIFTING, Phase.PROMOTED, Phase.CANCELLED, Phase.NEEDS_HUMAN}),
    Phase.SHIFTING: frozenset({Phase.BAKING}) | _OUT,
    Phase.BAKING: frozenset({Phase.GATE, Phase.SHIFTING, Phase.PROMOTING}) | _OUT,
    Phase.GATE: frozenset({Phase.SHIFTING, Phase.PROMOTING}) | _OUT,
    Phase.PROMOTING: frozenset({Phase.FINISHING}) | _OUT,
    Phase.FINISHING: frozenset({Phase.PROMOTED}) | _OUT,
    Phase.ROLLING_BACK: frozenset({Phase.ROLLED_BACK, Phase.NEEDS_HUMAN, Phase.CANCELLED}),
    Phase.NEEDS_HUMAN: frozenset(
        {
            Phase.SHIFTING,
            Phase.PROMOTING,
            Phase.FINISHING,
            Phase.ROLLING_BACK,
            Phase.ROLLED_BACK,
            Phase.CANCELLED,
        }
    ),
    Phase.PROMOTED: frozenset(),
    Phase.ROLLED_BACK: frozenset(),
    Phase.CANCELLED: frozenset(),
}
"""From each phase to those that may follow. Cancelled from anywhere only when what was released no longer exists, or when another
release followed this one already.

Out of `needs_human` a release goes on by itself when what stopped it was mended.
"""

PAUSABLE = frozenset({Phase.PREPARING, Phase.SHIFTING, Phase.BAKING, Phase.GATE, Phase.PROMOTING})
"""Where a pause holds something back. Once stable is the new version, only the traffic's way home is left."""

FORWARD = PAUSABLE | {Phase.FINISHING}


def may_follow(before: Phase, after: Phase) -> bool:
    """Tell whether the table allows `after` to follow `before`."""
    return after in TRANSITIONS[before]


def diagram() -> str:
    """The table as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", f"    [*] --> {Phase.PREPARING}"]
    for before, followers in TRANSITIONS.items():
        lines += [f"    {before} --> {after}" for after in Phase if after in followers]
        if not followers:
            lines.append(f"    {before} --> [*]")
    return "\n".join(lines)
