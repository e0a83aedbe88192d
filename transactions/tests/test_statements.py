"""Statements: what led from one balance to another, through the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from paymentprocessor.api.pagination import encode_cursor
from tests.domain import convert, fund, reverse, transfer, withdraw
from tests.factories import CustomerFactory
from wallets.queries import find_wallet
from wallets.services import close_wallet, open_wallet

pytestmark = pytest.mark.django_db


def path(user, currency="USD"):
    return f"/v1/wallets/{user.id}/{currency}/statement"


def read(client, user, currency="USD", **parameters):
    answer = client.get(path(user, currency), **parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def close(user, currency):
    close_wallet(find_wallet(user.id, currency).id, now=timezone.now())


def ends(statement):
    """Opening balance, number of lines, closing balance."""
    names = "opening_balance", "lines", "closing_balance"
    return tuple(statement[name] for name in names)


def told(statement):
    return [
        f"{line['type']} {line['side']} {line['amount']} {line['balance_after']}"
        for line in statement["data"]
    ]


class TestStatement:
    def test_leads_from_nothing_to_what_there_is(self, as_alice, alice, bob, rates):
        fund(alice, "100.00 USD")
        transfer(alice, "30.00 USD", to=bob)
        convert(alice, "10.00 USD", to="MXN")

        of_dollars = read(as_alice, alice)
        of_pesos = read(as_alice, alice, "MXN")

        assert ends(of_dollars) == ("0.00", 3, "60.00")
        assert told(of_dollars) == [
            "fund credit 100.00 100.00",
            "transfer debit 30.00 70.00",
            "conversion debit 10.00 60.00",
        ]
        assert [line["wallet_version"] for line in of_dollars["data"]] == [1, 2, 3]
        assert ends(of_pesos) == ("0.00", 1, "160.00")
        assert told(of_pesos) == ["conversion credit 160.00 160.00"]
        assert (
            of_pesos["data"][0]["transaction_id"]
            == (of_dollars["data"][2]["transaction_id"])
        )

    def test_of_a_wallet_without_lines_is_empty(self, as_alice, alice):
        open_wallet(alice.id, "JPY")

        assert read(as_alice, alice, "JPY") == {
            "user_id": str(alice.id),
            "currency": "JPY",
            "opening_balance": "0",
            "closing_balance": "0",
            "lines": 0,
            "data": [],
            "has_more": False,
            "next_cursor": None,
        }

    def test_of_one_period_begins_where_that_of_the_one_before_ended(
        self, platform, alice
    ):
        fund(alice, "100.00 USD")
        second = withdraw(alice, "30.00 USD").transaction.recorded_at
        third = fund(alice, "5.00 USD").transaction.recorded_at
        at, until = second.isoformat(), third.isoformat()

        before = read(platform, alice, to=at)
        during = read(platform, alice, **{"from": at, "to": until})
        after = read(platform, alice, **{"from": until})
        never = read(platform, alice, **{"from": at, "to": at})

        assert [ends(one) for one in (before, during, after, never)] == [
            ("0.00", 1, "100.00"),
            ("100.00", 1, "70.00"),
            ("70.00", 1, "75.00"),
            ("100.00", 0, "100.00"),
        ]
        assert told(during) == ["withdrawal debit 30.00 70.00"]

    def test_ends_agree_with_the_balances_of_then(self, platform, alice, rates):
        for number in range(1, 4):
            fund(alice, f"{number}.00 USD")
            instant = convert(alice, "0.50 USD", to="MXN").transaction.recorded_at
        just_after = (instant + timedelta(microseconds=1)).isoformat()

        balances = platform.get(
            f"/v1/wallets/{alice.id}/balances", at=instant.isoformat()
        ).json()["balances"]

        for currency, balance in balances.items():
            statement = read(platform, alice, currency, to=just_after)
            assert statement["closing_balance"] == balance

    def test_has_two_lines_of_what_touches_a_wallet_twice(self, platform, alice):
        wrong = fund(alice, "10.00 USD")
        reverse(wrong)

        statement = read(platform, alice)

        assert told(statement) == [
            "fund credit 10.00 10.00",
            "reversal debit 10.00 0.00",
        ]


class TestPages:
    def test_hold_every_line_once_and_end_where_the_first_one_said(
        self, platform, alice
    ):
        for _ in range(7):
            fund(alice, "1.00 USD")

        seen, parameters = [], {"limit": 3}
        while True:
            page = read(platform, alice, **parameters)
            assert ends(page) == ("0.00", 7, "7.00")
            seen += [line["wallet_version"] for line in page["data"]]
            fund(alice, "1.00 USD")
            if not page["has_more"]:
                break
            parameters["cursor"] = page["next_cursor"]

        assert seen == list(range(1, 8))
        assert page["next_cursor"] is None

    def test_of_a_period_are_those_of_the_period(self, platform, alice):
        booked = [fund(alice, "1.00 USD").transaction for _ in range(6)]
        period = {
            "from": booked[1].recorded_at.isoformat(),
            "to": booked[5].recorded_at.isoformat(),
        }

        first = read(platform, alice, limit=3, **period)
        last = read(platform, alice, limit=3, cursor=first["next_cursor"])

        assert ends(first) == ends(last) == ("1.00", 4, "5.00")
        shown = [line["transaction_id"] for line in first["data"] + last["data"]]
        assert shown == [str(row.id) for row in booked[1:5]]
        assert (first["has_more"], last["has_more"]) == (True, False)

    def test_ask_the_database_the_same_however_long_it_is(
        self, platform, alice, django_assert_num_queries
    ):
        first = fund(alice, "1.00 USD").transaction.recorded_at
        period = {"from": first.isoformat(), "to": "2100-01-01"}
        read(platform, alice, **period)
        with django_assert_num_queries(6):
            read(platform, alice, **period)

        for _ in range(15):
            fund(alice, "1.00 USD")

        with django_assert_num_queries(6):
            assert len(read(platform, alice, **period)["data"]) == 16


class TestClosedWallet:
    def test_is_followed_by_the_next_one(self, platform, alice):
        fund(alice, "5.00 EUR")
        withdraw(alice, "5.00 EUR")
        close(alice, "EUR")
        closed = read(platform, alice, "EUR")
        open_wallet(alice.id, "EUR")
        fund(alice, "7.00 EUR")

        whole = read(platform, alice, "EUR", limit=1)
        pages = [whole]
        while pages[-1]["has_more"]:
            cursor = pages[-1]["next_cursor"]
            pages.append(read(platform, alice, "EUR", limit=1, cursor=cursor))

        assert ends(closed) == ("0.00", 2, "0.00")
        assert ends(whole) == ("0.00", 3, "7.00")
        assert [told(page) for page in pages] == [
            ["fund credit 5.00 5.00"],
            ["withdrawal debit 5.00 0.00"],
            ["fund credit 7.00 7.00"],
        ]

    def test_is_where_the_statement_of_its_time_ends(self, platform, alice):
        fund(alice, "5.00 EUR")
        half_way = withdraw(alice, "2.00 EUR").transaction.recorded_at
        withdraw(alice, "3.00 EUR")
        close(alice, "EUR")
        open_wallet(alice.id, "EUR")
        fund(alice, "7.00 EUR")

        until = read(platform, alice, "EUR", to=half_way.isoformat())
        since = read(platform, alice, "EUR", **{"from": half_way.isoformat()})

        assert ends(until) == ("0.00", 1, "5.00")
        assert ends(since) == ("5.00", 3, "7.00")


class TestReader:
    def test_is_not_told_the_words_of_others(self, platform, as_bob, alice, bob):
        fund(alice, "10.00 USD")
        transfer(alice, "1.00 USD", to=bob, reference="order-7", description="Lunch")

        [to_bob] = read(as_bob, bob)["data"]
        [to_platform] = read(platform, bob)["data"]

        assert (to_bob["reference"], to_bob["description"]) == (None, "Lunch")
        assert to_platform["reference"] == "order-7"
        assert to_bob["user_id"] == str(alice.id)

    def test_of_somebody_elses_statement_is_told_nothing(self, as_bob, alice):
        fund(alice, "1.00 USD")

        answer = as_bob.get(path(alice))

        assert (answer.status_code, answer.json()["code"]) == (404, "user_not_found")

    @pytest.mark.parametrize(
        ("parameters", "pointer"),
        [
            ({"from": "yesterday"}, "/from"),
            ({"to": "2026-13-01"}, "/to"),
            ({"from": "2026-02-01", "to": "2026-01-31"}, "/to"),
            ({"limit": "101"}, "/limit"),
            ({"type": "fund"}, "/type"),
        ],
    )
    def test_is_told_what_cannot_be_meant(self, platform, alice, parameters, pointer):
        answer = platform.get(path(alice), **parameters)

        assert answer.status_code == 422
        assert [e["pointer"] for e in answer.json()["errors"]] == [pointer]

    @pytest.mark.parametrize(
        "position",
        ["0 0 9", "0 3 2", "0 -1 2", "-1 0 2", "2 1 2", "0 0 -1", "0 0", "0 a 1"],
    )
    def test_cannot_go_where_no_page_ended(self, platform, alice, position):
        fund(alice, "1.00 USD")
        fund(alice, "1.00 USD")

        answer = platform.get(path(alice), cursor=encode_cursor(*position.split()))

        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")

    def test_looks_for_no_wallet_and_for_nobody(self, platform, alice):
        nobody = CustomerFactory.build()

        no_wallet = platform.get(path(alice, "MXN"))
        no_user = platform.get(path(nobody))

        assert (no_wallet.status_code, no_wallet.json()["code"]) == (
            404,
            "wallet_not_found",
        )
        assert (no_user.status_code, no_user.json()["code"]) == (404, "user_not_found")
