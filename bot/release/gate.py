"""What ends a stage: a person, or a healthy verdict alone."""

from enum import StrEnum


class Gate(StrEnum):
    """`ask`: every stage waits for a person, the last one too. `auto`: a healthy bake is enough."""

    ASK = "ask"
    AUTO = "auto"
