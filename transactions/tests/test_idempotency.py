"""A definite answer never changes."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.client import customer_client
from tests.domain import fund, holdings, withdraw
from transactions.models import IdempotencyKey, Transaction
from wallets.models import Wallet
from wallets.services import delete_user, freeze_wallet, unfreeze_wallet

pytestmark = pytest.mark.django_db

USD5 = {"currency": "USD", "amount": "5.00"}


def without_request(answer):
    """A problem's members that do not name the request itself."""
    body = answer.json()
    return {name: body[name] for name in body if name != "request_id"}


class TestReplay:
    @pytest.mark.parametrize(
        ("action", "body"),
        [
            ("fund", {"currency": "USD", "amount": "5.00", "metadata": {"a": "b"}}),
            ("withdraw", {"currency": "USD", "amount": 5, "description": "Rent"}),
            ("convert", {"from_currency": "USD", "to_currency": "MXN", "amount": 5}),
            (
                "convert",
                {"from_currency": "USD", "to_currency": "KWD", "to_amount": "1.001"},
            ),
            (
                "fund",
                {"currency": "USD", "amount": 5, "metadata": {"bb": "1", "a": "2"}},
            ),
        ],
    )
    def test_answers_word_for_word_as_the_first_time(
        self, platform, alice, rates, action, body
    ):
        fund(alice, "100.00 USD")
        path = f"/v1/wallets/{alice.id}/{action}"
        first = platform.post(path, body, idempotency_key="k")
        held = holdings(alice)

        again = platform.post(path, body, idempotency_key="k")

        assert first.status_code == again.status_code == 201
        assert again.content == first.content
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"
        assert holdings(alice) == held

    def test_is_of_the_same_request_if_its_path_has_the_id_in_upper_case(
        self, platform, alice
    ):
        first, again = (
            platform.post(f"/v1/wallets/{id_}/fund", USD5, idempotency_key="k")
            for id_ in (str(alice.id), str(alice.id).upper())
        )

        assert first.status_code == again.status_code == 201
        assert again.content == first.content
        assert holdings(alice) == {"USD": "5.00"}

    def test_of_a_transfer_does_not_pay_twice(self, platform, alice, bob):
        fund(alice, "100.00 USD")
        body = USD5 | {"to_user_id": str(bob.id)}
        path = f"/v1/wallets/{alice.id}/transfer"
        first = platform.post(path, body, idempotency_key="k")

        again = platform.post(path, body, idempotency_key="k")

        assert again.content == first.content
        assert holdings(bob) == {"USD": "5.00"}

    def test_stays_one_when_the_wallet_was_emptied_since(self, platform, alice):
        fund(alice, "5.00 USD")
        path = f"/v1/wallets/{alice.id}/withdraw"
        first = platform.post(path, USD5, idempotency_key="k")
        assert holdings(alice) == {}

        again = platform.post(path, USD5, idempotency_key="k")

        assert again.status_code == 201
        assert again.content == first.content

    def test_stays_one_when_the_wallet_was_frozen_since(self, platform, alice):
        path = f"/v1/wallets/{alice.id}/fund"
        first = platform.post(path, USD5, idempotency_key="k")
        freeze_wallet(Wallet.objects.get(owner=alice).id)

        again = platform.post(path, USD5, idempotency_key="k")

        assert again.content == first.content

    def test_stays_one_when_the_user_was_deleted_since(self, platform, alice):
        path = f"/v1/wallets/{alice.id}/fund"
        first = platform.post(path, USD5, idempotency_key="k")
        delete_user(alice.id, now=timezone.now())

        again = platform.post(path, USD5, idempotency_key="k")

        assert again.content == first.content

    def test_stays_one_when_the_rates_are_too_old_since(
        self, platform, alice, rates, settings
    ):
        fund(alice, "100.00 USD")
        body = {"from_currency": "USD", "to_currency": "MXN", "amount": "5.00"}
        path = f"/v1/wallets/{alice.id}/convert"
        first = platform.post(path, body, idempotency_key="k")
        settings.FX_MAX_RATE_AGE *= 0

        again = platform.post(path, body, idempotency_key="k")
        other = platform.post(path, body, idempotency_key="other")

        assert again.content == first.content
        assert (other.status_code, other.json()["code"]) == (503, "rate_unavailable")

    def test_does_not_mind_how_the_json_is_laid_out(self, platform, alice):
        path = f"/v1/wallets/{alice.id}/fund"
        platform.post(path, '{"currency":"USD","amount":"5.00"}', idempotency_key="k")

        again = platform.post(
            path, '{ "amount": "5.00",\n "currency": "USD" }', idempotency_key="k"
        )

        assert again.headers["Idempotent-Replayed"] == "true"

    def test_knows_the_key_quoted_and_bare(self, platform, alice):
        path = f"/v1/wallets/{alice.id}/fund"
        platform.post(path, USD5, idempotency_key='"k"')

        again = platform.post(path, USD5, idempotency_key="k")

        assert again.headers["Idempotent-Replayed"] == "true"


