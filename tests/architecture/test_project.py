"""The rules for files beside the code, and for tests."""

import ast
import re
import tomllib
from collections.abc import Iterator

from tests.architecture.source import EVERYTHING, ROOT, report, sources

LINES_OF_THE_README = 150
NO_CODE = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml", ".ci/run")
FOLDERS = (*EVERYTHING, "docs", "helm")
SUFFIXES = {".py", ".md", ".yaml", ".yml", ".json", ".toml", ".lua", ".lark", ".js", ".css", ".html", ".tpl"}
# in two pieces, so that this file is no offender itself
MACHINE = re.compile(
    r"/(?:work|home|root|Users)" + r"/[a-z.]|index" + r"-url|://[^\s\"'/]*(?:pypi|nexus|artifactory)"
)
SLEEPS = {"time.sleep", "asyncio.sleep", "sleep", "anyio.sleep"}
REQUIREMENT = re.compile(
    r"^([a-z0-9._-]+)==[^\s;]+(?: ; [^\\]+)?(?: \\)?$|^    --hash=sha256:[0-9a-f]{64}(?: \\)?$"
)


def written() -> Iterator[tuple[str, str]]:
    """Name and text of every file that people write."""
    beneath = (file for folder in FOLDERS for file in (ROOT / folder).rglob("*") if file.suffix in SUFFIXES)
    beside = (ROOT / name for name in NO_CODE)
    for file in sorted({*beneath, *beside}):
        if file.exists():
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")


def dependencies() -> set[str]:
    """The names of all that pyproject.toml asks for by itself."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [
        asked["project"]["dependencies"],
        *asked["project"]["optional-dependencies"].values(),
        *asked["dependency-groups"].values(),
    ]
    return {re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for group in groups for line in group}


def explained() -> list[str]:
    """The names in the first column of the tables of docs/dependencies.md."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `([a-z0-9._-]+)` \| \S.*\|$", text, flags=re.MULTILINE)


def waits(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value != 0


def test_nothing_names_a_machine_s_own_folder_or_a_registry() -> None:
    offenders = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in written()
        if MACHINE.search(text)
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE.search(line)
    ]
    assert not offenders, report("these hold on one machine alone:", offenders)


def test_no_test_sleeps() -> None:
    offenders = [
        f"{source.name}:{call.lineno}: {ast.unparse(call)}"
        for source in sources("tests")
        if not source.name.startswith("tests/support/")
        for call, name in source.calls()
        if name in SLEEPS and waits(call)
    ]
    assert not offenders, report("inject a clock, or wait for the thing itself:", offenders)


def test_the_readme_has_at_most_150_lines() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").count("\n")
    assert lines <= LINES_OF_THE_README, f"README.md:{lines}: move what is too much to docs/"


def test_each_dependency_is_explained_once() -> None:
    names = explained()
    assert sorted(names) == sorted(dependencies()), report(
        "docs/dependencies.md has one line a dependency; missing or too much:",
        sorted({*names} ^ dependencies()),
    )


def test_the_lock_files_carry_hashes_and_no_address() -> None:
    offenders = [
        f"{file.name}:{number}: {line}"
        for file in sorted(ROOT.glob("requirements*.lock"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if not REQUIREMENT.match(line)
    ]
    assert not offenders, report("run make lock again:", offenders[:20])


def test_every_locked_package_has_a_hash() -> None:
    offenders = [
        f"{file.name}: {found[1]}"
        for file in sorted(ROOT.glob("requirements*.lock"))
        for found in re.finditer(
            r"^([a-z0-9._-]+)==[^\\\n]*$", file.read_text(encoding="utf-8"), flags=re.MULTILINE
        )
    ]
    assert not offenders, report("these have none:", offenders)
