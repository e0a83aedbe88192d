"""What moved, who asked for it, and what they were told."""

from fx.models import FixedSide
from transactions.models.conversion import Conversion
from transactions.models.day_total import DayHorizon, DayTotal
from transactions.models.entry import Entry, Side
from transactions.models.fold import Fold, FoldTotal
from transactions.models.idempotency import IdempotencyKey
from transactions.models.ledger_audit import LedgerAudit
from transactions.models.position import PositionBook, PositionStep
from transactions.models.position_limit import PositionLimit
from transactions.models.transaction import Transaction, TransactionType

__all__ = [
    "Conversion",
    "DayHorizon",
    "DayTotal",
    "Entry",
    "FixedSide",
    "Fold",
    "FoldTotal",
    "IdempotencyKey",
    "LedgerAudit",
    "PositionBook",
    "PositionLimit",
    "PositionStep",
    "Side",
    "Transaction",
    "TransactionType",
]
