"""What Prometheus sees of the worker, which has no page of its own: asked when read."""

from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from paymentprocessor.health import in_time
from worker import queries


class WorkerCollector(Collector):
    """The state of the jobs in the database; nothing at all while that is away."""

    def collect(self) -> Iterator[Metric]:
        try:
            state, successes = in_time(_ask)
        except (TimeoutError, DatabaseError):
            # The numbers of the web are wanted all the more then.
            return
        if state.heartbeat_age_s is not None:
            yield GaugeMetricFamily(
                "worker_heartbeat_age_seconds",
                "Since a worker was last heard of; absent without one.",
                state.heartbeat_age_s,
            )
        yield GaugeMetricFamily(
            "worker_jobs_waiting", "Jobs that are due.", state.waiting_jobs
        )
        yield GaugeMetricFamily(
            "worker_oldest_waiting_seconds",
            "How long the oldest of them has waited.",
            state.oldest_waiting_s,
        )
        yield GaugeMetricFamily(
            "worker_jobs_failed", "Jobs that were given up.", state.failed_jobs
        )
        yield _successes(successes)


def _ask() -> tuple[queries.State, dict[str, int]]:
    return queries.state(), queries.last_successes()


def _successes(successes: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(
        "worker_job_succeeded_timestamp_seconds",
        "When each job last succeeded.",
        labels=["job"],
    )
    for name, at in successes.items():
        family.add_metric([name], at)
    return family
