"""What is to be booked, as an accountant would write it, before it is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fx.money import Denomination, Money
from transactions.models import (
    Conversion,
    Entry,
    Hold,
    Side,
    Transaction,
    TransactionType,
)
from wallets.models import Purpose, Wallet, house_account_id


@dataclass(frozen=True, slots=True)
class HouseAccount:
    """One of our own accounts, named by what it is for; its currency is the money's."""

    purpose: str


CASH = HouseAccount(Purpose.CASH)
FX_POSITION = HouseAccount(Purpose.FX_POSITION)
FX_INCOME = HouseAccount(Purpose.FX_INCOME)
FEE_INCOME = HouseAccount(Purpose.FEE_INCOME)
SUSPENSE = HouseAccount(Purpose.SUSPENSE)


@dataclass(frozen=True, slots=True)
class Line:
    """One side of a booking: so much, debited from or credited to a wallet."""

    side: Side
    account: Wallet | HouseAccount
    money: Money

    @property
    def wallet_id(self) -> UUID:
        if isinstance(self.account, Wallet):
            return self.account.id
        return house_account_id(self.account.purpose, self.money.currency.code)


def debit(account: Wallet | HouseAccount, money: Money) -> Line:
    return Line(Side.DEBIT, account, money)


def credit(account: Wallet | HouseAccount, money: Money) -> Line:
    return Line(Side.CREDIT, account, money)


def earned(account: HouseAccount, money: Money) -> list[Line]:
    """What the house earned, as a line of its own; no line where it earned nothing."""
    return [credit(account, money)] if money.amount else []


PLATFORM = UUID(int=0)


@dataclass(frozen=True)
class Instruction:
    """Who asks for money to be moved, under which key, and in which words.

    `principal_id` is whose idempotency keys these are: the customer, the member of
    staff, or the nil UUID for the platform. `fingerprint` is 32 bytes that differ
    when the request does. `expected_version` is the version that the wallet of the
    customer who acts must be at (`If-Match`), None when it does not matter. A `preview`
    does everything but keep it.
    """

    principal_id: UUID = PLATFORM
    api_key_id: UUID | None = None
    staff_id: UUID | None = None
    idempotency_key: str | None = None
    fingerprint: bytes = b""
    expected_version: int | None = None
    reference: str | None = None
    description: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    preview: bool = False


@dataclass(frozen=True)
class Posting:
    """One transaction to write: what it is, for whom, and its lines.

    The `fee` is what the owner was charged, as it stands in the lines. A posting that
    `is_part` belongs to the last one that is written with it.
    """

    type: TransactionType
    owner_id: UUID | None
    lines: Sequence[Line]
    instruction: Instruction
    fee: Money | None = None
    conversion: Conversion | None = None
    reverses_id: UUID | None = None
    refunds_id: UUID | None = None
    hold: Hold | None = None
    is_part: bool = False


@dataclass(frozen=True)
class Posted:
    """A transaction as it stands in the books, with its entries in order of lines.

    The same whether it was written just now or read again, and so is every answer
    made from it. `replayed` tells which, and is no part of the answer itself. The
    `parts` are transactions that were made for this one, in their order.
    """

    transaction: Transaction
    entries: Sequence[Entry]
    conversion: Conversion | None = None
    replayed: bool = False
    parts: Sequence["Posted"] = ()


@dataclass(frozen=True)
class Held:
    """A hold with its wallet and, if it converts, its quote and what it converts to.

    `replayed` tells whether that was just now, and is no part of the answer itself.
    """

    hold: Hold
    target: Denomination | None = None
    replayed: bool = False
