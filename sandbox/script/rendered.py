"""Block Kit as lines of text, as somebody reads it on a narrow screen. No I/O."""

import html
import re
from collections.abc import Iterator, Mapping

from sandbox.slack.message import Json

_LINK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def lines_of(message: Json, names: Mapping[str, str]) -> list[str]:
    """The lines of a message; `names` holds what is shown for the ids of people, channels and groups."""
    found = [line for block in message.get("blocks") or () for line in _block(block, names)]
    if not found:
        found = readable(message.get("text", ""), names).splitlines()
    return found + [f"[file {file['name']}]" for file in message.get("files") or ()]


def buttons_of(message: Json) -> Iterator[Json]:
    """Every button, each with the `block_id` it stands in."""
    for block in message.get("blocks") or ():
        if block["type"] == "actions":
            yield from (
                {**element, "block_id": block["block_id"]}
                for element in block["elements"]
                if element["type"] == "button"
            )


def readable(text: str, names: Mapping[str, str]) -> str:
    """Slack's mark-up as it is read: mentions as names, dates by their fallback, entities as letters."""

    def shown(found: re.Match[str]) -> str:
        target, label = found[1], found[2]
        if target[:1] in ("@", "#") or target.startswith("!subteam^"):
            return names.get(target.rpartition("^")[2].lstrip("@#"), label or target)
        return label or target.lstrip("!")

    return html.unescape(_LINK.sub(shown, text))


def squeezed(text: str) -> str:
    """Text as it is compared: any blanks are one, capitals do not matter, marks of emphasis neither."""
    return " ".join(re.sub(r"[*`]", "", text).split()).casefold()


def _block(block: Json, names: Mapping[str, str]) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield block["text"]["text"]
        case "section":
            texts = [block["text"]] if "text" in block else []
            for text in texts + list(block.get("fields") or ()):
                yield from _paragraph(readable(text["text"], names))
        case "context":
            words = " ".join(readable(each.get("text", ""), names) for each in block["elements"])
            yield from _paragraph(words)
        case "actions":
            yield " ".join(f"[{each['text']['text']}]" for each in block["elements"] if "text" in each)
        case "image":
            yield f"[image: {block.get('alt_text', '')}]"
        case "divider":
            yield "─" * 20
        case kind:
            yield f"({kind})"


def _paragraph(text: str) -> Iterator[str]:
    for part in re.split(r"(```.*?```)", text, flags=re.DOTALL):
        if part.startswith("```"):
            yield from part.strip("`").strip("\n").splitlines()
        else:
            yield from (_plain(line) for line in part.strip("\n").splitlines())


def _plain(line: str) -> str:
    return re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"\1", line).rstrip()
