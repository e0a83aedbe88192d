"""One of everything in the demo world, and each of it once."""

from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from backoffice import demo_scenes
from backoffice.models import ApprovalRequest
from fx.models import Feed, FeedError, PricingPolicy, Quote, Verdict
from tests.domain import publish_rates
from transactions.models import (
    Hold,
    HoldStatus,
    LedgerAudit,
    PositionLimit,
    Transaction,
)
from users.models import ApiKey, StaffAct, User
from wallets.models import Limit, Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_home(settings, tmp_path):
    """Rates for the currencies of the scenes, and a folder for the demo's secrets."""
    settings.FX_MAX_RATE_AGE = timedelta(days=1)
    settings.LOCAL_DIR = tmp_path
    publish_rates()
    publish_rates({"CHF": "0.95"})


def seed(**options):
    call_command("seed_demo", **{"users": 4, "transactions": 0} | options)


def counts():
    models = (
        *(Transaction, Hold, Quote, Limit, PositionLimit, PricingPolicy, StaffAct),
        *(Feed, FeedError, Verdict, ApiKey, LedgerAudit, ApprovalRequest, User),
    )
    return {model.__name__: model.objects.count() for model in models}


class TestScenes:
    def test_show_money_that_moved_in_every_way(self):
        seed()

        kinds = set(Transaction.objects.values_list("type", flat=True))
        assert kinds == {
            "fund", "transfer", "conversion", "capture", "refund", "reversal",
            "adjustment", "hedge",
        }  # fmt: skip
        assert Transaction.objects.filter(fee__gt=0).exists()
        assert Transaction.objects.filter(part_of__isnull=False).exists()

    def test_show_holds_in_every_state_and_one_that_converts(self):
        seed()

        states = Counter(Hold.objects.values_list("status", flat=True))
        assert set(states) == set(HoldStatus.values)
        assert Hold.objects.filter(quote__isnull=False, captured__gt=0).count() == 1

    def test_show_quotes_limits_a_tier_and_a_frozen_wallet(self):
        seed()

        states = Counter(Quote.objects.values_list("status", flat=True))
        assert states == {"used": 2, "open": 1, "cancelled": 1}
        assert Limit.objects.filter(user__isnull=False).count() == 2
        assert PositionLimit.objects.get().currency == "EUR"
        assert User.objects.filter(tier="business").count() == 1
        assert Wallet.objects.get(status="frozen").currency_id == "CHF"

    def test_show_what_staff_ask_of_each_other(self):
        seed()

        asked = ApprovalRequest.objects.values_list("kind", "decision")
        assert set(asked) == {
            ("reversal", "done"), ("adjustment", "void"), ("limit", "done"),
            ("position_limit", "rejected"), ("adjustment", "pending"),
            ("limit", "pending"), ("pricing_policy", "pending"), ("rights", "pending"),
        }  # fmt: skip
        assert Transaction.objects.filter(type="reversal").count() == 2

    def test_let_staff_in_with_the_password_of_the_admin(self, monkeypatch):
        seed()
        monkeypatch.setenv("ADMIN_PASSWORD", "another one")
        seed()

        approver = User.objects.get(username="demo-approver")
        assert approver.check_password("another one")
        assert approver.has_perm("backoffice.decide_approval")

    def test_ask_again_for_what_expired(self):
        seed()
        with time_machine.travel(timezone.now() + timedelta(days=4)):
            publish_rates()
            seed()

        waiting = ApprovalRequest.objects.filter(decision="pending")
        assert waiting.filter(expires_at__gt=timezone.now()).count() == 8

    def test_show_a_feed_an_open_breaker_keys_and_who_left(self):
        seed()

        assert Feed.objects.get().enabled is False
        assert FeedError.objects.filter(what__contains="Line 2").exists()
        assert Verdict.objects.latest("at").kind == Verdict.Kind.OPENED
        revoked = ApiKey.objects.filter(owner__isnull=False).values_list("revoked_at")
        assert sorted(at is None for (at,) in revoked) == [False, True]
        assert User.all_objects.filter(deleted_at__isnull=False).count() == 1
        assert Wallet.all_objects.filter(status="closed").count() == 1
        assert LedgerAudit.objects.get().is_clean

    def test_again_add_nothing(self):
        seed()
        before = counts()

        seed()

        assert counts() == before

    @pytest.mark.parametrize("step", ["capture_hold", "refund", "record_hedge"])
    def test_go_on_where_they_were_broken_off(self, monkeypatch, step):
        def break_off(*_args, **_kwargs):
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(demo_scenes.services, step, break_off)
            with pytest.raises(KeyboardInterrupt):
                seed()
        seed()
        resumed = counts()
        seed(seed=2)

        # Another seed's scenes, which nothing broke off, add as much once more, but
        # for what there is one of.
        assert resumed["Hold"] * 2 == Hold.objects.count()
        assert PricingPolicy.objects.count() == resumed["PricingPolicy"]

    def test_of_two_customers_are_played_by_alice_and_bob(self):
        seed(users=2)

        assert User.objects.get(external_id="alice").tier == "business"
        assert Hold.objects.filter(status="partially_captured").count() == 1

    def test_wait_for_rates(self, settings):
        settings.FX_MAX_RATE_AGE = timedelta(0)
        seed()
        assert not Quote.objects.exists()

        settings.FX_MAX_RATE_AGE = timedelta(days=1)
        seed()

        assert Quote.objects.filter(status="used").count() == 2
