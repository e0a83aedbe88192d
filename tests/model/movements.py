"""What moves money at once."""

from dataclasses import dataclass

from tests.model.prices import Price, price
from tests.model.world import (
    DAY,
    Account,
    Ask,
    Line,
    Move,
    Quote,
    Wallet,
    World,
    refuse_if,
)


@dataclass
class Movements(World):
    """Each method does what the service of its name does.

    :raises Refused:
    """

    # What customers and staff do with one wallet.

    def fund(self, ask: Ask, user: str, currency: str, units: int) -> None:
        self.wallet(user, currency, opens=True)
        wallet = self.own(user, currency, ask)
        fee = self.policy.fee("fund", units, currency)
        refuse_if(fee >= units, "amount_too_small")
        self.post(
            ask, "fund", user,
            (("cash", currency), -units),
            (wallet, units - fee),
            (("fee_income", currency), fee),
            fee=fee,
        )  # fmt: skip

    def withdraw(self, ask: Ask, user: str, currency: str, units: int) -> None:
        wallet = self.own(user, currency, ask)
        fee = self.policy.fee("withdrawal", units, currency)
        self.post(
            ask, "withdrawal", user,
            (wallet, -units - fee),
            (("cash", currency), units),
            (("fee_income", currency), fee),
            fee=fee,
        )  # fmt: skip

    def adjust(self, ask: Ask, user: str, currency: str, units: int) -> None:
        """Credit the wallet out of suspense, or with less than zero debit it."""
        wallet = self.own(user, currency, ask)
        lines = [(wallet, units), (("suspense", currency), -units)]
        self.post(ask, "adjustment", user, *lines)

    def hedge(self, ask: Ask, sold: Line, bought: Line) -> None:
        """Sell one currency and buy another; the accounts here are bare currencies."""
        lines = []
        for (currency, units), sign in ((bought, 1), (sold, -1)):
            lines += [
                (("cash", currency), -sign * units),
                (("fx_position", currency), sign * units),
            ]
        self.post(ask, "hedge", None, *lines)

    # Transfers and conversions.

    def transfer(self, ask: Ask, user: str, currency: str, units: int, to: str) -> None:
        wallet = self.wallet(user, currency)
        payee = self.wallet(to, currency, opens=True)
        self.own(user, currency, ask)
        refuse_if(payee.frozen, "payee_unavailable")
        self.settle(ask, self.payment(wallet, payee, units))

    def payment(self, wallet: Wallet, payee: Wallet, units: int) -> Move:
        fee = self.policy.fee("transfer", units, wallet.currency)
        return self.book(
            "transfer", wallet.user,
            (wallet, -units - fee),
            (payee, units),
            (("fee_income", wallet.currency), fee),
            fee=fee,
        )  # fmt: skip

    def price(
        self, source: str, target: str, units: int, side: str, premium: int = 0
    ) -> tuple[Price, int]:
        """What it comes to, and the fee on it."""
        made = price(
            source, target, units, side, self.policy.bps(source, target, premium)
        )
        refuse_if(made.bought <= 0, "amount_too_small")
        return made, self.policy.fee("conversion", made.sold, source)

    def convert(
        self, ask: Ask, user: str, source: str, target: str, units: int, side: str
    ) -> None:
        wallet = self.wallet(user, source)
        self.wallet(user, target, opens=True)
        self.own(user, source, ask)
        made, fee = self.price(source, target, units, side)
        self.settle(ask, self.exchange(wallet, made, fee))

    def exchange(self, wallet: Wallet, made: Price, fee: int) -> Move:
        target = self.wallet(wallet.user, made.target)
        lines = exchange_lines(wallet, target, made, fee)
        return self.book("conversion", wallet.user, *lines, fee=fee, converts=True)

    def quote(self, user: str, source: str, target: str, units: int, lock: str) -> None:
        made, fee = self.price(
            source, target, units, "source", self.policy.premiums[lock]
        )
        expires = self.now + {"5m": 5, "24h": DAY}[lock]
        self.quotes.append(Quote(user, made, fee, expires))

    def take(self, number: int) -> Quote:
        quote = self.quotes[number]
        refuse_if(quote.used, "quote_already_used")
        refuse_if(self.now >= quote.expires, "quote_expired")
        quote.used = True
        return quote

    def convert_at(self, ask: Ask, number: int) -> None:
        quote = self.take(number)
        wallet = self.wallet(quote.user, quote.price.source)
        self.wallet(quote.user, quote.price.target, opens=True)
        self.own(quote.user, quote.price.source, ask)
        self.settle(ask, self.exchange(wallet, quote.price, quote.fee))


def exchange_lines(
    wallet: Wallet, target: Account, made: Price, fee: int
) -> list[Line]:
    return [
        (wallet, -made.sold - fee),
        (("fx_position", made.source), made.sold),
        (("fee_income", made.source), fee),
        (("fx_position", made.target), -made.bought - made.spread),
        (target, made.bought),
        (("fx_income", made.target), made.spread),
    ]
