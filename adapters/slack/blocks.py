"""A `Message` as Block Kit, within Slack's limits whatever it holds. What had to be left out is marked by an ellipsis.

Plain dicts: slack_sdk.models builds the same in ten times as long, on the way of every acknowledgement. The tests hold each
block against those models.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, assert_never

from adapters.slack.mrkdwn import ELLIPSIS, LONGEST_PIECE, clean, escape, packed, shorten, texts, verbatim
from bot.messages.model import Block, Button, Buttons, Heading, Message, Note, Paragraph, Rule, Style, Table

MOST_BLOCKS = 50
MOST_CHARACTERS = 13_200
HEADING = 150
SECTION = 3_000
CONTEXT = 2_000
LABEL = 75
BUTTONS_A_ROW = 25
FENCE = "```"
# Slack wants each action id once a message: `promote`, `promote~2`. The handlers cut it off again.
REPEAT = "~"
Json = dict[str, Any]


def payload(message: Message) -> Json:
    """`text` (for notifications) and `blocks`, as chat.postMessage and a response_url take them."""
    return {"text": escape(shorten(message.summary, LONGEST_PIECE)), "blocks": rendered(message.blocks)}


def rendered(blocks: Sequence[Block]) -> list[Json]:
    """Render blocks within the limits of one message. Buttons are kept, words are cut."""
    seen: dict[str, int] = {}
    found = [part for block in blocks for part in _parts(block, seen)]
    if len(found) <= MOST_BLOCKS and sum(map(_length, found)) <= MOST_CHARACTERS:
        return found
    actions = [part for part in found if part["type"] == "actions"]
    room = MOST_CHARACTERS - sum(map(_length, actions)) - len(ELLIPSIS)
    words = [part for part in found if part["type"] != "actions"][: MOST_BLOCKS - len(actions) - 1]
    lengths = accumulate(map(_length, words))
    kept = [part for part, length in zip(words, lengths, strict=True) if length <= room]
    return [*kept, _section(ELLIPSIS), *actions]


def _parts(block: Block, seen: dict[str, int]) -> Iterator[Json]:
    match block:
        case Heading(text=text):
            if clean(text).strip():
                yield {"type": "header", "text": plain_text(text, HEADING)}
        case Paragraph(spans=spans):
            yield from (_section(text) for text in texts(spans, SECTION))
        case Note(spans=spans):
            yield from ({"type": "context", "elements": [_mrkdwn(text)]} for text in texts(spans, CONTEXT))
        case Table(lines=lines):
            yield from _fenced(lines)
        case Rule():
            yield {"type": "divider"}
        case Buttons(buttons=buttons):
            for at in range(0, len(buttons), BUTTONS_A_ROW):
                row = buttons[at : at + BUTTONS_A_ROW]
                yield {"type": "actions", "elements": [_button(button, seen) for button in row]}
        case _:
            assert_never(block)


def plain_text(text: str, most: int) -> Json:
    """Words without any mark-up, cut to so many characters."""
    return {"type": "plain_text", "text": shorten(clean(text), most), "emoji": False}


def _section(text: str) -> Json:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Json:
    # verbatim: Slack makes no links, mentions or channels out of bare words
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _fenced(lines: Sequence[str]) -> Iterator[Json]:
    shown = (verbatim(shorten(line.replace("\n", " "), LONGEST_PIECE)) + "\n" for line in lines)
    for text in packed(shown, SECTION - 2 * len(FENCE)):
        if text.strip():
            yield _section(FENCE + text.removesuffix("\n") + FENCE)


def _button(button: Button, seen: dict[str, int]) -> Json:
    seen[button.action] = count = seen.get(button.action, 0) + 1
    shown: Json = {
        "type": "button",
        "text": plain_text(button.label, LABEL),
        "action_id": button.action if count == 1 else f"{button.action}{REPEAT}{count}",
        "value": button.value,
    }
    return shown if button.style is Style.PLAIN else shown | {"style": button.style.value}


def _length(part: Any) -> int:
    """Count what Slack counts: every `text` at any depth."""
    if isinstance(part, list):
        return sum(map(_length, part))
    if not isinstance(part, dict):
        return 0
    text = part.get("text")
    return len(text) if isinstance(text, str) else sum(map(_length, part.values()))
