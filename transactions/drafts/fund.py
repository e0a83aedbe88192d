"""Money arrives from outside for a customer."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from fx.errors import AmountTooSmall
from fx.money import fits
from transactions.checks import check_version
from transactions.models import TransactionType
from transactions.postings import (
    CASH,
    FEE_INCOME,
    Instruction,
    Posting,
    credit,
    debit,
    earned,
)
from wallets.locking import Claim
from wallets.models import Wallet


@dataclass(frozen=True, slots=True)
class FundOrder:
    """Put `amount`, less the fee, into the user's wallet; opened if there is none."""

    user_id: UUID
    currency_code: str
    amount: Decimal

    type: ClassVar = TransactionType.FUND

    def claims(self) -> list[Claim]:
        return [Claim(self.user_id, self.currency_code, opens=True)]

    def draft(self, instruction: Instruction, wallet: Wallet) -> Posting:
        """What is to be booked.

        :raises Refusal: VersionMismatch, ValidationError, AmountTooSmall.
        """
        check_version(wallet, instruction)
        money = fits(self.amount, wallet.denomination)
        fee = wallet.terms.fee("fund", money)
        if money <= fee:
            raise AmountTooSmall(
                f"The fee of {fee} would take all of it.", fee=fee.text
            )

        return Posting(
            self.type,
            owner_id=self.user_id,
            lines=[
                debit(CASH, money),
                credit(wallet, money - fee),
                *earned(FEE_INCOME, fee),
            ],
            instruction=instruction,
            fee=fee,
        )
