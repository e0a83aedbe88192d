"""The book of positions: what is booked when, and what is not known."""

import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, connections
from django.db import transaction as db_transaction
from django.utils import timezone

from fx.models import Rate
from tests.domain import (
    book,
    buy,
    convert,
    fund,
    hedge,
    house,
    position,
    publish_rates,
    results,
    reverse,
    transfer,
)
from tests.threads import PATIENCE_S, at_once
from transactions.models import PositionBook, PositionStep
from transactions.services import book_positions

pytestmark = pytest.mark.django_db(transaction=True)

D = Decimal
NO_SLACK = timedelta(0)


@pytest.fixture
def long_euros(alice, rates):
    """The house is long 100 euros that cost 125 dollars."""
    fund(alice, "100.00 EUR")
    return convert(alice, "100.00 EUR", to="USD")


def missing(*codes):
    """As if there had never been rates for these currencies."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE fx_rate DISABLE TRIGGER fx_rate_append_only")
        Rate.objects.filter(quote__in=codes).delete()
        cursor.execute("ALTER TABLE fx_rate ENABLE ALWAYS TRIGGER fx_rate_append_only")


def steps():
    return [
        (step.currency, step.number, step.change, step.value)
        for step in PositionStep.objects.order_by("recorded_at", "currency")
    ]


class TestBooking:
    def test_books_each_trade_once(self, long_euros):
        book()
        book()

        assert steps() == [("EUR", 1, D(100), D(125)), ("USD", 1, D(-125), D(-125))]

    def test_goes_on_where_it_stopped(self, alice, long_euros):
        book()
        buy(alice, "10.00 EUR", with_="USD")
        book()

        assert steps()[2:] == [
            ("EUR", 2, D(-10), D("-12.5")),
            ("USD", 2, D("12.5"), D("12.5")),
        ]

    def test_passes_over_what_is_no_trade(self, alice, bob):
        fund(alice, "10.00 USD")
        transfer(alice, "5.00 USD", to=bob)
        book()

        assert steps() == []

    def test_waits_until_a_statement_would_have_been_cut_off(self, long_euros):
        assert book_positions() == 0

        assert steps() == []

    def test_takes_many_trades_in_stretches(self, alice, rates, monkeypatch):
        monkeypatch.setitem(book_positions.__globals__, "_BATCH", 2)
        fund(alice, "100.00 EUR")
        for _ in range(5):
            convert(alice, "10.00 EUR", to="USD")
        book()

        assert position("EUR", "position", "cost") == ("50.00", "62.50")
        assert PositionStep.objects.count() == 10

    def test_holds_back_no_events_while_trades_are_valued(self, long_euros):
        writing = []

        def watch(execute, sql, params, many, context):
            if "undone.recorded_at" in sql:
                writing.append(connection.in_atomic_block)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(watch):
            book()

        assert set(writing) == {False}
        assert len(steps()) == 2

    def test_of_nothing_is_nothing(self, db):
        book()

        assert results() == ("0.00", "0.00")

    def test_leaves_alone_what_a_writer_at_work_may_yet_overtake(
        self, alice, long_euros
    ):
        other = connections.create_connection("default")
        try:
            other.set_autocommit(False)
            with other.cursor() as cursor:
                # A writer that has its id and has recorded nothing yet.
                cursor.execute("SELECT pg_current_xact_id()")
            assert book_positions(slack=NO_SLACK) == 0
        finally:
            other.rollback()
            other.close()

        # What the first run saw has settled since.
        book()
        assert len(steps()) == 2

    def test_is_not_held_up_for_ever_by_writers_that_overlap(self, long_euros):
        first, second = (connections.create_connection("default") for _ in range(2))
        try:
            for other in (first, second):
                other.set_autocommit(False)
                # They wait as long as the writers of other tests take.
                other.cursor().execute("SET idle_in_transaction_session_timeout = 0")
            first.cursor().execute("SELECT pg_current_xact_id()")
            assert book_positions(slack=NO_SLACK) == 0
            second.cursor().execute("SELECT pg_current_xact_id()")
            assert book_positions(slack=NO_SLACK) == 0
            first.rollback()

            # The second began after the first look, so that instant is past, as soon
            # as writers of other tests on this server are done who began before it.
            deadline = time.monotonic() + PATIENCE_S
            while not (booked := book_positions(slack=NO_SLACK)):
                assert time.monotonic() < deadline
            assert booked == 2
        finally:
            for other in (first, second):
                other.rollback()
                other.close()

    def test_by_many_at_once_books_each_trade_once(self, alice, rates):
        fund(alice, "100.00 EUR")
        for _ in range(6):
            convert(alice, "10.00 EUR", to="USD")
        book_positions(slack=timedelta(days=1))

        outcomes = at_once([lambda: book_positions(slack=NO_SLACK)] * 6)

        book()
        assert not [one for one in outcomes if isinstance(one, Exception)]
        assert [number for code, number, *_ in steps() if code == "EUR"] == [
            1, 2, 3, 4, 5, 6,
        ]  # fmt: skip
        assert position("EUR", "position", "cost") == ("60.00", "75.00")


class TestSteps:
    def test_are_never_changed(self, long_euros):
        book()

        with pytest.raises(IntegrityError), db_transaction.atomic():
            PositionStep.objects.update(cost=0)


class TestReversal:
    def test_is_worth_what_it_undoes(self, long_euros):
        publish_rates({"USD": "1.50"}, age=NO_SLACK)
        reverse(long_euros)

        # Whatever a euro is worth by now, these went back for what they had cost.
        assert position("EUR", "side", "cost", "realised") == ("flat", "0.00", "0.00")

    def test_between_two_foreign_currencies_is_of_the_old_rate(self, alice, rates):
        fund(alice, "100.00 EUR")
        fund(alice, "1000.00 MXN")
        convert(alice, "50.00 EUR", to="MXN")
        posted = convert(alice, "1000.00 MXN", to="EUR")
        publish_rates({"USD": "1.50", "MXN": "30"}, age=NO_SLACK)
        reverse(posted)
        book()

        # 50 euros and 1000 pesos were 62.50 dollars, three times.
        assert [value for code, _, _, value in steps() if code == "EUR"] == [
            D("62.5"), D("-62.5"), D("62.5"),
        ]  # fmt: skip
        # A euro is 0.25 dollars dearer now, and the pesos that are owed 0.0125 cheaper.
        assert results() == ("0.00", "25.00")

    def test_takes_the_side_that_the_original_took(self, alice, rates):
        fund(alice, "10 JPY")
        reverse(convert(alice, "10 JPY", to="GBP"))
        book()

        # 10 yen are 0.0833 dollars, and the 0.05 pounds given for them 0.0781.
        assert [value for code, _, _, value in steps() if code == "JPY"] == [
            D("0.083333333333"), D("-0.083333333333"),
        ]  # fmt: skip
        assert results()[0] == "0.00"


class TestUnknown:
    def test_is_a_trade_without_a_rate_to_the_reporting_currency(
        self, alice, long_euros, settings
    ):
        fund(alice, "50.00 EUR")
        missing("USD")
        convert(alice, "50.00 EUR", to="MXN")

        for booked in (False, True):
            if booked:
                book()
            assert position("EUR", "position", "cost", "realised", "value") == (
                ("150.00", None, "0.00", None)
            )
            assert position("MXN", "position", "average_cost") == ("-1000.00", None)
            assert position("USD", "position", "unrealised") == ("-125.00", "0.00")
            assert results() == ("0.00", None)

    def test_is_known_when_the_book_is_told_anew_with_the_rates_that_came(
        self, alice, rates
    ):
        fund(alice, "50.00 EUR")
        missing("USD")
        convert(alice, "50.00 EUR", to="MXN")
        book()
        publish_rates({"USD": "1.25"})
        assert position("EUR", "cost") == (None,)

        book_positions(slack=NO_SLACK, anew=True)
        book()

        assert position("EUR", "cost", "unrealised") == ("62.50", "0.00")
        assert PositionBook.objects.count() == 2

    def test_does_not_read_a_book_that_is_behind(self, long_euros):
        book()
        # Begun anew, and not yet written.
        assert book_positions(anew=True) == 0

        with connection.execute_wrapper(refuse_trades):
            at = PositionBook.objects.order_by("pk").first().booked_until
            assert position("EUR", "cost", at=at) == ("125.00",)

    def test_position_takes_what_the_other_side_was_worth(self, alice, rates):
        # Nobody publishes forints; the house paid with euros, which have a rate.
        hedge("100.00 EUR", for_="40000.00 HUF")

        assert position("HUF", "cost", "mid_rate", "unrealised") == (
            ("125.00", None, None)
        )


def refuse_trades(execute, sql, params, many, context):
    assert "undone.recorded_at" not in sql, "the trades were read again"
    return execute(sql, params, many, context)


class TestReportingCurrency:
    def test_has_a_book_of_its_own(self, long_euros, settings):
        book()
        settings.REPORTING_CURRENCY = "EUR"

        assert position("USD", "position", "cost") == ("-125.00", "-100.00")
        book_positions(slack=NO_SLACK)
        assert position("USD", "position", "cost") == ("-125.00", "-100.00")
        assert position("EUR", "average_cost", "unrealised") == ("1", "0.00")

        settings.REPORTING_CURRENCY = "USD"
        assert position("EUR", "cost") == ("125.00",)


class TestAnyInstant:
    def test_agrees_with_the_trial_balance(self, alice, bob, rates):
        for customer in (alice, bob):
            fund(customer, "1000.00 USD")
        instants = []
        for number in range(12):
            customer = (alice, bob)[number % 2]
            convert(customer, f"{number + 1}.00 USD", to=("MXN", "EUR")[number % 3 % 2])
            instants.append(timezone.now())
            if number == 7:
                book()

        for at in instants:
            assert position("USD", "position", at=at) == (
                (house(at=at)["fx_position USD"],)
            )
        assert position("USD", "position", at=instants[2]) == ("6.00",)
        assert position("USD", "position", at=instants[9]) == ("55.00",)
