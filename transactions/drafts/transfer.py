"""One customer pays another, in one currency."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from fx.money import fits
from transactions.checks import check_version
from transactions.errors import PayeeUnavailable, SameUser
from transactions.models import TransactionType
from transactions.postings import (
    FEE_INCOME,
    Instruction,
    Posting,
    credit,
    debit,
    earned,
)
from wallets.locking import Claim
from wallets.models import Status, Wallet


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """Move `amount` from one user's wallet to the other's, which is opened if needed.

    The payer bears the fee.
    """

    user_id: UUID
    currency_code: str
    amount: Decimal
    to_user_id: UUID

    type: ClassVar = TransactionType.TRANSFER

    def claims(self) -> list[Claim]:
        """:raises SameUser:"""
        if self.user_id == self.to_user_id:
            raise SameUser
        return [
            Claim(self.user_id, self.currency_code),
            Claim(self.to_user_id, self.currency_code, opens=True),
        ]

    def draft(self, instruction: Instruction, payer: Wallet, payee: Wallet) -> Posting:
        """What is to be booked.

        :raises Refusal: VersionMismatch, PayeeUnavailable, ValidationError.
        """
        check_version(payer, instruction)
        if payee.status != Status.ACTIVE:
            raise PayeeUnavailable
        money = fits(self.amount, payer.denomination)
        fee = payer.terms.fee("transfer", money)

        return Posting(
            self.type,
            owner_id=self.user_id,
            lines=[
                debit(payer, money + fee),
                credit(payee, money),
                *earned(FEE_INCOME, fee),
            ],
            instruction=instruction,
            fee=fee,
        )
