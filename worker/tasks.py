"""The periodic jobs. Each calls one service, and does no harm if it runs twice.

To add one: a function here that takes `now`, its schedule in `WORKER_SCHEDULE`
(`paymentprocessor/settings.py`), and the variable's line in `.env.example` and
`docker-compose.yml`. procrastinate finds this module by its name.
"""

from datetime import datetime, timedelta

from asgiref.sync import async_to_sync
from django.conf import settings
from procrastinate.contrib.django import app

from fx import services as fx
from fx.providers import ecb
from fx.queries import feed_names
from transactions import services as transactions
from worker.periodic import periodic

SUCCEEDED_JOBS_KEPT_HOURS = 24
OTHER_JOBS_KEPT_HOURS = 24 * 7
QUOTES_A_STEP = 1000


@periodic(expects=fx.RatesNotFetched)
def fetch_rates(now: datetime) -> None:
    fx.fetch_rates(ecb.NAME, now=now)


@periodic(expects=fx.RatesNotFetched)
def fetch_feeds(now: datetime) -> None:
    """Ask every feed; one that fails, however it does, keeps nobody from the others."""
    failed: list[str] = []
    surprises: list[Exception] = []
    for feed in feed_names():
        try:
            fx.fetch_rates(feed, now=now)
        except fx.RatesNotFetched as failure:
            failed.append(f"{feed}: {failure}")
        except Exception as surprise:
            failed.append(f"{feed}: {surprise!r}")
            surprises.append(surprise)
    if surprises:
        raise ExceptionGroup(" ".join(failed), surprises)
    if failed:
        raise fx.RatesNotFetched(" ".join(failed))


@periodic()
def fold_totals(now: datetime) -> None:  # noqa: ARG001
    transactions.fold_totals()
    transactions.roll_up_days()


@periodic()
def book_positions(now: datetime) -> None:  # noqa: ARG001
    transactions.book_positions()


@periodic()
def expire_quotes(now: datetime) -> None:  # noqa: ARG001
    # In steps, so that no transaction is long; the last one finds fewer.
    while fx.expire_quotes(at_most=QUOTES_A_STEP) == QUOTES_A_STEP:
        pass


@periodic()
def expire_holds(now: datetime) -> None:  # noqa: ARG001
    transactions.expire_holds()


@periodic()
def prune_keys(now: datetime) -> None:
    age = timedelta(days=settings.IDEMPOTENCY_KEY_DAYS)
    transactions.prune_keys(before=now - age)


@periodic()
def prune_limit_uses(now: datetime) -> None:  # noqa: ARG001
    transactions.prune_limit_uses()


@periodic()
def prune_jobs(now: datetime) -> None:  # noqa: ARG001
    """Forget the worker's own jobs, the failed ones later than the others."""
    delete = async_to_sync(app.job_manager.delete_old_jobs)
    delete(nb_hours=SUCCEEDED_JOBS_KEPT_HOURS)
    delete(
        nb_hours=OTHER_JOBS_KEPT_HOURS,
        include_failed=True,
        include_cancelled=True,
        include_aborted=True,
    )
