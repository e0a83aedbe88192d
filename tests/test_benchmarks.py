"""The benchmark runs: a few operations of each kind, and what it makes of them."""

import json

import pytest
from rich.console import Console

from benchmarks import report, rounds
from benchmarks.databases import fresh_databases
from benchmarks.orders import KINDS
from benchmarks.rounds import Plan, measure

pytestmark = pytest.mark.slow


class TestBenchmark:
    def test_measures_everything_once(self, tmp_path, monkeypatch):
        monkeypatch.setattr(rounds, "BATCHES_S", 1)
        monkeypatch.setattr(rounds, "CROWDED_S", 1)
        plan = Plan(rounds=1, seconds=1, users=5, warms_up=False)

        with fresh_databases() as databases:
            seen = measure(databases, tmp_path, plan, tell=lambda _: None)
            about = report.circumstances(databases, plan, seen)
        found = list(report.aims(seen, check_s=1, run_s=None))
        report.write(about, seen, found, tmp_path / "results.json")
        report.show(Console(quiet=True), about, seen, found)

        written = json.loads((tmp_path / "results.json").read_text())
        figures = written["per_second"]
        assert set(figures) >= {f"product: {kind}" for kind in KINDS}
        assert all(figure["median"] > 0 for figure in figures.values())
        assert len(written["aims"]) == len(found) > 10
        [stolen] = written["circumstances"]["stolen_percent_in_each_round"]
        assert 0 <= stolen < 100
