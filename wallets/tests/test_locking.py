"""Taking hold of wallets while others open and close them."""

import pytest
from django.db import transaction as db_transaction
from django.utils import timezone

from fx.models import Currency
from paymentprocessor.api.errors import RequestInProgress
from users.models import User
from wallets import locking
from wallets.locking import Claim, lock_wallets
from wallets.models import Wallet

pytestmark = pytest.mark.django_db


class TestLockWallets:
    def test_of_no_claims_locks_nobodys_wallet(self, alice, django_assert_num_queries):
        with db_transaction.atomic(), django_assert_num_queries(0):
            assert lock_wallets() == []

    def test_asks_to_come_again_when_the_wallet_was_closed_while_it_looked(
        self, alice, monkeypatch
    ):
        add_wallet = locking.add_wallet

        def opened_and_closed(owner: User, currency: Currency) -> tuple[Wallet, bool]:
            wallet, opened = add_wallet(owner, currency)
            Wallet.objects.filter(pk=wallet.pk).update(deleted_at=timezone.now())
            return wallet, opened

        monkeypatch.setattr(locking, "add_wallet", opened_and_closed)

        with db_transaction.atomic(), pytest.raises(RequestInProgress):
            lock_wallets(Claim(alice.id, "EUR", opens=True))
