"""Who keeps a database connection, and for how long."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from paymentprocessor import pool


class Database:
    """A thread's connection, as Django has them."""

    def __init__(self, *, errors_occurred=False, in_atomic_block=False):
        self.errors_occurred = errors_occurred
        self.in_atomic_block = in_atomic_block
        self.is_closed = False
        self.queries_log = []

    def close_if_unusable_or_obsolete(self):
        self.is_closed = True


@pytest.fixture
def _kept():
    """As in gunicorn's workers, where requests leave connections open."""
    signals = request_started, request_finished
    before = [list(signal.receivers) for signal in signals]
    pool.keep_between_requests()
    yield
    for signal, receivers in zip(signals, before, strict=True):
        signal.receivers = receivers
        signal.sender_receivers_cache.clear()


@pytest.mark.usefixtures("_kept")
class TestKeptConnection:
    @pytest.mark.parametrize(
        ("database", "is_closed"),
        [
            (Database(), False),
            (Database(errors_occurred=True), True),
            (Database(in_atomic_block=True), True),
        ],
        ids=["sound", "after an error", "in a transaction"],
    )
    def test_outlives_a_request_if_it_is_sound(self, monkeypatch, database, is_closed):
        stub = SimpleNamespace(all=lambda *, initialized_only: [database])
        monkeypatch.setattr(pool, "connections", stub)
        monkeypatch.setattr("django.db.connections", stub)

        request_finished.send(sender=None)
        request_started.send(sender=None)

        assert database.is_closed == is_closed

    def test_is_given_back_in_the_end(self, monkeypatch):
        database = Database()
        stub = SimpleNamespace(all=lambda *, initialized_only: [database])
        monkeypatch.setattr("django.db.connections", stub)

        pool.give_back()

        assert database.is_closed


class TestConnection:
    def test_is_given_back_by_each_request_on_other_servers(self):
        assert close_old_connections in request_finished._live_receivers(None)[0]


class TestCaches:
    @pytest.mark.parametrize("alias", settings.CACHES)
    def test_have_nothing_to_close_after_a_request(self, alias):
        assert type(caches[alias]).close is BaseCache.close
