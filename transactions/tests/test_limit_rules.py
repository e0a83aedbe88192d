"""Which rules apply to whom, how far back they look, and for how long they are kept."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.domain import at_most, fund, withdraw
from tests.passing import let_pass
from transactions.audit import audit
from transactions.errors import LimitExceeded
from transactions.models import LimitSeries, LimitUse
from transactions.services import prune_limit_uses
from wallets.models import Wallet
from wallets.services import end_limit, open_wallet, update_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _alice_is_rich(alice):
    fund(alice, "1000.00 USD")


class TestWindow:
    @pytest.mark.parametrize(
        ("window", "length"),
        [
            ("day", timedelta(hours=24)),
            ("week", timedelta(days=7)),
            ("month", timedelta(days=30)),
        ],
    )
    def test_rolls(self, alice, window, length):
        at_most("100.00 USD", per=window, type="withdrawal")
        withdraw(alice, "60.00 USD")
        let_pass(length / 2)
        withdraw(alice, "40.00 USD")

        let_pass(length / 2 - timedelta(minutes=1))
        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "60.00 USD")
        let_pass(timedelta(minutes=1))

        assert refused.value.members["headroom"] == "0.00"
        withdraw(alice, "60.00 USD")
        with pytest.raises(LimitExceeded):
            withdraw(alice, "0.01 USD")

    def test_counts_what_was_done_before_there_was_a_rule(self, alice):
        withdraw(alice, "30.00 USD")
        let_pass(timedelta(hours=20))
        withdraw(alice, "50.00 USD")
        at_most("100.00 USD", per="day", type="withdrawal")

        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "20.01 USD")
        let_pass(timedelta(hours=4))
        withdraw(alice, "50.00 USD")

        assert refused.value.members["used"] == "80.00"

    def test_reaches_over_a_time_without_a_rule(self, alice):
        first = at_most("100.00 USD", per="week", type="withdrawal")
        withdraw(alice, "10.00 USD")
        let_pass(timedelta(days=1))
        end_limit(first.id, reason="For a while")
        withdraw(alice, "20.00 USD")
        let_pass(timedelta(days=1))
        at_most("100.00 USD", per="week", type="withdrawal")

        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "70.01 USD")
        withdraw(alice, "70.00 USD")

        assert refused.value.members["used"] == "30.00"
        # One row each, at the time at which it happened.
        assert [use.total_amount for use in LimitUse.objects.order_by("number")] == [
            10, 30, 100,
        ]  # fmt: skip

    def test_counts_for_a_tier_what_was_done_in_another(self, alice):
        at_most("100.00 USD", per="day", type="withdrawal", tier="vip")
        withdraw(alice, "500.00 USD")
        let_pass(timedelta(hours=2))
        withdraw(alice, "50.00 USD")
        update_user(alice.id, {"tier": "vip"})

        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "1.00 USD")

        assert refused.value.members["used"] == "550.00"

    def test_survives_that_old_uses_are_forgotten(self, alice):
        at_most("100.00 USD", per="month", type="withdrawal")
        for amount in ("10.00 USD", "20.00 USD", "30.00 USD"):
            withdraw(alice, amount)
            let_pass(timedelta(days=20))
        withdraw(alice, "40.00 USD")

        removed = prune_limit_uses()

        assert removed == 1
        with pytest.raises(LimitExceeded) as refused:
            withdraw(alice, "60.00 USD")
        assert refused.value.members["used"] == "70.00"

    def test_goes_from_behind_in_small_steps(self, alice, bob, monkeypatch):
        at_most("100.00 USD", per="day", type="withdrawal")
        fund(bob, "5.00 USD")
        for user in [alice, bob] * 5:
            withdraw(user, "1.00 USD")
        let_pass(timedelta(days=31))
        monkeypatch.setitem(prune_limit_uses.__globals__, "_SERIES_AT_ONCE", 1)
        monkeypatch.setitem(prune_limit_uses.__globals__, "_USES_AT_ONCE", 3)

        with CaptureQueriesContext(connection) as asked:
            removed = prune_limit_uses()

        steps = [one for one in asked if "DELETE" in one["sql"]]
        assert (removed, len(steps)) == (8, 4)
        assert set(LimitUse.objects.values_list("number", flat=True)) == {5}
        assert audit().is_clean

    def test_interrupted_stays_without_a_gap(self, alice, monkeypatch):
        at_most("100.00 USD", per="day", type="withdrawal")
        for _ in range(5):
            withdraw(alice, "1.00 USD")
        let_pass(timedelta(days=31))
        [series] = LimitSeries.objects.all()
        monkeypatch.setitem(prune_limit_uses.__globals__, "_USES_AT_ONCE", 2)

        prune_limit_uses.__globals__["_prune"]([series.id])

        left = LimitUse.objects.order_by("number").values_list("number", flat=True)
        assert list(left) == [3, 4, 5]
        assert audit().is_clean


class TestReplacing:
    @pytest.fixture
    def rules(self, alice):
        """From the most general to the most specific, each more generous."""
        update_user(alice.id, {"tier": "vip"})
        wallet = Wallet.objects.get(owner=alice, currency="USD")
        subjects = [{}, {"tier": "vip"}, {"user": alice}, {"wallet": wallet}]
        return [
            lambda n=n, subject=subject: at_most(
                f"{n}00.00 USD", per="day", type="withdrawal", **subject
            )
            for n, subject in enumerate(subjects, start=1)
        ]

    @pytest.mark.parametrize("first", ["everybody", "wallet"])
    def test_the_most_specific_rule_counts(self, alice, rules, first):
        most = {}
        for make in rules if first == "everybody" else rules[::-1]:
            made = make()
            with pytest.raises(LimitExceeded) as refused:
                withdraw(alice, "900.00 USD")
            most[made.subject] = refused.value.members["limit"][0]

        assert most == (
            {"everybody": "1", "tier": "2", "user": "3", "wallet": "4"}
            if first == "everybody"
            else dict.fromkeys(["wallet", "user", "tier", "everybody"], "4")
        )

    def test_only_in_its_own_window_type_and_currency(self, alice):
        at_most("100.00 USD", per="day", type="withdrawal")
        at_most("900.00 USD", per="week", type="withdrawal", user=alice)
        at_most("900.00 USD", per="day", user=alice)
        at_most("900.00 EUR", per="day", type="withdrawal", user=alice)

        with pytest.raises(LimitExceeded):
            withdraw(alice, "100.01 USD")

    def test_a_rule_of_another_tier_or_user_or_wallet_is_none(self, alice, bob):
        wallet, _ = open_wallet(alice.id, "EUR")
        at_most("1.00 USD", per="day", tier="vip")
        at_most("1.00 USD", per="day", user=bob)
        at_most("1.00 EUR", per="day", wallet=wallet)

        withdraw(alice, "100.00 USD")

    def test_setting_it_again_ends_the_rule_before(self, alice):
        first = at_most("100.00 USD", per="day", type="withdrawal")
        withdraw(alice, "90.00 USD")
        at_most("200.00 USD", per="day", type="withdrawal")

        withdraw(alice, "110.00 USD")
        with pytest.raises(LimitExceeded):
            withdraw(alice, "0.01 USD")

        first.refresh_from_db()
        assert first.ended_at is not None
        assert first.end_reason == "Replaced: A test."

    def test_ending_the_last_rule_sets_free(self, alice):
        rule = at_most("1.00 USD", per="day")

        end_limit(rule.id, reason="No more")

        withdraw(alice, "1000.00 USD")
