"""`manage.py audit_ledger`: do the books add up?"""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from transactions.audit import AuditReport, audit
from transactions.services import keep_audit


class Command(BaseCommand):
    help = (
        "Add the whole ledger up again, compare, and keep the result. Exits with 1 and "
        "names the first offenders when a law is broken."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON report")

    def handle(self, *args: Any, **options: Any) -> None:
        report = audit()
        if options["json"]:
            self.stdout.write(
                json.dumps({"clean": report.is_clean} | asdict(report), indent=2)
            )
        else:
            self._print(report)
        keep_audit(report)
        if not report.is_clean:
            sys.exit(1)

    def _print(self, report: AuditReport) -> None:
        for check in report.checks:
            verdict = f"{check.offenders:,} BROKEN" if check.offenders else "ok"
            self.stdout.write(
                f"{check.name.replace('_', ' '):42} {verdict:>10}"
                f" {check.seconds:8.3f} s"
            )
            for finding in check.first:
                self.stdout.write(f"    {finding.offender}: {finding.detail}")
        looked_at = (
            f"{report.transactions:,} transactions, {report.entries:,} entries, "
            f"{report.wallets:,} wallets"
        )
        if report.is_clean:
            self.stdout.write(self.style.SUCCESS(f"The books add up: {looked_at}."))
        else:
            self.stdout.write(
                self.style.ERROR(f"The books do NOT add up: {looked_at}.")
            )
