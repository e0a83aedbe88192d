"""How the jobs stand, asked of the database: the worker is a process elsewhere."""

from dataclasses import dataclass

from django.db import connection

# Ages by the database's clock, which is also who wrote the times.
_STATE = """
SELECT (SELECT extract(epoch FROM statement_timestamp() - max(last_heartbeat))
          FROM procrastinate_workers),
       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'),
       count(*),
       coalesce(extract(epoch FROM statement_timestamp()
                                   - min(coalesce(job.scheduled_at, event.at))), 0)
  FROM procrastinate_jobs AS job
  LEFT JOIN procrastinate_events AS event
         ON event.job_id = job.id AND event.type = 'deferred'
 WHERE job.status = 'todo'
   AND (job.scheduled_at IS NULL OR job.scheduled_at <= statement_timestamp())
"""
_SUCCESSES = """
SELECT job.task_name, extract(epoch FROM max(event.at))
  FROM procrastinate_jobs AS job
  JOIN procrastinate_events AS event
    ON event.job_id = job.id AND event.type = 'succeeded'
 WHERE job.status = 'succeeded'
 GROUP BY job.task_name
"""


@dataclass(frozen=True)
class State:
    """Times in seconds; `heartbeat_age_s` is None when no worker runs."""

    heartbeat_age_s: int | None
    failed_jobs: int
    waiting_jobs: int
    oldest_waiting_s: int


def state() -> State:
    """Whether a worker lives, and how far behind it is."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        heartbeat_age, failed, waiting, oldest = cursor.fetchone()
    age = None if heartbeat_age is None else int(heartbeat_age)
    return State(age, failed, waiting, int(oldest))


def last_successes() -> dict[str, int]:
    """When each job succeeded last, in seconds since 1970, as far as it is kept."""
    with connection.cursor() as cursor:
        cursor.execute(_SUCCESSES)
        return {name: int(at) for name, at in cursor.fetchall()}
