"""What is around each periodic job."""

import logging
import time
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from procrastinate.contrib.django import app

from fx.models import Feed, Rate
from fx.services import RatesNotFetched
from tests.domain import fund
from tests.threads import wait_for_older_writers
from transactions.models import Fold, IdempotencyKey
from worker.periodic import MAX_RETRIES, Job, periodic
from worker.tests.feed import serve_feed

HOURLY = "0 * * * *"


def run(job: Job, *, due: float | None = None, attempts: int = 0) -> None:
    """As a worker runs it."""
    context = SimpleNamespace(job=SimpleNamespace(attempts=attempts))
    job.run(context, int(time.time() if due is None else due))


def failing(failure: Exception) -> Job:
    def fail(now):
        raise failure

    return Job(fail, HOURLY, RatesNotFetched)


class TestJob:
    def test_is_done_when_it_is_due(self):
        done = []

        run(Job(done.append, HOURLY, ()))

        assert len(done) == 1

    def test_that_waited_is_left_to_the_next_one_that_is_due(self):
        done = []

        run(Job(done.append, HOURLY, ()), due=time.time() - 3601)

        assert done == []

    def test_without_a_schedule_is_never_too_late(self):
        done = []

        run(Job(done.append, "", ()), due=0)

        assert len(done) == 1


class TestFailure:
    def test_that_is_expected_takes_one_line(self, caplog):
        with pytest.raises(RatesNotFetched):
            run(failing(RatesNotFetched("No answer.")))

        [line] = caplog.records
        assert line.levelno == logging.WARNING
        assert line.getMessage().endswith("No answer.")
        assert not line.exc_info

    def test_that_is_a_surprise_shows_where_it_was(self, caplog):
        with pytest.raises(ZeroDivisionError):
            run(failing(ZeroDivisionError()))

        [line] = caplog.records
        assert line.exc_info

    def test_is_told_again_only_at_the_end(self, caplog):
        caplog.set_level(logging.INFO)
        for attempts in range(1, MAX_RETRIES + 1):
            with pytest.raises(RatesNotFetched):
                run(failing(RatesNotFetched("No answer.")), attempts=attempts)

        [line] = caplog.records
        assert line.levelno == logging.ERROR


class TestSchedule:
    def test_that_is_none_is_refused_at_the_start(self, settings):
        settings.WORKER_SCHEDULE = {"do_it": "every hour"}

        def do_it(now):
            """Nothing."""

        with pytest.raises(ImproperlyConfigured, match="every hour"):
            periodic()(do_it)

    def test_names_every_job_and_no_other(self, settings):
        ours = {name for name, task in app.tasks.items() if isinstance_of_job(task)}

        assert ours == set(settings.WORKER_SCHEDULE)


def isinstance_of_job(task):
    return isinstance(getattr(task.func, "__self__", None), Job)


@pytest.mark.django_db(transaction=True)
class TestJobs:
    def test_do_what_their_services_do(self, platform, alice, settings):
        fund(alice, "1.00 USD")
        IdempotencyKey.objects.create(
            principal_id=alice.id,
            key="old",
            fingerprint=b"",
            refusal={},
            created_at="2020-01-01T00:00:00Z",
        )

        with serve_feed() as feed:
            settings.ECB_URL = feed.url
            wait_for_older_writers()
            for name in settings.WORKER_SCHEDULE:
                run(app.tasks[name].func.__self__)

        assert Fold.objects.count() == 1
        assert Rate.objects.count() == 2
        assert not IdempotencyKey.objects.filter(key="old").exists()


@pytest.mark.django_db
class TestFetchFeeds:
    def test_asks_all_of_them_whatever_happens_to_one(self, monkeypatch):
        asked = []

        def fetch(feed, *, now):
            asked.append(feed)
            if feed == "alpha":
                raise ZeroDivisionError
            if feed == "beta":
                raise RatesNotFetched("No answer.")

        monkeypatch.setattr("fx.services.fetch_rates", fetch)
        for name in ("alpha", "beta", "gamma"):
            Feed.objects.create(name=name, url="https://a.example", as_of_path="$.at")

        with pytest.raises(ExceptionGroup) as surprise:
            run(app.tasks["fetch_feeds"].func.__self__)

        assert asked == ["alpha", "beta", "gamma"]
        assert "alpha: ZeroDivisionError() beta: No answer." in str(surprise.value)
        [failure] = surprise.value.exceptions
        assert isinstance(failure, ZeroDivisionError)
