"""`make bench`: measure, show, and keep what was seen in `benchmarks/results.json`."""

import argparse
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks import report, start
from benchmarks.databases import fresh_databases
from benchmarks.rounds import Plan, measure

# Many short rounds: a machine that others share is not as fast from minute to minute.
FULL = Plan(rounds=11, seconds=2, users=500)
QUICK = Plan(rounds=5, seconds=1, users=100)


def main() -> None:
    """Measure by the plan of the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about two minutes")
    parser.add_argument(
        "--results", type=Path, help="where to write; a quick run writes nowhere else"
    )
    asked = parser.parse_args()
    plan = QUICK if asked.quick else FULL
    file = asked.results or (None if asked.quick else report.RESULTS)

    console = Console()
    with console.status("starting the product") as status:
        check_s = start.check_s(1 if asked.quick else plan.rounds)
        run_s = None if asked.quick else start.run_s()
        with (
            fresh_databases() as databases,
            tempfile.TemporaryDirectory() as folder,
        ):
            seen = measure(databases, Path(folder), plan, status.update)
            about = report.circumstances(databases, plan, seen)
    found = list(report.aims(seen, check_s, run_s))
    report.show(console, about, seen, found)
    if file is not None:
        report.write(about, seen, found, file)
        console.print(f"Written to {file}.")


if __name__ == "__main__":
    main()
