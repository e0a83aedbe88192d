"""What every periodic job has around it: a schedule, a turn, retries, a line of log.

procrastinate keeps the jobs as rows. A tick of the schedule becomes one row however
many workers see it, and a row is one worker's at a time.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from croniter import croniter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

logger = logging.getLogger(__name__)

Work = Callable[[datetime], None]

MAX_RETRIES = 5
# After 14, 26, 74, 266 and 1,034 seconds.
RETRY = RetryStrategy(max_attempts=MAX_RETRIES, wait=10, exponential_wait=4)


def periodic(
    *, expects: type[Exception] | tuple[type[Exception], ...] = ()
) -> Callable[[Work], Work]:
    """Make the function a job that runs as `WORKER_SCHEDULE` says under its name.

    It runs one at a time. What it raises is tried again later, and logged with its
    traceback unless it is one of the errors that `expects` names.

    :raises ImproperlyConfigured: the schedule is missing, or not one.
    """

    def register(work: Work) -> Work:
        name = work.__name__
        job = Job(work, _cron_of(name), expects)
        # With the lock of its name it never runs twice at once, and a slow run makes
        # the next one wait.
        task = app.task(name=name, lock=name, retry=RETRY, pass_context=True)(job.run)
        if job.cron:
            app.periodic(cron=job.cron)(task)
        return work

    return register


@dataclass(frozen=True)
class Job:
    """One periodic job; `cron` is empty when it is switched off."""

    work: Work
    cron: str
    expects: type[Exception] | tuple[type[Exception], ...]

    def run(self, context: JobContext, timestamp: int) -> None:
        """Do the work that was due at `timestamp`, in seconds since 1970."""
        now = timezone.now()
        if self._is_superseded(timestamp, now):
            return
        try:
            self.work(now)
        except Exception as failure:
            self._log(failure, context.job.attempts)
            raise

    def _is_superseded(self, timestamp: int, now: datetime) -> bool:
        """Whether the next run is due: then this one, which waited, is left to it.

        It is there, or comes within a moment: ticks are never skipped.
        """
        if not self.cron:
            return False
        due = datetime.fromtimestamp(timestamp, UTC)
        successor: datetime = croniter(self.cron, due).get_next(datetime)
        return successor <= now

    def _log(self, failure: Exception, attempts: int) -> None:
        """Tell of the first failure and of the last; retries are not news."""
        name, known = self.work.__name__, isinstance(failure, self.expects)
        if attempts >= MAX_RETRIES:
            logger.error("%s failed %d times: %s", name, attempts + 1, failure)
        elif attempts:
            logger.debug("%s failed again: %s", name, failure)
        else:
            logger.warning(
                "%s failed, and is tried again soon: %s",
                name,
                failure,
                exc_info=None if known else failure,
            )


def _cron_of(name: str) -> str:
    cron: str = settings.WORKER_SCHEDULE[name]
    if cron and not croniter.is_valid(cron):
        raise ImproperlyConfigured(
            f"{cron!r}, when to {name}, is not five fields as cron has them."
        )
    return cron
