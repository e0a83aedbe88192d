"""Real workers: killed in the middle, two at once, told to stop."""

import signal
import time

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from fx.models import Rate
from worker import health
from worker.queries import state
from worker.tests.conftest import wait_until
from worker.tests.feed import serve_feed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def feed():
    with serve_feed() as running:
        yield running


def statuses(name):
    jobs = ProcrastinateJob.objects.filter(task_name=name).order_by("id")
    return list(jobs.values_list("status", flat=True))


def rates():
    return sorted(Rate.objects.values_list("quote", "bid"))


class TestKilledWorker:
    def test_loses_nothing_and_the_next_one_takes_over(self, start_worker, feed):
        feed.answers.clear()
        app.configure_task("fetch_rates").defer(timestamp=int(time.time()))
        victim = start_worker(ECB_URL=feed.url)
        wait_until(lambda: feed.asked)
        assert statuses("fetch_rates") == ["doing"]

        victim.kill()
        victim.wait()
        feed.answers.set()
        assert rates() == []
        start_worker(ECB_URL=feed.url)

        wait_until(lambda: statuses("fetch_rates") == ["succeeded"])
        assert [quote for quote, _ in rates()] == ["MXN", "USD"]
        assert feed.asked == 2
        assert ProcrastinateJob.objects.get(task_name="fetch_rates").attempts == 2

    def test_is_given_up_when_the_job_kills_every_worker(self, start_worker):
        app.configure_task("fetch_rates").defer(timestamp=0)
        set_job(status="doing", attempts=5)

        worker = start_worker()

        wait_until(lambda: statuses("fetch_rates") == ["failed"])
        worker.send_signal(signal.SIGTERM)
        assert "is gone: failed" in worker.communicate()[1]


def set_job(*, status, attempts):
    """As a worker leaves it that was killed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = %s, attempts = %s",
            [status, attempts],
        )


class TestTwoWorkers:
    def test_run_each_periodic_job_once(self, start_worker):
        for _ in range(2):
            # Every second: six fields, of which the last are the seconds.
            start_worker(WHEN_TO_FOLD_TOTALS="* * * * * */1")

        wait_until(lambda: statuses("fold_totals").count("succeeded") > 5)

        due = [
            j.args["timestamp"]
            for j in ProcrastinateJob.objects.filter(task_name="fold_totals")
        ]
        assert len(due) == len(set(due))
        starts = ProcrastinateEvent.objects.filter(
            type="started", job__task_name="fold_totals"
        )
        started = list(starts.values_list("job_id", flat=True))
        assert len(started) == len(set(started))


class TestWorker:
    def test_finishes_its_job_when_told_to_stop(self, start_worker, feed):
        feed.answers.clear()
        app.configure_task("fetch_rates").defer(timestamp=int(time.time()))
        worker = start_worker(ECB_URL=feed.url)
        wait_until(lambda: feed.asked)

        worker.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert worker.poll() is None
        feed.answers.set()

        assert worker.wait(timeout=20) == 0
        assert statuses("fetch_rates") == ["succeeded"]
        assert len(rates()) == 2

    def test_ends_with_its_parent(self, start_worker):
        worker = start_worker(DEMO_PID="1")

        assert worker.wait(timeout=20) == 0

    def test_survives_a_feed_that_is_none(self, start_worker, feed):
        feed.body = b"<html>Service temporarily unavailable</html>"
        app.configure_task("fetch_rates").defer(timestamp=int(time.time()))
        worker = start_worker(ECB_URL=feed.url)

        wait_until(lambda: statuses("fetch_rates") == ["todo"] and feed.asked)
        wait_until(
            lambda: ProcrastinateJob.objects.get(task_name="fetch_rates").attempts
        )
        worker.send_signal(signal.SIGTERM)
        _, log = worker.communicate()

        assert worker.returncode == 0
        told = [line for line in log.splitlines() if "fetch_rates" in line]
        assert len(told) == 1
        assert "WARNING" in told[0]
        assert "Traceback" not in log

    def test_is_heard_of(self, start_worker, monkeypatch):
        with pytest.raises(CommandError, match="No worker"):
            call_command("worker", "--check")
        worker = start_worker()

        wait_until(lambda: state().heartbeat_age_s is not None)

        assert health.worker().startswith("last heard of ")
        call_command("worker", "--check")
        worker.kill()
        monkeypatch.setattr(settings, "WORKER_STALLED_AFTER_S", 0)
        wait_until(lambda: state().heartbeat_age_s > 0)
        with pytest.raises(CommandError, match="too long"):
            call_command("worker", "--check")
