"""A client in asyncio, for machines without wrk and for a steady rate.

It takes more of the processor than wrk does, which the service then lacks.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from secrets import token_hex
from statistics import median, quantiles
from typing import Any

from benchmarks.worlds import Service

# wrk measures for whole seconds, and so do we.
_SHORTEST_S = 1


@dataclass(frozen=True)
class Flood:
    """Every answer of a load: its status, and the seconds it took."""

    answers: list[tuple[str, float]]
    seconds: float

    def count(self, status: str) -> int:
        return sum(one == status for one, _ in self.answers)

    def per_second(self, status: str) -> float:
        return self.count(status) / self.seconds

    def median_ms(self, status: str) -> float:
        """How long such an answer took; 0 when there was none."""
        took = [seconds for one, seconds in self.answers if one == status]
        return median(took) * 1000 if took else 0.0


def send(
    service: Service,
    orders: Path,
    *,
    clients: int,
    seconds: float,
    rate: float | None = None,
) -> dict[str, Any]:
    """Load a service, and tell what `Measured` asks for; see `flood`."""
    flooded = flood(service, orders, clients=clients, seconds=seconds, rate=rate)
    took = [one for _, one in flooded.answers]
    cuts = quantiles(took, n=100) if len(took) > 1 else took * 99
    return {
        "requests": len(took),
        "seconds": flooded.seconds,
        "failed": len(took) - flooded.count("201"),
        "p50_ms": cuts[49] * 1000,
        "p99_ms": cuts[98] * 1000,
    }


def flood(
    service: Service,
    orders: Path,
    *,
    clients: int,
    seconds: float,
    rate: float | None = None,
) -> Flood:
    """Load a service.

    With a rate, requests are due at equal intervals, and how long one took is counted
    from when it was due. Without one, each connection sends when it has its answer.
    """
    return asyncio.run(_load(service, orders, clients, seconds, rate))


async def _load(
    service: Service, orders: Path, clients: int, seconds: float, rate: float | None
) -> Flood:
    answers: list[tuple[str, float]] = []
    requests = _requests(service, orders)
    began = time.perf_counter()
    due = _due(began, max(seconds, _SHORTEST_S), rate)

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(service.host, service.port)
        async for at in due():
            writer.write(next(requests))
            status = await _status(reader)
            answers.append((status.decode(), time.perf_counter() - at))
        writer.close()

    await asyncio.gather(*(connection() for _ in range(clients)))
    return Flood(answers, time.perf_counter() - began)


def _due(began: float, seconds: float, rate: float | None) -> Any:
    """When the next request is to be sent: one after another, over all connections."""
    numbers = count()

    async def at() -> AsyncIterator[float]:
        while True:
            now = time.perf_counter()
            planned = began + next(numbers) / rate if rate else now
            if planned > began + seconds:
                return
            if planned > now:
                await asyncio.sleep(planned - now)
            yield planned

    return at


def _requests(service: Service, orders: Path) -> Iterator[bytes]:
    run = token_hex(8)
    lines = orders.read_text().splitlines()
    for number in count():
        path, _, body = lines[number % len(lines)].partition(" ")
        yield (
            f"POST {path} HTTP/1.1\r\nHost: {service.host}\r\n"
            f"Authorization: {service.world.authorization}\r\n"
            f"Idempotency-Key: {run}-{number}\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


async def _status(reader: asyncio.StreamReader) -> bytes:
    """Read one answer, of which only the status matters."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    await reader.readexactly(length)
    return head.split(b" ", 2)[1]
