"""What audits of the ledger found."""

from django.db import models
from django.db.models.functions import Now


class LedgerAudit(models.Model):
    """One run of `manage.py audit_ledger`: what it looked at, and what breaks a law.

    `report` is what `--json` prints. Rows are only added.
    """

    finished_at = models.DateTimeField(db_default=Now())
    is_clean = models.BooleanField()
    transactions = models.BigIntegerField()
    entries = models.BigIntegerField()
    wallets = models.BigIntegerField()
    report = models.JSONField()

    class Meta:
        default_permissions = ("view",)

    def __str__(self) -> str:
        verdict = "the books add up" if self.is_clean else "laws are broken"
        return f"{self.finished_at:%Y-%m-%d %H:%M} UTC: {verdict}"
