"""The measuring: everything in turns, so that what else the machine does hits all."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from benchmarks import limit
from benchmarks.databases import Databases
from benchmarks.load import Measured, put_under_load, put_under_steady_load
from benchmarks.load.client import flood
from benchmarks.machine import Processors
from benchmarks.orders import KINDS, MOVEMENTS, write_orders
from benchmarks.worlds import WORKERS, Service, prepare, served

CLIENTS = 8
# Of its peak, a service should carry this much without getting slow.
STEADY = 0.7
# Of its peak, this is more than anybody can carry.
TOO_MUCH = 2
# How long batches are counted at least.
BATCHES_S = 4
# Clients that do not wait for each other, and how many times they come.
CROWD = 200
CROWDED = 3
CROWDED_S = 3


@dataclass(frozen=True)
class Plan:
    """How long, how many users there are, and whether all of it is done once before."""

    rounds: int
    seconds: float
    users: int
    warms_up: bool = True


def _figures() -> dict[str, list[float]]:
    return defaultdict(list)


@dataclass
class Rounds:
    """What was seen, round by round, by the name of the figure."""

    per_second: dict[str, list[float]] = field(default_factory=_figures)
    p50_ms: dict[str, list[float]] = field(default_factory=_figures)
    p99_ms: dict[str, list[float]] = field(default_factory=_figures)
    machine_load: list[float] = field(default_factory=list)
    stolen_percent: list[float] = field(default_factory=list)
    worker_memory_mb: float = 0
    overload: dict[str, float] = field(default_factory=dict)

    def ratio(self, name: str, reference: str) -> float:
        """The median of what both were in the same round."""
        pairs = zip(self.per_second[name], self.per_second[reference], strict=True)
        return median(ours / theirs for ours, theirs in pairs)

    def keep(self, name: str, measured: Measured) -> None:
        self.per_second[name].append(measured.per_second)
        self.p50_ms[name].append(measured.p50_ms)
        self.p99_ms[name].append(measured.p99_ms)


def measure(
    databases: Databases, folder: Path, plan: Plan, tell: Callable[[str], None]
) -> Rounds:
    """Prepare everything, warm it up, and go through all figures, round by round."""
    seen = Rounds()
    tell("preparing three databases")
    with _services(databases, plan.users) as services:
        takes = _takes(databases, services, folder, plan)
        for name, take in takes.items():
            if plan.warms_up:
                tell(f"warming up: {name}")
                take(Rounds(), 1)
            # In this order it will be told, whatever came first.
            seen.per_second[name] = []
        for number in range(1, plan.rounds + 1):
            seen.machine_load.append(os.getloadavg()[0])
            before = Processors.now()
            for name in _dealt(takes, number):
                tell(f"round {number} of {plan.rounds}: {name}")
                takes[name](seen, plan.seconds)
            seen.stolen_percent.append(Processors.now().stolen_percent_since(before))
        tell("at a steady rate")
        _take_steady(seen, services["product"], folder, plan)
        tell("more than can be answered")
        _take_overload(seen, services["product"], databases, folder, plan)
        seen.worker_memory_mb = services["product"].worker_memory_mb()
    return seen


@contextmanager
def _services(databases: Databases, users: int) -> Iterator[dict[str, Service]]:
    limit.prepare(databases, users)
    with ExitStack() as stack:
        services = {}
        for name, database, package, application in (
            ("product", "fx_bench", "benchmarks.product", "paymentprocessor.wsgi"),
            ("usual", "fx_bench_usual", "benchmarks.usual", "benchmarks.usual.wsgi"),
        ):
            url = databases.url(database)
            world = prepare(f"{package}.prepare", url, users)
            services[name] = stack.enter_context(served(application, world, url))
        yield services


def _takes(
    databases: Databases, services: dict[str, Service], folder: Path, plan: Plan
) -> dict[str, Callable[[Rounds, float], None]]:
    """One function per figure, and the name under which it is kept."""
    takes: dict[str, Callable[[Rounds, float], None]] = {
        f"limit: {script}": partial(_take_limit, databases, script, plan.users)
        for script in limit.SCRIPTS
    }
    for kind in KINDS:
        for name, service in services.items():
            if name == "usual" and kind in MOVEMENTS:
                # Nobody has a usual way of doing that.
                continue
            file = write_orders(folder, name, service.world.users, kind)
            figure = f"{name}: {kind}"
            takes[figure] = partial(
                _take_service, service, file, figure, MOVEMENTS.get(kind, 1)
            )
    return takes


def _dealt(names: Iterable[str], number: int) -> list[str]:
    """The figures of a round, each time otherwise; the product beside the usual way.

    What a figure leaves behind, pages to be written or tables to be cleaned, is not
    always borne by the same one.
    """
    kinds: dict[str, list[str]] = defaultdict(list)
    for name in names:
        who, _, kind = name.partition(": ")
        kinds[who if who == "limit" else kind].append(name)
    dice = Random(number)
    dealt = dice.sample(list(kinds.values()), len(kinds))
    return [name for some in dealt for name in dice.sample(some, len(some))]


def _take_limit(
    databases: Databases, script: str, users: int, seen: Rounds, seconds: float
) -> None:
    seen.per_second[f"limit: {script}"].append(
        limit.measure(databases, script, users=users, clients=CLIENTS, seconds=seconds)
    )


def _take_service(
    service: Service,
    file: Path,
    figure: str,
    movements: int,
    seen: Rounds,
    seconds: float,
) -> None:
    # As many batches as there are processes: they are over the same wallets, and more
    # would only wait for each other.
    clients = CLIENTS if movements == 1 else WORKERS
    if movements > 1:
        # Of requests that take a good part of a second, a few have to end.
        seconds = max(seconds, BATCHES_S)
    measured = put_under_load(service, file, clients=clients, seconds=seconds)
    seen.keep(figure, measured)
    seen.per_second[figure][-1] *= movements


def _take_steady(seen: Rounds, service: Service, folder: Path, plan: Plan) -> None:
    """Conversions at a part of the peak, that is of what it was the moment before."""
    file = write_orders(folder, "product", service.world.users, "convert")
    for _ in range(plan.rounds):
        peak = put_under_load(service, file, clients=CLIENTS, seconds=plan.seconds)
        measured = put_under_steady_load(
            service,
            file,
            rate=peak.per_second * STEADY,
            clients=2 * CLIENTS,
            seconds=plan.seconds,
        )
        seen.keep("product: convert, steady", measured)


def _take_overload(
    seen: Rounds, service: Service, databases: Databases, folder: Path, plan: Plan
) -> None:
    """Twice what the peak was the moment before, by the same client.

    What was told otherwise than it was, or neither done nor turned away, is that of all
    times together.
    """
    file = write_orders(folder, "product", service.world.users, "fund")
    seconds = max(CROWDED_S, plan.seconds)
    times = [
        _overload(service, databases, file, seconds)
        for _ in range(min(CROWDED, plan.rounds))
    ]
    for name in times[0]:
        put_together = sum if name in ("untrue", "neither") else median
        seen.overload[name] = put_together(each[name] for each in times)


def _overload(
    service: Service, databases: Databases, file: Path, seconds: float
) -> dict[str, float]:
    """How much was carried, and whether any answer was a lie."""
    booked = "SELECT count(*) FROM transactions_transaction;"
    calm = flood(service, file, clients=2 * CLIENTS, seconds=seconds)
    before = int(databases.sql("fx_bench", booked))
    crowd = flood(
        service,
        file,
        clients=CROWD,
        seconds=seconds,
        rate=TOO_MUCH * calm.per_second("201"),
    )
    after = int(databases.sql("fx_bench", booked))
    return {
        "peak_per_second": calm.per_second("201"),
        "asked_per_second": len(crowd.answers) / crowd.seconds,
        "succeeded_per_second": crowd.per_second("201"),
        "carried": crowd.per_second("201") / calm.per_second("201"),
        "turned_away_per_second": crowd.per_second("503"),
        "neither": len(crowd.answers) - crowd.count("201") - crowd.count("503"),
        "untrue": abs(crowd.count("201") - (after - before)),
        "turned_away_p50_ms": crowd.median_ms("503"),
    }
