"""What a text that is no command gets: where, why, what was expected, and the nearest text that is one."""

from dataclasses import dataclass


class BadCommand(Exception):  # noqa: N818 - the house names an error by what is wrong
    """A text is no command. Nothing was done, and nothing is guessed: `nearest` is only shown.

    `text` is as typed; `column` counts its characters from 1, and is at most one behind its end; `expected` are
    words for people; `nearest` is a command that can be parsed, or None; `message` says in a sentence what is wrong.
    """

    def __init__(
        self, *, text: str, column: int, expected: tuple[str, ...], nearest: str | None, message: str
    ) -> None:
        super().__init__(message)
        self.text = text
        self.column = column
        self.expected = expected
        self.nearest = nearest
        self.message = message

    def __str__(self) -> str:
        parts = [f"column {self.column}: {self.message}"]
        if self.expected:
            parts.append(f"expected {' or '.join(self.expected)}")
        if self.nearest is not None:
            parts.append(f"nearest: {self.nearest}")
        return "; ".join(parts)


@dataclass(eq=False, slots=True)
class Fault(Exception):  # noqa: N818 - the same; it never leaves this package
    """Where reading stopped: an offset from 0, a sentence, the terminals that could stand there, texts that mend it."""

    offset: int
    message: str
    accepts: tuple[str, ...] = ()
    mends: tuple[str, ...] = ()
