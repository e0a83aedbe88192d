"""Keeping what an audit of the ledger found."""

from dataclasses import asdict

from django.db import transaction as db_transaction

from transactions.audit import AuditReport
from transactions.models import LedgerAudit


def keep_audit(report: AuditReport) -> LedgerAudit:
    """Write the report down, for the console to show."""
    with db_transaction.atomic(durable=True):
        return LedgerAudit.objects.create(
            is_clean=report.is_clean,
            transactions=report.transactions,
            entries=report.entries,
            wallets=report.wallets,
            report={"clean": report.is_clean} | asdict(report),
        )
