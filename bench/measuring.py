"""Rows of results: stopwatch, percentiles, floors, the machine; printed as a table and kept as JSON.

Owns the shape of a result file. Refuses to know what is measured.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Load:
    """What the command line asked of a load; None and False leave it to the benchmark. ``size`` in bytes."""

    seconds: float | None = None
    size: int | None = None
    kill: bool = False


asked = Load()
"""Set once, before the benchmarks run."""


def byte_size(text: str) -> int:
    """``10MB``, ``100kB`` or a number of bytes; raises ``ValueError``. 1 kB is 1000 bytes."""
    for unit, factor in (("MB", 1_000_000), ("KB", 1000), ("B", 1)):
        if text.upper().endswith(unit):
            return int(float(text[: -len(unit)]) * factor)
    return int(text)


@dataclass(frozen=True)
class Row:
    """One measured figure.

    ``value`` is in ``unit`` ("ms" is a median); ``floor`` is the figure of the least that must happen, in the same
    unit and run. ``ratio`` compares the best of both, which a busy machine disturbs least; for rates it is the share
    of the floor. ``notes`` say what else was seen (query counts, whole tables read).
    """

    what: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    p95: float | None = None
    best: float | None = None
    notes: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """Everything one benchmark found; ``floor`` says in words what the floor is."""

    name: str
    title: str
    floor: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Times:
    """Durations of the same thing done again and again, in milliseconds."""

    ms: list[float]

    @property
    def p50(self) -> float:
        """The median."""
        return median(self.ms)

    @property
    def best(self) -> float:
        """The shortest."""
        return min(self.ms)

    @property
    def p95(self) -> float:
        """95 of 100 were at most this long."""
        return sorted(self.ms)[min(len(self.ms) - 1, int(len(self.ms) * 0.95))]


def timed(
    what: str, times: Times, floor: Times, notes: str = "", detail: dict[str, Any] | None = None
) -> Row:
    """The row of something that takes time."""
    ratio = round(times.best / floor.best, 2)
    return Row(what, times.p50, "ms", floor.p50, ratio, times.p95, times.best, notes, detail or {})


def rated(what: str, rate: float, unit: str, floor: float, notes: str = "") -> Row:
    """The row of something that is counted per second."""
    return Row(what, rate, unit, floor, round(rate / floor, 4), notes=notes)


def processor_times(function: Callable[[], object], rounds: int) -> Times:
    """Milliseconds of processor time of each call after a first one."""
    function()
    times = []
    for _ in range(rounds):
        started = time.process_time()
        function()
        times.append((time.process_time() - started) * 1000)
    return Times(times)


def repeat(function: Callable[[], object], rounds: int, *, warm_up: int = 3) -> Times:
    """Time single calls; the first ones, which fill caches, do not count."""
    for _ in range(warm_up):
        function()
    return Times([once(function) for _ in range(rounds)])


def once(function: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    started = time.perf_counter()
    function()
    return (time.perf_counter() - started) * 1000


def machine() -> dict[str, Any]:
    """What the figures were taken on, and how busy it was."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("django", "psycopg", "pyhanko", "lxml", "granian")},
        "load_average": [round(value, 2) for value in os.getloadavg()],
        "commit": _commit(),
    }


def keep(result: Result, at: datetime, about: dict[str, Any]) -> Path:
    """Write the result to ``results/<date>-<name>.json``; a later run of the same minute replaces it."""
    path = RESULTS / f"{at.astimezone(UTC):%Y%m%dT%H%M}-{result.name}.json"
    rows = [asdict(row) for row in result.rows]
    content = {
        "name": result.name,
        "title": result.title,
        "floor": result.floor,
        "at": at.isoformat(),
        "machine": about,
        "rows": rows,
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    return path


def show(result: Result, console: Console) -> None:
    """Print the table of one result."""
    table = Table(
        title=result.title, caption=f"Sàn: {result.floor}", title_justify="left", caption_justify="left"
    )
    table.add_column("")
    for heading in ("trung vị / tốc độ", "nhanh nhất", "p95", "sàn", "tỷ lệ"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("ghi chú")
    for row in result.rows:
        table.add_row(
            row.what,
            _figure(row.value, row.unit),
            _figure(row.best, row.unit),
            _figure(row.p95, row.unit),
            _figure(row.floor, row.unit),
            f"{row.ratio:g}×" if row.ratio is not None else "",
            row.notes,
        )
    console.print(table)


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:,.2f} {unit}" if value < 10 else f"{value:,.0f} {unit}"


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return done.stdout.strip()
