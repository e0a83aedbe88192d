"""Accounting stories of holds. T-accounts in the comments, debits on the left."""

import pytest

from tests.domain import (
    capture,
    fund,
    hold,
    holdings,
    house,
    refund,
    reserved,
    reverse,
    run_out,
    void,
)
from transactions.queries import held
from transactions.services import expire_holds

pytestmark = pytest.mark.django_db


def status(placed):
    return held(placed.hold.id).hold.status


class TestHold:
    def test_authorize_capture_part_void_the_rest_reverse(self, alice, bob):
        #      cash USD              Alice USD             Bob USD
        #   100.00 |              25.00 | 100.00                | 25.00
        #                               |  25.00          25.00 |
        fund(alice, "100.00 USD")

        placed = hold(alice, "60.00 USD", to=bob)
        assert reserved(alice) == {"USD": ("60.00", "40.00")}
        assert holdings(alice) == {"USD": "100.00"}

        captured = capture(placed, "25.00")
        assert reserved(alice) == {"USD": ("35.00", "40.00")}
        assert holdings(alice) == {"USD": "75.00"}
        assert holdings(bob) == {"USD": "25.00"}
        assert status(placed) == "active"

        void(placed)
        assert reserved(alice) == {"USD": ("0.00", "75.00")}
        assert status(placed) == "partially_captured"

        reverse(captured)
        assert reserved(alice) == {"USD": ("0.00", "100.00")}
        assert holdings(bob) == {}
        # What is undone is the payment; the promise was kept and is over.
        assert status(placed) == "partially_captured"
        assert house() == {"cash USD": "100.00"}

    def test_is_captured_whole_in_parts(self, alice, bob):
        fund(alice, "60.00 USD")
        placed = hold(alice, "60.00 USD", to=bob)

        capture(placed, "10.00")
        capture(placed, "20.00")
        capture(placed)

        assert status(placed) == "captured"
        assert reserved(alice) == {"USD": ("0.00", "0.00")}
        assert holdings(bob) == {"USD": "60.00"}

    def test_gives_up_the_rest_with_its_final_capture(self, alice, bob):
        fund(alice, "60.00 USD")
        placed = hold(alice, "60.00 USD", to=bob)

        capture(placed, "10.00", final=True)

        assert status(placed) == "partially_captured"
        assert reserved(alice) == {"USD": ("0.00", "50.00")}

    def test_pays_the_house_out_of_its_cash(self, alice):
        #      cash USD              Alice USD
        #   100.00 |              30.00 | 100.00
        #          | 30.00              |
        fund(alice, "100.00 USD")
        placed = hold(alice, "30.00 USD")

        capture(placed)

        assert house() == {"cash USD": "70.00"}
        assert reserved(alice) == {"USD": ("0.00", "70.00")}

    def test_opens_the_payees_wallet(self, alice, bob):
        fund(alice, "100.00 EUR")

        capture(hold(alice, "30.00 EUR", to=bob))

        assert holdings(bob) == {"EUR": "30.00"}

    def test_voided_gives_everything_back(self, alice, bob):
        fund(alice, "100.00 USD")
        placed = hold(alice, "100.00 USD", to=bob)

        void(placed)

        assert status(placed) == "voided"
        assert reserved(alice) == {"USD": ("0.00", "100.00")}

    def test_expires_by_itself_and_is_swept(self, alice, bob):
        fund(alice, "100.00 USD")
        untouched, begun = hold(alice, "40.00 USD"), hold(alice, "30.00 USD")
        capture(begun, "10.00")
        for placed in (untouched, begun):
            run_out(placed)

        assert [status(untouched), status(begun)] == ["expired", "partially_captured"]
        assert reserved(alice) == {"USD": ("60.00", "30.00")}

        assert expire_holds() == (2, 0)

        assert [status(untouched), status(begun)] == ["expired", "partially_captured"]
        assert reserved(alice) == {"USD": ("0.00", "90.00")}

    def test_does_not_move_the_version(self, alice):
        fund(alice, "100.00 USD")

        placed = hold(alice, "40.00 USD")
        void(placed)

        placed.hold.wallet.refresh_from_db()
        assert placed.hold.wallet.version == 1


class TestRefund:
    def test_of_a_capture_comes_in_parts_from_the_payee(self, alice, bob):
        #    Alice USD            Bob USD
        #   30.00 | 30.00               | 30.00
        #         | 10.00         10.00 |
        #         | 20.00         20.00 |
        fund(alice, "30.00 USD")
        captured = capture(hold(alice, "30.00 USD", to=bob))

        refund(captured, "10.00")
        refund(captured, "20.00")

        assert holdings(alice) == {"USD": "30.00"}
        assert holdings(bob) == {}

    def test_of_a_capture_by_the_house_comes_from_its_cash(self, alice):
        fund(alice, "30.00 USD")
        captured = capture(hold(alice, "30.00 USD"))

        refund(captured, "10.00")

        assert holdings(alice) == {"USD": "10.00"}
        assert house() == {"cash USD": "10.00"}
