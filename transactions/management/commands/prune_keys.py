"""`manage.py prune_keys`: forget idempotency keys past their time."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from transactions.services import prune_keys


class Command(BaseCommand):
    help = "Remove idempotency keys older than IDEMPOTENCY_KEY_DAYS."

    def handle(self, *args: Any, **options: Any) -> None:
        age = timedelta(days=settings.IDEMPOTENCY_KEY_DAYS)
        removed = prune_keys(before=timezone.now() - age)
        self.stdout.write(f"{removed} keys removed.")
