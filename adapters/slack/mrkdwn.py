"""Spans as Slack's mrkdwn. What people or machines wrote can neither format, mention, link nor reorder anything."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import assert_never

from bot.messages.model import Bold, Code, Mention, Place, Span, Spans, Text, When

ELLIPSIS = "…"
# mrkdwn has no escape for its own marks, so one that would act is replaced by the sign that looks like it.
_LOOKALIKE = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})  # noqa: RUF001  that is the point
_NO_BACKTICK = str.maketrans("`", "ˋ")  # noqa: RUF001  the same
_ACTING_MARK = re.compile(r"(?<![^\W_])[*_~](?=\S)|(?<=\S)[*_~](?![^\W_])|`")
_INVISIBLE = {
    code: None
    for code in (*range(0x20), 0x7F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\t\n"
}
_ESCAPES = _INVISIBLE | {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_MENTIONABLE = re.compile(r"[UW][A-Z0-9]{2,}")
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{2,}")
_WORD = re.compile(r"\S+\s*|\s+")
LONGEST_PIECE = 390  # five times that, when all of it is escaped, still fits into a context block


def shorten(text: str, most: int) -> str:
    """Cut to so many characters, visibly."""
    return text if len(text) <= most else text[: most - 1] + ELLIPSIS


def clean(text: str) -> str:
    """Without control characters and without those that turn the direction of text."""
    return text.translate(_INVISIBLE)


def escape(text: str) -> str:
    """Text in which no `<…>` of Slack's can stand."""
    return text.translate(_ESCAPES)


def verbatim(text: str) -> str:
    """Text for between backticks: none of its own gets out."""
    return escape(text.translate(_NO_BACKTICK))


def plain(text: str) -> str:
    """Text in which no mark formats anything."""
    return escape(_ACTING_MARK.sub(lambda mark: mark[0].translate(_LOOKALIKE), text))


def pieces(span: Span) -> Iterator[str]:
    """Yield a span in parts of less than 2,000 characters that may be put into different blocks, never cut further."""
    match span:
        case Text(text=text) if len(text) <= LONGEST_PIECE:
            yield plain(text)
        case Text(text=text):
            for word in _WORD.findall(text):
                yield from (plain(word[at : at + LONGEST_PIECE]) for at in range(0, len(word), LONGEST_PIECE))
        case Bold(text=text):
            yield _marked("*", plain(_one_line(text)).replace("*", "∗"))  # noqa: RUF001  a look-alike
        case Code(text=text):
            yield _marked("`", verbatim(_one_line(text)))
        case Mention(user=user, name=name):
            yield f"<@{user}>" if _MENTIONABLE.fullmatch(user) else plain(f"@{name}")
        case When(at=at):
            fallback = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
            yield f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"
        case Place(channel=channel):
            yield f"<#{channel}>" if _CHANNEL_ID.fullmatch(channel) else plain(channel)
        case _:
            assert_never(span)


def packed(parts: Iterable[str], most: int) -> Iterator[str]:
    """Yield the parts joined, in as few texts of at most `most` characters as their order allows."""
    held = ""
    for part in parts:
        if len(held) + len(part) > most:
            yield held
            held = ""
        held += part
    yield held


def texts(spans: Spans, most: int) -> list[str]:
    """The spans as mrkdwn of at most `most` characters each; none where there is nothing to say."""
    parts = (piece for span in spans for piece in pieces(span))
    return [text for text in packed(parts, most) if text.strip()]


def _one_line(text: str) -> str:
    """Short enough for one piece even when every character is escaped; a mark does not reach over a line's end."""
    return shorten(" ".join(text.split()), LONGEST_PIECE)


def _marked(mark: str, text: str) -> str:
    return f"{mark}{text}{mark}" if text else ""
