"""A price can be explained to the last digit, and the explanation is checked."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fx.errors import AmountTooSmall
from fx.models import FixedSide, Rate
from tests.domain import (
    EURO_RATES,
    buy,
    charge,
    convert,
    convert_at,
    fund,
    publish_rates,
)
from tests.test_audit import sabotage
from transactions import services
from transactions.explain import explain
from transactions.postings import Instruction
from wallets.services import update_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def converted(alice, rates, settings):
    charge("45")
    fund(alice, "100.00 USD")
    return convert(alice, "99.99 USD", to="JPY")


def path(posted):
    return f"/v1/transactions/{posted.transaction.id}/explain"


class TestExplain:
    def test_does_the_sum_again_step_by_step(self, platform, converted):
        # A dollar is 120 yen, less 45 basis points 119.46; 99.99 of them 11944.8054.
        answer = platform.get(path(converted)).json()

        assert answer["matches"] is True
        assert answer["booked"] == answer["recomputed"]
        assert [step["result"] for step in answer["steps"]] == [
            "1.25",
            "150",
            "120",
            "45",
            "119.46",
            "11944 JPY",
            "54 JPY",
            "0.8054",
        ]
        assert answer["steps"][5]["calculation"] == "99.99 USD x 119.46"
        assert [rate["quote"] for rate in answer["rates"]] == ["USD", "JPY"]

    def test_explains_what_was_bought_exactly(self, platform, alice, rates):
        fund(alice, "100.00 USD")
        bought = buy(alice, "100 JPY", with_="USD")

        answer = platform.get(path(bought)).json()

        assert answer["matches"] is True
        assert answer["steps"][5] == {
            "what": "source, rounded up",
            "calculation": "100 JPY / 120",
            "result": "0.84 USD",
        }

    def test_uses_the_rates_of_then(self, platform, converted):
        publish_rates({"JPY": "999"})

        assert platform.get(path(converted)).json()["matches"] is True

    def test_shows_what_several_providers_agreed_on(self, platform, alice, rates):
        fund(alice, "100.00 USD")
        for provider, bid, ask in (("desk", "150.2", "150.6"), ("mad", "15", "16")):
            Rate.objects.create(
                provider=provider,
                base="EUR",
                quote="JPY",
                bid=bid,
                ask=ask,
                as_of=timezone.now(),
                fetched_at=timezone.now(),
            )
        posted = convert(alice, "100.00 USD", to="JPY")

        answer = platform.get(path(posted)).json()

        assert answer["matches"] is True
        assert [rate["provider"] for rate in answer["rates"]] == ["ecb", "ecb", "desk"]
        # 150 and 150.2 bid, 150 and 150.6 asked; the third one does not count.
        assert [(s["what"][:25], s["result"]) for s in answer["steps"][3:7]] == [
            ("EUR/JPY, median of the bi", "150.1"),
            ("EUR/JPY, median of the as", "150.3"),
            ("EUR/JPY, agreed", "150.2"),
            ("mid rate, exact until the", "120.16"),
        ]

    @pytest.mark.books_are_broken
    def test_notices_a_booking_that_was_changed(self, platform, converted, capsys):
        sabotage("UPDATE transactions_conversion SET mid_rate = mid_rate + 1")

        answer = platform.get(path(converted)).json()
        with pytest.raises(SystemExit) as exit_:
            call_command("explain_conversion", str(converted.transaction.id))

        assert answer["matches"] is False
        assert answer["booked"]["mid_rate"] == "121"
        assert exit_.value.code == 1
        assert "mid_rate: booked 121, recomputed 120" in capsys.readouterr().out

    def test_is_for_conversions(self, platform, alice):
        answer = platform.get(path(fund(alice, "1.00 USD")))

        assert (answer.status_code, answer.json()["code"]) == (422, "not_a_conversion")

    def test_is_for_the_owner_and_nobody_else(self, as_alice, as_bob, converted):
        assert as_alice.get(path(converted)).json()["matches"] is True
        assert as_bob.get(path(converted)).json()["code"] == "not_found"

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.data())
    def test_holds_for_every_conversion(self, alice, rates, settings, data):
        codes = ["EUR", *EURO_RATES]
        source = data.draw(st.sampled_from(codes))
        target = data.draw(st.sampled_from([code for code in codes if code != source]))
        charge(str(data.draw(st.decimals(0, 500, places=2))))
        amount = data.draw(st.integers(100, 100_000))
        drawn = data.draw(st.decimals("0.0001", "5000", places=6))
        Rate.objects.create(
            provider="ecb",
            base="EUR",
            quote=target if target != "EUR" else source,
            bid=drawn,
            ask=drawn + data.draw(st.decimals(0, 1, places=6)),
            as_of=timezone.now(),
            fetched_at=timezone.now(),
        )
        fund(alice, f"{amount} {source}")

        try:
            posted = convert(alice, f"{amount} {source}", to=target)
        except AmountTooSmall:
            return

        assert explain(posted.transaction.id).matches


@st.composite
def policies(draw, codes):
    """What `charge` takes, for any of these currencies; bands are of 10 to 10,000."""
    bps = st.decimals(0, 3000, places=4).map(str)
    code, tier = st.sampled_from(codes), st.sampled_from(["standard", "vip"])
    band = st.sampled_from(["10", "100", "1000", "10000"])
    rules = [
        {"from_currency": code, "at_least": band},
        {"from_currency": code, "to_currency": code},
        {"currency": code, "tier": tier},
        {"to_currency": code},
    ]
    spreads = st.one_of(*(st.fixed_dictionaries({"bps": bps} | r) for r in rules))
    fee = {"operation": "conversion", "currency": draw(code)}
    fee |= {"fixed": str(draw(st.integers(0, 5))), "bps": draw(bps)}
    return {
        "spread_bps": draw(bps),
        "spreads": draw(st.lists(spreads, max_size=4)),
        "fees": [fee],
        "locks": {"5m": draw(bps)},
    }


class TestQuoted:
    @settings(
        max_examples=30,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.data(), side=st.sampled_from(FixedSide), at_quote=st.booleans())
    def test_holds_for_every_policy_side_and_quote(
        self, alice, rates, data, side, at_quote
    ):
        source, target = data.draw(st.permutations(["EUR", "USD", "MXN", "JPY"]))[:2]
        charge(**data.draw(policies([source, target])))
        update_user(alice.id, {"tier": data.draw(st.sampled_from(["standard", "vip"]))})
        amount = Decimal(data.draw(st.integers(1, 20_000)))
        order = (alice.id, source, target, amount, side)
        fund(alice, f"10000000000 {source}")

        try:
            if at_quote:
                quote = services.quote(*order, "5m")
                # What was promised is explained by what was then.
                charge("1")
                publish_rates({"USD": "3", "MXN": "3", "JPY": "3"})
                posted = convert_at(alice, quote)
            else:
                posted = services.convert(Instruction(), *order, now=timezone.now())
        except AmountTooSmall:
            return

        explained = explain(posted.transaction.id)
        assert explained.matches, (explained.booked, explained.recomputed)


class TestCommand:
    def test_prints_the_steps(self, converted, capsys):
        call_command("explain_conversion", str(converted.transaction.id))

        printed = capsys.readouterr().out
        assert "99.99 USD x 119.46 = 11944 JPY" in printed
        assert "This is what was booked." in printed

    def test_refuses_what_is_no_conversion(self, alice):
        funded = fund(alice, "1.00 USD")

        with pytest.raises(CommandError, match="converted nothing"):
            call_command("explain_conversion", str(funded.transaction.id))
