"""Rates that staff give: one by hand, or those of a file."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from backoffice.approval_kinds.kind import Change, Facts, Payload
from backoffice.approval_kinds.market import market_facts, open_breakers
from fx.market import PIVOT
from fx.models import Rate
from fx.money import plain
from fx.providers import csv_file, manual
from fx.providers.observation import AbsurdFeed, Observation
from fx.recording import record_file, take_turn_of
from fx.services import set_rate
from paymentprocessor.api.errors import Refusal
from users.acts import Actor

# Whoever approves has to read them all.
MOST_RATES = 500


class GiveRate(Change):
    """Bound to the last rate that was given of the currency, and to its open breaker.

    The rate is as of the moment in which it is approved, and soon nobody can any more.
    """

    title = "Give a rate by hand"
    permission = "fx.add_rate"
    valid_for = timedelta(hours=1)

    def told(self, payload: Payload) -> Facts:
        return {
            "One euro is": f"{payload['bid']} to {payload['ask']} {payload['quote']}",
            "As of": "when it is approved",
            "Provider": manual.NAME,
        }

    def bound(self, payload: Payload) -> dict[str, Any]:
        quote = payload["quote"]
        said = Rate.objects.filter(provider=manual.NAME, base=PIVOT, quote=quote)
        return {
            "follows": _newest(said),
            "open_breaker": open_breakers([quote]).get(quote),
        }

    def take_turn(self, payload: Payload, *, now: datetime) -> None:
        take_turn_of(manual.NAME)

    def change(self, payload: Payload, *, actor: Actor, now: datetime) -> None:
        bid, ask = Decimal(payload["bid"]), Decimal(payload["ask"])
        set_rate.within(payload["quote"], bid, ask, actor=actor, now=now)

    def look(self, payload: Payload, *, now: datetime) -> Facts:
        return market_facts([payload["quote"]], now=now)


class RecordRates(Change):
    """Bound to the newest rate of any file, and to the open breakers of its pairs."""

    title = "Record the rates of a file"
    permission = "fx.add_rate"
    valid_for = timedelta(hours=4)

    def told(self, payload: Payload) -> Facts:
        return {"Provider": csv_file.NAME, "Rates": len(payload["rates"])} | {
            f"{base}/{quote} of {as_of}": f"{bid} to {ask}"
            for base, quote, bid, ask, as_of in payload["rates"]
        }

    def bound(self, payload: Payload) -> dict[str, Any]:
        return {
            "follows": _newest(Rate.objects.filter(provider=csv_file.NAME)),
            "open_breakers": open_breakers(_quotes(payload)),
        }

    def take_turn(self, payload: Payload, *, now: datetime) -> None:
        take_turn_of(csv_file.NAME)

    def change(self, payload: Payload, *, actor: Actor, now: datetime) -> None:
        try:
            recorded = record_file(
                _observations(payload), provider=csv_file.NAME, now=now, actor=actor
            )
        except AbsurdFeed as absurd:
            raise Refusal(f"Nothing was recorded. {absurd}") from absurd
        if not recorded.new:
            raise Refusal("All of these rates are here already.")

    def look(self, payload: Payload, *, now: datetime) -> Facts:
        known = Rate.objects.filter(provider=csv_file.NAME).count()
        return {"Rates out of files": known, **market_facts(_quotes(payload), now=now)}


def rates_of(observations: Iterator[Observation]) -> list[list[str]]:
    """The rates of a file, as they are asked for.

    :raises AbsurdFeed: they are too many for anybody to read.
    """
    rates = []
    for one in observations:
        at = one.as_of.isoformat()
        rates.append([one.base, one.quote, plain(one.bid), plain(one.ask), at])
        if len(rates) > MOST_RATES:
            raise AbsurdFeed(
                f"The file has more than {MOST_RATES} rates, which nobody reads before "
                "they approve. Load it with manage.py load_rates."
            )
    return rates


def _observations(payload: Payload) -> Iterator[Observation]:
    for base, quote, bid, ask, as_of in payload["rates"]:
        at = datetime.fromisoformat(as_of)
        yield Observation(base, quote, Decimal(bid), Decimal(ask), at)


def _quotes(payload: Payload) -> set[str]:
    return {quote for _, quote, *_ in payload["rates"]}


def _newest(rates: Any) -> str | None:
    newest = rates.order_by("-fetched_at", "-id").first()
    return str(newest.pk) if newest else None
