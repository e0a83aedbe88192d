"""The lines of an explanation, as one would write them down."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from fx.money import half_even_to_scale, plain
from fx.offers import Offer
from fx.pricing import RATE_EXPONENT, CrossRate, Leg, Price, mid_of


@dataclass(frozen=True)
class Step:
    """One line of the calculation."""

    what: str
    calculation: str
    result: str


def steps_of(rate: CrossRate, offer: Offer, policy_version: int) -> list[Step]:
    """From the observations to what was charged and given, line by line."""
    price = offer.price
    legs = [step for leg in rate.legs for step in _steps_of_leg(leg)]
    return [
        *legs,
        Step(
            "mid rate, exact until the next step",
            f"one {rate.base} in {rate.quote}, through the rates above",
            plain(price.mid_rate),
        ),
        _spread(offer, policy_version),
        *_client_rate(rate, price),
        _amount(price),
        *_fee(offer, policy_version),
        Step(
            "spread, the house's income",
            f"{price.from_amount} at mid, rounded down: {price.mid_amount}, "
            f"less {price.to_amount}",
            str(price.spread_amount),
        ),
        Step(
            "rounding residual",
            f"{plain(price.exact_target)} - {price.to_amount.text}",
            plain(price.residual),
        ),
    ]


def _spread(offer: Offer, policy_version: int) -> Step:
    surcharges = {"lock": offer.premium_bps, "position": offer.widening_bps}
    asked = offer.price.spread_bps - offer.premium_bps - offer.widening_bps
    said = [f"{plain(asked)} by policy {policy_version} for tier {offer.terms.tier}"]
    said += [f"{plain(bps)} for the {why}" for why, bps in surcharges.items() if bps]
    return Step(
        "spread in basis points", " + ".join(said), plain(offer.price.spread_bps)
    )


def _client_rate(rate: CrossRate, price: Price) -> list[Step]:
    spread = plain(price.spread_bps)
    if rate.side >= rate.mid:
        calculation = f"mid x (1 - {spread} / 10000)"
        return [
            Step(
                "client rate, cut off at 12 decimals",
                calculation,
                plain(price.client_rate),
            )
        ]
    side = plain(half_even_to_scale(rate.side, RATE_EXPONENT))
    return [
        Step(
            "the market's own side, exact until the next step",
            f"one {rate.base} sold at the bids, or one over the asks, above",
            side,
        ),
        Step(
            "client rate, cut off at 12 decimals",
            f"the less of mid x (1 - {spread} / 10000) and {side}",
            plain(price.client_rate),
        ),
    ]


def _amount(price: Price) -> Step:
    sold, bought, rate = price.from_amount, price.to_amount, plain(price.client_rate)
    if price.fixed_side == "source":
        return Step("target, rounded down", f"{sold} x {rate}", str(bought))
    return Step("source, rounded up", f"{bought} / {rate}", str(sold))


def _fee(offer: Offer, policy_version: int) -> Sequence[Step]:
    if not offer.fee.amount:
        return []
    sold = offer.price.from_amount
    return [Step(f"fee by policy {policy_version}", f"on {sold}", str(offer.fee))]


def _steps_of_leg(leg: Leg) -> list[Step]:
    """What each provider said and, if there are several, what they agree on."""
    pair = f"{leg.base}/{leg.quote}"
    said = [
        _middle(
            f"{pair} by {one.provider}, {one.as_of:%Y-%m-%d %H:%M} UTC",
            one.bid,
            one.ask,
        )
        for one in leg.sources
    ]
    if len(said) == 1:
        return said
    bids, asks = (
        ", ".join(plain(number) for number in sorted(numbers))
        for numbers in (
            (one.bid for one in leg.sources),
            (one.ask for one in leg.sources),
        )
    )
    return [
        *said,
        Step(f"{pair}, median of the bids", f"median of {bids}", plain(leg.bid)),
        Step(f"{pair}, median of the asks", f"median of {asks}", plain(leg.ask)),
        _middle(f"{pair}, agreed", leg.bid, leg.ask),
    ]


def _middle(what: str, bid: Decimal, ask: Decimal) -> Step:
    middle = half_even_to_scale(mid_of(bid, ask), RATE_EXPONENT)
    return Step(what, f"({plain(bid)} + {plain(ask)}) / 2", plain(middle))
