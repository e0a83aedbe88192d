"""A customer's money leaves for the outside."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

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
class WithdrawOrder:
    """Take `amount`, and the fee, out of the user's wallet."""

    user_id: UUID
    currency_code: str
    amount: Decimal

    type: ClassVar = TransactionType.WITHDRAWAL

    def claims(self) -> list[Claim]:
        return [Claim(self.user_id, self.currency_code)]

    def draft(self, instruction: Instruction, wallet: Wallet) -> Posting:
        """What is to be booked.

        :raises Refusal: VersionMismatch, ValidationError.
        """
        check_version(wallet, instruction)
        money = fits(self.amount, wallet.denomination)
        fee = wallet.terms.fee("withdrawal", money)

        return Posting(
            self.type,
            owner_id=self.user_id,
            lines=[
                debit(wallet, money + fee),
                credit(CASH, money),
                *earned(FEE_INCOME, fee),
            ],
            instruction=instruction,
            fee=fee,
        )
