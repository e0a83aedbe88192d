"""The rest of the model: payments from several wallets, holds, and what is undone."""

from dataclasses import dataclass

from tests.model.movements import Movements, exchange_lines
from tests.model.prices import Price
from tests.model.world import (
    REVERSAL_WINDOW,
    Ask,
    Hold,
    Line,
    Move,
    Quote,
    Refused,
    Wallet,
    refuse_if,
)


@dataclass
class Product(Movements):
    """All that can be done."""

    # Payments from several wallets.

    def pay(
        self,
        ask: Ask,
        user: str,
        currency: str,
        units: int,
        to: str,
        sources: list[str],
    ) -> None:
        payee = self.wallet(to, currency, opens=True)
        own = self.wallet(user, currency, opens=True)
        others = [self.wallet(user, code) for code in sources if code != currency]
        refuse_if(payee.frozen, "payee_unavailable")
        needed = units + self.policy.fee("transfer", units, currency)
        missing = needed - (own.available if currency in sources else 0)
        parts = []
        for other in others:
            part = self.cover(other, currency, missing) if missing > 0 else None
            if part is not None:
                parts.append((other, *part))
                missing -= part[0].bought
        refuse_if(missing > 0, "insufficient_funds")
        moves = [self.exchange(*part) for part in parts]
        self.settle(ask, *moves, self.payment(own, payee, units))

    def cover(
        self, wallet: Wallet, currency: str, missing: int
    ) -> tuple[Price, int] | None:
        """Exactly what is missing or, where that is too much, all there is."""
        made, fee = self.price(wallet.currency, currency, missing, "target")
        if made.sold + fee <= wallet.available:
            return made, fee
        for sold in range(wallet.available, 0, -1):
            fee = self.policy.fee("conversion", sold, wallet.currency)
            if sold + fee <= wallet.available:
                try:
                    return self.price(wallet.currency, currency, sold, "source")
                except Refused:
                    # It buys nothing, and is left where it is.
                    return None
        return None

    # Holds.

    def hold(
        self, ask: Ask, user: str, currency: str, units: int, to: str | None, lasts: int
    ) -> None:
        wallet = self.own(user, currency, ask)
        fee = self.policy.fee("capture", units, currency)
        self.promise(ask, Hold(wallet, units, fee, to, self.now + lasts))

    def hold_converting(
        self,
        ask: Ask,
        user: str,
        currency: str,
        units: int,
        target: str,
        to: str | None,
        lasts: int,
    ) -> None:
        wallet = self.own(user, currency, ask)
        lock = "5m" if lasts <= 5 else "24h"
        made, fee = self.price(
            currency, target, units, "source", self.policy.premiums[lock]
        )
        self.promise(ask, Hold(wallet, units, fee, to, self.now + lasts, made))

    def hold_at(self, ask: Ask, number: int, to: str | None, lasts: int) -> None:
        quote: Quote = self.take(number)
        wallet = self.own(quote.user, quote.price.source, ask)
        expires = self.now + lasts
        self.promise(
            ask, Hold(wallet, quote.price.sold, quote.fee, to, expires, quote.price)
        )

    def promise(self, ask: Ask, hold: Hold) -> None:
        wallet = hold.wallet
        refuse_if(wallet.frozen, "wallet_frozen")
        refuse_if(hold.reserved > wallet.available, "insufficient_funds")
        self.check_limits(wallet, "capture", hold.amount)
        self.name("hold", wallet.user, ask)
        wallet.held += hold.reserved
        self.holds.append(hold)

    def active(self, number: int) -> Hold:
        hold = self.holds[number]
        refuse_if(self.status(hold) != "active", "hold_not_active")
        return hold

    def capture(self, ask: Ask, number: int, units: int | None, *, final: bool) -> None:
        hold = self.holds[number]
        wallet, made = hold.wallet, hold.price
        payee = None
        if hold.to is not None:
            code = made.target if made else wallet.currency
            payee = self.wallet(hold.to, code, opens=True)
        self.own(wallet.user, wallet.currency, ask)
        self.active(number)
        refuse_if(payee is not None and payee.frozen, "payee_unavailable")
        left = hold.amount - hold.captured
        units = left if units is None else units
        refuse_if(units > left, "capture_too_large")

        before, reserved = self.paid(hold), hold.reserved
        hold.captured += units
        if final or hold.captured == hold.amount:
            hold.status = hold.ended("voided")
        wallet.held -= reserved - hold.reserved
        fee, bought, spread = (
            now - then for now, then in zip(self.paid(hold), before, strict=True)
        )
        refuse_if(not bought, "amount_too_small")
        account = payee or ("cash", made.target if made else wallet.currency)
        lines: list[Line] = [
            (wallet, -units - fee),
            (account, bought),
            (("fee_income", wallet.currency), fee),
        ]
        if made:
            part = Price(made.source, made.target, units, bought, spread)
            lines = exchange_lines(wallet, account, part, fee)
        self.post(
            ask, "capture", wallet.user, *lines, fee=fee, converts=made is not None
        )

    def paid(self, hold: Hold) -> tuple[int, int, int]:
        """Of the fee, what was bought and the spread: each share until now."""
        if hold.price is None:
            return hold.share(hold.fee), hold.captured, 0
        bought, spread = hold.price.bought, hold.price.spread
        return hold.share(hold.fee), hold.share(bought), hold.share(spread)

    def void(self, ask: Ask, number: int) -> None:
        wallet = self.holds[number].wallet
        self.own(wallet.user, wallet.currency, ask)
        self.end(self.active(number), "voided")

    def sweep(self) -> None:
        for hold in self.holds:
            if hold.status == "active" and self.now >= hold.expires:
                self.end(hold, "expired")

    def end(self, hold: Hold, otherwise: str) -> None:
        hold.wallet.held -= hold.reserved
        hold.status = hold.ended(otherwise)

    # What is undone.

    def reverse(self, ask: Ask, number: int) -> None:
        move = self.moves[number]
        refuse_if(move.type in ("reversal", "refund"), "not_reversible")
        late = self.now - move.at >= REVERSAL_WINDOW
        refuse_if(move.converts and late, "reversal_window_passed")
        refuse_if(move.reversed, "already_reversed")
        refuse_if(move.refunded, "not_reversible")
        opposite = [(account, -units) for account, units in move.lines]
        self.post(ask, "reversal", move.owner, *opposite)
        move.reversed = True

    def refund(self, ask: Ask, number: int, units: int) -> None:
        move: Move = self.moves[number]
        refuse_if(move.type not in ("transfer", "capture"), "not_reversible")
        refuse_if(move.converts, "not_reversible")
        refuse_if(move.reversed, "already_reversed")
        refuse_if(units > self.refundable(move), "refund_too_large")
        (payer, _), (payee, _), *_ = move.lines
        assert isinstance(payer, Wallet)
        owner = payee.user if isinstance(payee, Wallet) else payer.user
        self.post(ask, "refund", owner, (payee, -units), (payer, units))
        move.refunded += units

    def refundable(self, move: Move) -> int:
        return -move.lines[0][1] - move.fee - move.refunded
