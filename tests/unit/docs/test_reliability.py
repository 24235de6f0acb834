"""The page of promises names the tests that prove them, and each of those exists."""

import re

from tests.support.reliability import PAGE, ROOT, ROWS, page, proofs
from tests.unit.docs.pages import Page


def test_every_fault_is_proved() -> None:
    assert {row: names for row, names in proofs().items() if not names} == {}
    assert set(proofs()) == set(ROWS)


def test_the_page_names_every_proof() -> None:
    text = Page(PAGE).text
    assert text == page(text), "python -m tests.support.reliability writes it anew"


def test_every_test_that_the_page_names_exists() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    named = set(re.findall(r"`(test_\w+)`", Page(PAGE).text))
    assert {name for name in named if not any(f"def {name}(" in source for source in sources)} == set()
