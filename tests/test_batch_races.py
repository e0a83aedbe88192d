"""Batches at the same time, over the same wallets."""

import inspect

import pytest

from tests.client import platform_client
from tests.domain import fund, holdings, transfer
from tests.factories import CustomerFactory
from tests.threads import at_once, deadlocks, patient_locks
from transactions.models import Batch, Entry, Transaction
from transactions.postings import Posted
from transactions.services import post_batch
from transactions.tests.test_batches import item, paying, send

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("either_way"),
]


@pytest.fixture
def circle():
    """Eight customers with money."""
    users = [CustomerFactory() for _ in range(8)]
    for user in users:
        fund(user, "100.00 USD")
    return users


def around(users, times=5):
    """Each pays the next a dollar, and so on: nobody has more in the end."""
    pairs = list(zip(users, [*users[1:], users[0]], strict=True))
    return [paying(payer, "1.00 USD", payee) for payer, payee in pairs * times]


class TestBatches:
    def test_in_opposite_order_queue_up(self, circle):
        before = deadlocks()
        clients = [platform_client() for _ in range(6)]

        with patient_locks():
            answers = at_once(
                lambda client=client, users=users: send(client, *around(users))
                for client, users in zip(
                    clients, [circle, circle[::-1]] * 3, strict=True
                )
            )

        assert [answer.status_code for answer in answers] == [201] * 6
        assert deadlocks() == before
        assert [holdings(user) for user in circle] == [{"USD": "100.00"}] * 8

    def test_open_a_wallet_once(self, circle):
        funds = [item("fund", user, "1.00 GBP") for user in circle]

        with patient_locks():
            answers = at_once(
                lambda client=client, items=items: send(client, *items)
                for client, items in [
                    (platform_client(), funds),
                    (platform_client(), funds[::-1]),
                    (platform_client(), funds),
                ]
            )

        assert [answer.status_code for answer in answers] == [201] * 3
        assert all(holdings(user)["GBP"] == "3.00" for user in circle)

    def test_beside_single_movements(self, circle):
        with patient_locks():
            outcomes = at_once(
                [
                    lambda: send(platform_client(), *around(circle)),
                    *(
                        lambda payer=payer: transfer(payer, "1.00 USD", to=circle[0])
                        for payer in circle[1:]
                    ),
                ]
            )

        assert not [each for each in outcomes if isinstance(each, Exception)]
        assert holdings(circle[0]) == {"USD": "107.00"}

    def test_under_one_key_happen_once(self, circle):
        client = platform_client()
        items = [item("fund", user, "1.00 USD") for user in circle]

        with patient_locks():
            answers = at_once(
                [lambda: send(platform_client(), *items, key="k") for _ in range(4)]
            )
        again = send(client, *items, key="k")

        assert {answer.content for answer in answers} == {again.content}
        assert Batch.objects.count() == 1
        assert holdings(circle[0]) == {"USD": "101.00"}

    def test_with_one_reference_have_it_once(self, circle):
        payer, other = circle[:2]
        fund(payer, "5.00 EUR")
        named = {"reference": "r"}

        with patient_locks():
            answers = at_once(
                lambda one=one: send(platform_client(), one)
                for one in [
                    paying(payer, "1.00 USD", other, **named),
                    paying(payer, "1.00 EUR", other, **named),
                ]
            )

        [refused] = [answer for answer in answers if answer.status_code != 201]
        assert refused.status_code == 409
        assert refused.json()["code"] in ("duplicate_reference", "request_in_progress")
        assert Transaction.objects.filter(reference="r").count() == 1

    def test_with_a_reference_that_is_used_meanwhile_come_again(
        self, circle, monkeypatch
    ):
        """It is noticed while a later item is entered, which is not to blame."""
        batches = inspect.getmodule(post_batch)
        look = batches.references_in_use

        def look_too_early(named):
            used = look(named)
            if not used:
                [posted] = at_once(
                    [lambda: fund(circle[0], "1.00 EUR", reference="second")]
                )
                assert isinstance(posted, Posted)
            return used

        monkeypatch.setattr(batches, "AT_ONCE", 1)
        monkeypatch.setattr(batches, "references_in_use", look_too_early)
        client = platform_client()
        items = [
            item("fund", circle[0], "1.00 USD", reference=reference)
            for reference in ("first", "second", "third")
        ]

        answer = send(client, *items, key="k")
        again = send(client, *items, key="k")

        assert answer.status_code == 409
        assert answer.json()["code"] == "request_in_progress"
        assert again.json()["code"] == "duplicate_reference"
        assert again.json()["index"] == 1
        assert holdings(circle[0]) == {"USD": "100.00", "EUR": "1.00"}


class TestTenThousandItems:
    @pytest.mark.slow
    def test_fit_into_one_request(self, platform, circle):
        amounts = [f"{number}.00" for number in range(1, 5_001)]
        items = [
            one
            for amount, user in zip(amounts, circle * 625, strict=True)
            for one in (
                item("fund", user, f"{amount} USD", reference=f"in {amount}"),
                item("withdrawal", user, f"{amount} USD", reference=f"out {amount}"),
            )
        ]

        answer = send(platform, *items, key="k")

        assert answer.status_code == 201, answer.content[:500]
        assert answer.json()["posted_count"] == 10_000
        assert all(holdings(user) == {"USD": "100.00"} for user in circle)
        of_one = Entry.objects.filter(wallet__owner=circle[0])
        versions = of_one.order_by("wallet_version").values_list(
            "wallet_version", flat=True
        )
        assert list(versions) == list(range(1, 1_252))
