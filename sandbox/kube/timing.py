"""How long the pretended work of a node takes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Delays in seconds. `ready` can be overridden for one workload by an annotation on its pods."""

    ready: float = 0.3
    termination: float = 0.5
    crash_after: float = 0.2
    crash_backoff: float = 1.0
    crash_backoff_limit: float = 10.0
    pull_retry: float = 1.0
    bookmark: float = 5.0
