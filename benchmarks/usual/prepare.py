"""`python -m benchmarks.usual.prepare USERS`: its tables, and users with money.

Prints the world as JSON: see `benchmarks.worlds`.
"""

import json
import os
import sys
from datetime import timedelta
from decimal import Decimal

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.usual.settings"
django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from rest_framework.authtoken.models import Token

from benchmarks.usual.models import Rate, Wallet


def main(users: int) -> None:
    # Its own tables have no migrations, and point to those of apps that have.
    call_command("migrate", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    platform = User.objects.create(username="platform")
    owners = User.objects.bulk_create(
        User(username=f"user-{number}") for number in range(users)
    )
    Wallet.objects.bulk_create(
        Wallet(owner=owner, currency=currency, balance=10**9)
        for owner in owners
        for currency in ("USD", "MXN")
    )
    Rate.objects.bulk_create(
        Rate(currency=code, mid=mid, as_of=timezone.now() - timedelta(days=day))
        for code, mid in (("USD", Decimal("1.25")), ("MXN", Decimal(20)))
        for day in range(1000)
    )
    token = Token.objects.create(user=platform)
    ids = [str(owner.pk) for owner in owners]
    sys.stdout.write(json.dumps({"authorization": f"Token {token}", "users": ids}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
