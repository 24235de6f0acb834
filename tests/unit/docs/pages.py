"""What stands in the documentation: its code, its commands, its links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
# After nothing, a prompt, or the name of whoever types; anything else in a conversation is output.
_TYPED = re.compile(r"(?:\$ |@\w+ +)?(/release|lockmaster|make)(?= [a-z-])")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def fenced(self, language: str) -> list[str]:
        """The code blocks of a language."""
        return re.findall(rf"^```{language}\n(.*?)^```$", self.text, flags=re.DOTALL | re.MULTILINE)

    def links(self) -> list[Path]:
        """Every link that stays in the project, as the file it names."""
        targets = [found for found in _LINK.findall(self.text) if not re.match(r"https?:|#", found)]
        return [self.path.parent / target.partition("#")[0] for target in targets]

    def commands(self, program: str) -> list[str]:
        """What follows `program` in everything that can be typed as it stands; a placeholder makes it a pattern instead."""
        return [rest for name, rest in self._typed() if name == program and not _is_pattern(rest)]

    def _typed(self) -> Iterator[tuple[str, str]]:
        for code in self._code():
            found = _TYPED.match(code)
            if found:
                yield found[1], code[found.end() :].split("   ")[0].split(" #")[0].strip()

    def _code(self) -> Iterator[str]:
        for line in self.lines:
            yield from re.findall(r"`([^`]+)`", line)
            if line.startswith("    "):
                yield line.strip()


def _is_pattern(text: str) -> bool:
    return "…" in text or re.search(r"\[|\b[A-Z]{4,}\b(?!-)", text) is not None


PAGES = tuple(
    Page(path)
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/adr/*.md")])
    if path.name != "commands.md"  # written by the help itself, and tested there
)
README = Page(ROOT / "README.md")
