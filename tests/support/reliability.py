"""The table of faults in `docs/reliability.md`, with the tests that prove each. `python -m tests.support.reliability` writes it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- faults -->", "<!-- /faults -->"
_TEST = re.compile(r"^\s*(?:async )?def (test_f(\d\d)_\w+)", re.MULTILINE)

ROWS: Final = {
    1: (
        "killed after the lock, before anything else",
        "lock and record are one write: the release is gone on with, or was never admitted",
    ),
    2: (
        "killed after a weight was written",
        "the successor finds it in the route object and does not write it twice",
    ),
    3: ("killed after a message was posted", "no second live message"),
    4: ("killed during a rollback", "the successor ends the rollback before anything else"),
    5: (
        "told to stop; a rolling upgrade",
        "no more intake, passes handed over, gone within 5 s, no release lost",
    ),
    6: ("another version's records", "older ones are read; newer ones are left alone, and it is said"),
    7: (
        "paused longer than any patience, then woken",
        "its next write is refused by the object it would change",
    ),
    8: ("two replicas go on with one release", "each step is written once"),
    9: ("the event loop blocked", "the liveness probe fails, another replica goes on"),
    10: (
        "Redis away when a command comes",
        "refused with the reason within 3 s; live releases hold, rollback works",
    ),
    11: ("Redis away in mid-release", "nothing moves forward; button, alert and terminal roll back"),
    12: ("a Redis failover loses the last write", "the route object decides: one moves traffic"),
    13: ("no replica of Redis acknowledges", "the lock is not held"),
    14: (
        "Redis is read-only, loading, full, without scripts",
        "refused or sent again, each as it should be; no crash loop",
    ),
    15: ("Redis flushed", "written anew from the route objects; the release goes on"),
    16: ("a lock whose release is gone", "shown, given back, or broken by a person with an audited reason"),
    17: ("the API answers 409", "read again, decided again, never overwritten"),
    18: ("the API answers 429", "waited for as it says; a rollback goes first"),
    19: ("a write's answer is lost", "read again before it is tried again"),
    20: ("a verb is missing; a token is rotated", "the verb is named once; the new token is read"),
    21: ("a watch ends, is silent, is too old", "listed again; what is too old decides nothing"),
    22: ("the API away for ten minutes", "held, told once, gone on from; no rollback is promised meanwhile"),
    23: (
        "an admission webhook refuses or changes a write",
        "the step fails with its text, back to the last good state",
    ),
    24: (
        "a person edits the route in mid-release",
        "paused within one pass, the difference shown, three choices",
    ),
    25: (
        "the route object is deleted or loses its shape",
        "stopped, people are called; nothing is created again",
    ),
    26: (
        "a GitOps tool puts the weights back",
        "held after two reverts, with what to write into its manifest",
    ),
    27: (
        "an autoscaler scales in mid-step",
        "its floor is held and given back; more pods before more weight",
    ),
    28: ("an image cannot be pulled", "never gets traffic; given up with the pod's reason"),
    29: ("a crash loop under traffic", "weight 0 at once, without a look at the metrics"),
    30: (
        "killed for memory, not ready, over quota, no node",
        "held, then given up at the deadline with the pod's reason",
    ),
    31: ("stable is not well when a rollback is asked for", "to the better side all the same, and said"),
    32: ("a node is drained", "held, not failed"),
    33: ("namespace or Deployment deleted", "ended, lock freed, nothing created again"),
    34: ("the catalogue changes in mid-release", "the release keeps what it began with; the change is shown"),
    52: ("a payload that always breaks its handler", "set aside after a few tries; the others go on"),
    63: ("2,000 commands in 10 s; 200 for one service", "all answered; one wins, 199 are told who holds it"),
    64: ("disk full, log blocked, no file descriptors", "intake refuses, the way back stays open"),
    65: ("the audit log cannot be written", "kept on disk and written later; nothing is promoted without it"),
    66: (
        "a weight is written and not applied",
        "not counted, said and rung once, gone on from when it arrives",
    ),
    67: ("a secret is rotated", "old and new are good while both are given"),
}


def proofs() -> dict[int, list[str]]:
    """The names of the tests by row, in order."""
    found: dict[int, list[str]] = {row: [] for row in ROWS}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, row in _TEST.findall(path.read_text(encoding="utf-8")):
            found.setdefault(int(row), []).append(name)
    return {row: sorted(names) for row, names in sorted(found.items())}


def table() -> str:
    """The table as it has to stand in the page."""
    return "\n".join(("| | fault | what happens | proved by |", "|---|---|---|---|", *_lines()))


def _lines() -> Iterator[str]:
    tests = proofs()
    for row, (fault, outcome) in ROWS.items():
        names = "<br>".join(f"`{name}`" for name in tests[row])
        yield f"| F{row} | {fault} | {outcome} | {names} |"


def page(text: str) -> str:
    """The page with its table written anew."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table()}\n{END}{tail}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
