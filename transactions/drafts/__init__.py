"""What is asked for, and the posting that it comes to.

An order says which wallets it wants (`claims`) and, given them locked, what is to be
booked (`draft`). It writes nothing and changes nothing, so that one order by itself and
thousands in a batch are checked, priced and booked by the same code.
"""

from transactions.drafts.convert import ANY_PRICE, ConvertOrder, Guards
from transactions.drafts.fund import FundOrder
from transactions.drafts.transfer import TransferOrder
from transactions.drafts.withdraw import WithdrawOrder

Order = FundOrder | WithdrawOrder | TransferOrder | ConvertOrder

__all__ = [
    "ANY_PRICE",
    "ConvertOrder",
    "FundOrder",
    "Guards",
    "Order",
    "TransferOrder",
    "WithdrawOrder",
]
