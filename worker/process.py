"""The process that does the jobs: procrastinate's worker, and what it takes over.

A worker that is killed leaves its job marked as being done. Its heartbeat stops, and
the next worker that looks gives the job back to whoever is free.
"""

import asyncio
import logging
import os
import signal

from django.conf import settings
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException

from worker.periodic import MAX_RETRIES

logger = logging.getLogger(__name__)

# Beside those of the jobs themselves, which are opened and closed by each.
MAX_CONNECTIONS = 4
LOOK_FOR_PARENT_EVERY_S = 0.5
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# In one statement, so that of two workers who look at the same time one gets the job.
# What has killed its worker each time is not tried for ever.
TAKE_OVER = """
UPDATE procrastinate_jobs
   SET status = (CASE WHEN attempts < %(max_retries)s THEN 'todo' ELSE 'failed' END)
                ::procrastinate_job_status,
       attempts = attempts + 1,
       scheduled_at = now()
 WHERE status = 'doing' AND worker_id IS NULL
RETURNING id, task_name, status::text
"""


def run(*, parent: int | None = None) -> bool:
    """Do jobs until told to stop; whether it was told, and did not end by itself.

    A job that is being done is finished first. With a `parent`, its death is an order
    to stop, too.
    :raises ConnectorException: the database is not there.
    """
    connector = PsycopgConnector(
        kwargs=connector_params(), min_size=1, max_size=MAX_CONNECTIONS
    )
    with app.replace_connector(connector) as worker_app:
        return asyncio.run(_run(worker_app, parent))


async def _run(worker_app: App, parent: int | None) -> bool:
    async with worker_app.open_async():
        worker = asyncio.create_task(
            worker_app.run_worker_async(
                concurrency=settings.WORKER_CONCURRENCY,
                update_heartbeat_interval=settings.WORKER_STALLED_AFTER_S / 3,
                stalled_worker_timeout=settings.WORKER_STALLED_AFTER_S,
                install_signal_handlers=False,
            )
        )
        for number in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, _stop, worker)
        beside = [asyncio.create_task(_take_over_again_and_again(worker_app))]
        if parent is not None:
            beside.append(asyncio.create_task(_stop_with(parent, worker)))
        try:
            await worker
        except asyncio.CancelledError:
            return True
        finally:
            for task in beside:
                task.cancel()
        return False


def _stop(worker: "asyncio.Task[None]") -> None:
    # Once: a second time would break off the waiting for a job that is being done.
    if not worker.cancelling():
        worker.cancel()


async def _stop_with(parent: int, worker: "asyncio.Task[None]") -> None:
    while os.getppid() == parent:
        await asyncio.sleep(LOOK_FOR_PARENT_EVERY_S)
    _stop(worker)


async def _take_over_again_and_again(worker_app: App) -> None:
    while True:
        try:
            await take_over(worker_app)
        except ConnectorException as failure:
            logger.warning("Looking for jobs left behind failed: %s", failure)
        await asyncio.sleep(settings.WORKER_STALLED_AFTER_S / 3)


async def take_over(worker_app: App) -> None:
    """Put back into the queue what workers left behind that are gone."""
    after_s = settings.WORKER_STALLED_AFTER_S
    # Forgetting a worker takes its name off its jobs.
    await worker_app.job_manager.prune_stalled_workers(after_s)
    for job in await worker_app.connector.execute_query_all_async(
        TAKE_OVER, max_retries=MAX_RETRIES
    ):
        logger.warning("The worker of %(task_name)s[%(id)s] is gone: %(status)s", job)
