"""A client in asyncio, for machines without wrk and for a steady rate.

It takes more of the processor than wrk does, which the service then lacks.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from secrets import token_hex
from statistics import quantiles
from typing import Any

from benchmarks.worlds import Service

# wrk measures for whole seconds, and so do we.
_SHORTEST_S = 1


def send(
    service: Service,
    orders: Path,
    *,
    clients: int,
    seconds: float,
    rate: float | None = None,
) -> dict[str, Any]:
    """Load a service, and tell what `Measured` asks for.

    With a rate, requests are due at equal intervals, and how long one took is counted
    from when it was due. Without one, each connection sends when it has its answer.
    """
    return asyncio.run(_load(service, orders, clients, seconds, rate))


async def _load(
    service: Service, orders: Path, clients: int, seconds: float, rate: float | None
) -> dict[str, Any]:
    took: list[float] = []
    failed: list[bytes] = []
    requests = _requests(service, orders)
    began = time.perf_counter()
    due = _due(began, max(seconds, _SHORTEST_S), rate)

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(service.host, service.port)
        async for at in due():
            writer.write(next(requests))
            status = await _status(reader)
            took.append(time.perf_counter() - at)
            if status != b"201":
                failed.append(status)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(clients)))
    cuts = quantiles(took, n=100) if len(took) > 1 else took * 99
    return {
        "requests": len(took),
        "seconds": time.perf_counter() - began,
        "failed": len(failed),
        "p50_ms": cuts[49] * 1000,
        "p99_ms": cuts[98] * 1000,
    }


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
