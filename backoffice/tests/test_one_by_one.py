"""No page asks the database for its rows one by one, as django-zeal sees it."""

import pytest
from zeal import zeal_context
from zeal.errors import NPlusOneError

from backoffice.tests.test_pages import LISTS, customer_with_everything
from tests.domain import capture, fund, hold, transfer
from users.models import User
from wallets.models import Wallet


@pytest.fixture
def busy(seeded, alice, bob) -> None:
    """Several of everything that Alice has, and several people."""
    for number in range(3):
        customer_with_everything(number)
        transfer(alice, "1.00 USD", to=bob)
        capture(hold(alice, "2.00 USD", to=bob), "1.00")
        fund(alice, "3.00 EUR")


class TestPages:
    @pytest.mark.parametrize("model", LISTS)
    def test_of_lists_ask_for_all_rows_at_once(self, console, busy, model):
        with zeal_context():
            answer = console.get(f"/admin/{model}/")

        assert answer.status_code == 200

    def test_of_rows_ask_for_all_at_once(self, console, busy, seeded, alice):
        wallet = Wallet.objects.get(owner=alice, currency="USD")

        for row in (
            f"users/user/{alice.pk}",
            f"wallets/wallet/{wallet.pk}",
            f"transactions/transaction/{seeded[-1].pk}",
        ):
            with zeal_context():
                assert console.get(f"/admin/{row}/change/").status_code == 200

    def test_would_be_noticed_if_they_did(self, busy):
        with pytest.raises(NPlusOneError), zeal_context():
            [wallet.owner.name for wallet in Wallet.objects.exclude(owner=None)]

        assert User.objects.count() > 2
