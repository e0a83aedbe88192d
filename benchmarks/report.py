"""What is made of the measurements: a table for people, a file for programs."""

import json
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import machine
from benchmarks.databases import Databases
from benchmarks.load import generator
from benchmarks.rounds import CLIENTS, STEADY, Plan, Rounds
from benchmarks.worlds import THREADS, WORKERS

RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Aim:
    """A figure that we want to reach: at least so much, or at most."""

    name: str
    value: float
    aim: float
    at_least: bool
    unit: str = ""

    @property
    def is_met(self) -> bool:
        return self.value >= self.aim if self.at_least else self.value <= self.aim


def aims(seen: Rounds, check_s: float, run_s: float | None) -> Iterator[Aim]:
    """Everything that has a figure to reach."""
    for kind in ("convert", "fund", "withdraw", "transfer"):
        ratio = seen.ratio(f"product: {kind}", f"usual: {kind}")
        yield Aim(f"{kind}, of the usual way", ratio, 4, at_least=True)
    ratio = seen.ratio("product: convert", "limit: statements")
    yield Aim("convert, of the limit by statements", ratio, 0.3, at_least=True)
    ratio = seen.ratio("product: batch", "limit: batch")
    yield Aim("conversions in batches, of the limit", ratio, 0.75, at_least=True)
    hot = seen.ratio("product: hot transfer", "product: transfer")
    yield Aim("a hot wallet, of spread load", hot, 0.4, at_least=True)
    p99 = median(seen.p99_ms["product: convert"])
    yield Aim(f"convert, p99 at {CLIENTS} connections", p99, 50, False, "ms")
    steady = "product: convert, steady"
    pairs = zip(seen.p99_ms[steady], seen.p50_ms[steady], strict=True)
    spread = median(p99 / p50 for p99, p50 in pairs)
    yield Aim(f"p99 / p50 at {STEADY:.0%} of the peak", spread, 3, at_least=False)
    crowd = seen.overload
    yield Aim("carried at twice the peak", crowd["carried"], 0.8, at_least=True)
    turned_away_ms = crowd["turned_away_p50_ms"]
    yield Aim("of those turned away, half within", turned_away_ms, 1000, False, "ms")
    yield Aim("answers at twice the peak that were untrue", crowd["untrue"], 0, False)
    yield Aim("manage.py check", check_s, 1.5, False, "s")
    if run_s is not None:
        yield Aim("make run, warm, until it serves", run_s, 5, False, "s")
    memory = seen.worker_memory_mb
    yield Aim("memory of a web worker", memory, 120, False, "MB")


def circumstances(databases: Databases, plan: Plan, seen: Rounds) -> dict[str, Any]:
    """On what, with what, when."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine.described(),
        "machine_load_before_each_round": [round(one, 1) for one in seen.machine_load],
        "stolen_percent_in_each_round": [round(one) for one in seen.stolen_percent],
        "postgresql": databases.sql("fx_bench", "SHOW server_version"),
        "durable": "fsync, synchronous_commit and full_page_writes on",
        "python": platform.python_version(),
        "load_generator": generator(),
        "server": f"gunicorn gthread, {WORKERS} workers of {THREADS} threads",
        "connections": CLIENTS,
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "users": plan.users,
    }


def write(
    about: dict[str, Any], seen: Rounds, found: list[Aim], file: Path = RESULTS
) -> None:
    """Everything that was seen, and what it means."""
    document = {
        "circumstances": about,
        "per_second": _rounded(seen.per_second),
        "p50_ms": _rounded(seen.p50_ms),
        "p99_ms": _rounded(seen.p99_ms),
        "overload": {name: round(one, 2) for name, one in seen.overload.items()},
        "aims": [
            asdict(one) | {"value": round(one.value, 3), "is_met": one.is_met}
            for one in found
        ],
    }
    file.write_text(json.dumps(document, indent=2) + "\n")


def show(
    console: Console, about: dict[str, Any], seen: Rounds, found: list[Aim]
) -> None:
    """The same as two tables."""
    console.print(
        *(f"{name.replace('_', ' ')}: {value}" for name, value in about.items()),
        sep="\n",
    )
    figures = Table("figure", title="Medians of all rounds")
    for heading in ("per second", "p50 ms", "p99 ms"):
        figures.add_column(heading, justify="right")
    for name, values in seen.per_second.items():
        times = [seen.p50_ms.get(name), seen.p99_ms.get(name)]
        figures.add_row(
            name,
            f"{median(values):,.0f}",
            *("" if ms is None else f"{median(ms):.1f}" for ms in times),
        )
    console.print(figures)
    table = Table("what", "seen", "aim", "", title="What it means")
    for one in found:
        way = "≥" if one.at_least else "≤"
        mark = "[green]yes[/]" if one.is_met else "[red]not yet[/]"
        table.add_row(
            one.name,
            f"{one.value:.2f} {one.unit}",
            f"{way} {one.aim:g} {one.unit}",
            mark,
        )
    console.print(table)


def _rounded(figures: dict[str, list[float]]) -> dict[str, Any]:
    return {
        name: {
            "median": round(median(values), 2),
            "rounds": [round(value, 2) for value in values],
        }
        for name, values in figures.items()
    }
