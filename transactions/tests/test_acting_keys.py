"""A key that was seen a moment ago, and has ended since."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.domain import holdings
from transactions.models import Transaction
from users.models import ApiKey
from users.services import revoke_api_key
from wallets.models import Wallet


def revoked(key):
    revoke_api_key(key, now=timezone.now())


def expired(key):
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())


class TestKeySeenAMomentAgo:
    @pytest.fixture(autouse=True)
    def _seen(self, platform, alice):
        self.path = f"/v1/wallets/{alice.id}"
        self.body = {"currency": "USD", "amount": "10.00"}
        self.first = platform.post(
            f"{self.path}/fund", self.body, idempotency_key="first"
        )
        assert self.first.status_code == 201
        self.key = ApiKey.objects.get()

    def refused(self, answer) -> bool:
        return (
            answer.status_code == 401
            and answer.json()["code"] == "unauthenticated"
            and "WWW-Authenticate" in answer
        )

    @pytest.mark.parametrize("end", [revoked, expired])
    def test_moves_nothing_once_it_has_ended(self, platform, alice, end):
        end(self.key)

        for action in ("fund", "withdraw"):
            answer = platform.post(f"{self.path}/{action}", self.body)
            assert self.refused(answer), answer.content

        assert holdings(alice) == {"USD": "10.00"}
        assert Transaction.objects.count() == 1

    def test_opens_no_wallet(self, platform, alice):
        revoked(self.key)

        answer = platform.post(f"{self.path}/fund", self.body | {"currency": "EUR"})

        assert self.refused(answer)
        assert not Wallet.objects.filter(owner=alice, currency="EUR").exists()

    def test_is_not_told_its_first_answer_again(self, platform):
        revoked(self.key)

        answer = platform.post(f"{self.path}/fund", self.body, idempotency_key="first")

        assert self.refused(answer)

    def test_is_told_no_refusal_that_comes_before_the_locks(self, platform, alice):
        body = self.body | {"to_user_id": str(alice.id)}
        path = f"{self.path}/transfer"
        assert platform.post(path, body).json()["code"] == "same_user"
        revoked(self.key)

        assert self.refused(platform.post(path, body))

    def test_of_a_deleted_owner_moves_nothing(self, alice, bob, as_alice):
        customer = as_alice
        body = self.body | {"to_user_id": str(bob.id), "amount": "1.00"}
        assert customer.post(f"{self.path}/transfer", body).status_code == 201
        alice.deleted_at = timezone.now()
        alice.save(update_fields=["deleted_at"])

        assert self.refused(customer.post(f"{self.path}/transfer", body))

    def test_is_looked_up_again_after_a_while(self, platform, time_machine):
        time_machine.move_to(timezone.now() + timedelta(minutes=1), tick=True)

        answer = platform.post(f"{self.path}/fund", self.body)

        assert answer.status_code == 201
