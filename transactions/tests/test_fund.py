"""Funding, through the API."""

import pytest

from tests.domain import holdings

pytestmark = pytest.mark.django_db


class TestFund:
    def test_credits_the_wallet_and_debits_cash(self, platform, alice):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund", {"currency": "USD", "amount": "100.00"}
        )

        assert answer.status_code == 201
        assert answer.json()["new_balance"] == "100.00"
        assert holdings(alice) == {"USD": "100.00"}
        entries = platform.get(f"/v1/transactions/{answer.json()['transaction_id']}")
        assert [
            (e["account"], e["side"], e["amount"]) for e in entries.json()["entries"]
        ] == [("cash", "debit", "100.00"), ("customer", "credit", "100.00")]
