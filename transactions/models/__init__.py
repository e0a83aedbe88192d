"""What moved, who asked for it, and what they were told."""

from fx.models import FixedSide
from transactions.models.batch import Batch
from transactions.models.conversion import Conversion
from transactions.models.day_total import DayHorizon, DayTotal
from transactions.models.entry import Entry, Side
from transactions.models.fold import Fold, FoldTotal
from transactions.models.hold import Hold, HoldStatus
from transactions.models.idempotency import IdempotencyKey
from transactions.models.ledger_audit import LedgerAudit
from transactions.models.limit_use import LimitSeries, LimitUse
from transactions.models.position import PositionBook, PositionStep
from transactions.models.position_limit import PositionLimit
from transactions.models.transaction import (
    REFUNDED_TYPES,
    Transaction,
    TransactionType,
)

__all__ = [
    "REFUNDED_TYPES",
    "Batch",
    "Conversion",
    "DayHorizon",
    "DayTotal",
    "Entry",
    "FixedSide",
    "Fold",
    "FoldTotal",
    "Hold",
    "HoldStatus",
    "IdempotencyKey",
    "LedgerAudit",
    "LimitSeries",
    "LimitUse",
    "PositionBook",
    "PositionLimit",
    "PositionStep",
    "Side",
    "Transaction",
    "TransactionType",
]
