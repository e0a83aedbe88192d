"""What audits of the ledger found."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.admin.base import ReadOnlyAdmin
from backoffice.admin.html import column_at, table
from transactions.models import LedgerAudit


@admin.register(LedgerAudit)
class LedgerAuditAdmin(ReadOnlyAdmin):
    """The runs of the audit, newest first, each with its findings."""

    empty_hint = "Run manage.py audit_ledger, every night at best."
    list_display = [
        column_at("finished_at"), "verdict", "transactions", "entries", "wallets",
    ]  # fmt: skip
    list_filter = ["is_clean"]
    ordering = ["-id"]
    fields = readonly_fields = [
        column_at("finished_at"), "verdict", "transactions", "entries", "wallets",
        "findings",
    ]  # fmt: skip

    @admin.display(description="verdict")
    def verdict(self, audit: LedgerAudit) -> SafeString | str:
        if audit.is_clean:
            return "The books add up"
        return format_html('<strong class="bad">{}</strong>', "Laws are broken")

    @admin.display(description="findings")
    def findings(self, audit: LedgerAudit) -> SafeString | str:
        return table(
            ["Law", "Offenders#", "The first of them", "Seconds#"],
            (
                (
                    check["law"] or check["name"],
                    f"{check['offenders']:,}",
                    "; ".join(
                        f"{one['offender']}: {one['detail']}" for one in check["first"]
                    ),
                    check["seconds"],
                )
                for check in audit.report["checks"]
            ),
            empty="Nothing was checked.",
        )