class TestRefusal:
    def test_for_lack_of_funds_stays_one_after_the_wallet_was_filled(
        self, platform, alice
    ):
        path = f"/v1/wallets/{alice.id}/withdraw"
        first = platform.post(path, USD5, idempotency_key="k")
        fund(alice, "100.00 USD")

        again = platform.post(path, USD5, idempotency_key="k")

        assert first.status_code == again.status_code == 422
        assert without_request(again) == without_request(first)
        assert again.json()["code"] == "insufficient_funds"
        assert again.json()["available"] == "0.00"
        assert again.headers["Idempotent-Replayed"] == "true"
        assert holdings(alice) == {"USD": "100.00"}

    def test_of_a_frozen_wallet_stays_one_after_it_moves_again(self, platform, alice):
        wallet = Wallet.objects.get(owner=alice)
        freeze_wallet(wallet.id)
        path = f"/v1/wallets/{alice.id}/fund"
        first = platform.post(path, USD5, idempotency_key="k")
        unfreeze_wallet(wallet.id)

        again = platform.post(path, USD5, idempotency_key="k")

        assert first.json()["code"] == again.json()["code"] == "wallet_frozen"
        assert platform.post(path, USD5, idempotency_key="new").status_code == 201

    def test_of_a_missing_wallet_stays_one_after_it_was_opened(self, platform, alice):
        path = f"/v1/wallets/{alice.id}/withdraw"
        body = {"currency": "EUR", "amount": "5.00"}
        first = platform.post(path, body, idempotency_key="k")
        fund(alice, "10.00 EUR")

        again = platform.post(path, body, idempotency_key="k")

        assert first.json()["code"] == again.json()["code"] == "wallet_not_found"
        assert again.status_code == 404

    def test_of_a_stale_version_stays_one(self, platform, alice):
        path = f"/v1/wallets/{alice.id}/fund"
        first = platform.post(path, USD5, idempotency_key="k", if_match='"1"')
        fund(alice, "1.00 USD")

        again = platform.post(path, USD5, idempotency_key="k", if_match='"1"')

        assert first.status_code == again.status_code == 412
        assert again.json()["version"] == 0

    def test_of_a_taken_reference_stays_one(self, platform, alice):
        fund(alice, "1.00 USD", reference="order-7")
        path = f"/v1/wallets/{alice.id}/fund"
        body = USD5 | {"reference": "order-7"}

        answers = [platform.post(path, body, idempotency_key="k") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [409, 409]
        assert answers[1].json()["code"] == "duplicate_reference"

    def test_without_a_rate_is_not_kept(self, platform, alice, rates, settings):
        fund(alice, "100.00 USD")
        body = {"from_currency": "USD", "to_currency": "MXN", "amount": "5.00"}
        path = f"/v1/wallets/{alice.id}/convert"
        fresh = settings.FX_MAX_RATE_AGE
        settings.FX_MAX_RATE_AGE = fresh * 0
        first = platform.post(path, body, idempotency_key="k")
        settings.FX_MAX_RATE_AGE = fresh

        again = platform.post(path, body, idempotency_key="k")

        assert (first.status_code, again.status_code) == (503, 201)

    def test_of_a_body_that_can_never_do_is_not_kept(self, platform, alice):
        path = f"/v1/wallets/{alice.id}/fund"

        platform.post(path, {"currency": "USD", "amount": "1.001"}, idempotency_key="k")
        platform.post(path, {"currency": "USD", "amount": "-1"}, idempotency_key="k")

        assert platform.post(path, USD5, idempotency_key="k").status_code == 201

    def test_without_a_key_is_forgotten(self, platform, alice):
        platform.post(f"/v1/wallets/{alice.id}/withdraw", USD5)

        assert not IdempotencyKey.objects.exists()


class TestReusedKey:
    @pytest.mark.parametrize(
        "other",
        [
            {"currency": "USD", "amount": "5.01"},
            {"currency": "EUR", "amount": "5.00"},
            {"currency": "USD", "amount": "5.00", "description": "x"},
        ],
    )
    def test_for_another_body_is_refused(self, platform, alice, other):
        path = f"/v1/wallets/{alice.id}/fund"
        platform.post(path, USD5, idempotency_key="k")

        answer = platform.post(path, other, idempotency_key="k")

        assert answer.status_code == 422
        assert answer.json()["code"] == "idempotency_key_reused"
        assert holdings(alice) == {"USD": "5.00"}

    def test_for_another_path_or_condition_is_refused(self, platform, alice, bob):
        platform.post(f"/v1/wallets/{alice.id}/fund", USD5, idempotency_key="k")

        answers = [
            platform.post(f"/v1/wallets/{bob.id}/fund", USD5, idempotency_key="k"),
            platform.post(
                f"/v1/wallets/{alice.id}/withdraw", USD5, idempotency_key="k"
            ),
            platform.post(
                f"/v1/wallets/{alice.id}/fund",
                USD5,
                idempotency_key="k",
                if_match='"1"',
            ),
        ]

        assert [answer.json()["code"] for answer in answers] == [
            "idempotency_key_reused"
        ] * 3

    def test_of_a_refusal_is_refused_as_well(self, platform, alice):
        platform.post(f"/v1/wallets/{alice.id}/withdraw", USD5, idempotency_key="k")

        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund", USD5, idempotency_key="k"
        )

        assert answer.json()["code"] == "idempotency_key_reused"

    def test_by_another_principal_is_another_key(
        self, platform, as_alice, alice, as_bob, bob
    ):
        fund(alice, "5.00 USD")
        fund(bob, "5.00 USD")

        answers = [
            as_alice.post(
                f"/v1/wallets/{alice.id}/withdraw", USD5, idempotency_key="k"
            ),
            as_bob.post(f"/v1/wallets/{bob.id}/withdraw", USD5, idempotency_key="k"),
            platform.post(f"/v1/wallets/{bob.id}/fund", USD5, idempotency_key="k"),
        ]

        assert [answer.status_code for answer in answers] == [201] * 3

    def test_by_the_principals_next_api_key_is_the_same(self, as_alice, alice):
        fund(alice, "5.00 USD")
        path = f"/v1/wallets/{alice.id}/withdraw"
        first = as_alice.post(path, USD5, idempotency_key="k")

        again = customer_client(alice).post(path, USD5, idempotency_key="k")

        assert again.content == first.content


class TestHeader:
    @pytest.mark.parametrize("key", ["", '""', "k" * 256, "ключ", "tab\tin it"])
    def test_that_is_no_key_is_refused(self, platform, alice, key):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund", USD5, idempotency_key=key
        )

        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")

    def test_of_255_characters_is_a_key(self, platform, alice):
        answer = platform.post(
            f"/v1/wallets/{alice.id}/fund", USD5, idempotency_key="k" * 255
        )

        assert answer.status_code == 201


class TestPruning:
    def test_forgets_keys_of_more_than_thirty_days(self, alice, time_machine):
        start = timezone.now()
        fund(alice, "5.00 USD", idempotency_key="old")
        withdraw(alice, "1.00 USD", idempotency_key="also old")
        time_machine.move_to(start + timezone.timedelta(days=29))
        call_command("prune_keys")
        assert IdempotencyKey.objects.count() == 2

        time_machine.move_to(start + timezone.timedelta(days=31))
        call_command("prune_keys")

        assert IdempotencyKey.objects.count() == 0
        assert Transaction.objects.count() == 2
