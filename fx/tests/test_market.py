"""What a moment's rates are asked for, and when they are asked for again."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fx.market import HEARD, current_limits, markets
from fx.models import Verdict
from paymentprocessor.database.prepared import Statement
from tests.domain import publish_rates

pytestmark = pytest.mark.django_db

_ASK = Statement(f"SELECT {HEARD}")


def heard() -> str:
    return _ASK.rows({})[0][0]


def queries(at, heard):
    with CaptureQueriesContext(connection) as captured:
        [market] = markets(
            ["MXN"], at=at, limits=current_limits(), heard=heard
        ).values()
    return len(captured), market


class TestMarkets:
    @pytest.fixture
    def now(self, rates):
        return timezone.now()

    def test_of_one_moment_are_asked_for_once(self, now):
        first, market = queries(now, heard())

        second, same = queries(now + timedelta(milliseconds=999), heard())

        assert (first, second) == (1, 0)
        assert same.words == market.words

    def test_are_asked_for_again_a_second_later(self, now):
        queries(now, heard())

        assert queries(now + timedelta(seconds=1), heard())[0] == 1
        assert queries(now - timedelta(seconds=1), heard())[0] == 1

    def test_are_asked_for_again_when_somebody_has_spoken(self, now):
        _, before = queries(now, heard())
        publish_rates({"MXN": "30"}, age=timedelta(minutes=1))

        asked, market = queries(timezone.now(), heard())

        assert asked == 1
        assert market.leg().bid == Decimal(30) != before.leg().bid

    def test_are_asked_for_again_when_a_breaker_has_opened(self, now):
        queries(now, heard())
        Verdict.objects.create(
            base="EUR", quote="MXN", kind=Verdict.Kind.OPENED, at=now, bid=1, ask=1
        )

        asked, market = queries(now, heard())

        assert asked == 1
        assert market.standing.is_open

    def test_are_asked_for_each_time_by_who_knows_nothing(self, now):
        queries(now, heard())

        assert queries(now, None)[0] == 1

    def test_differ_by_how_old_a_rate_may_be(self, now, settings):
        queries(now, heard())
        settings.FX_MAX_RATE_AGE = timedelta(days=400)

        assert queries(now, heard())[0] == 1
