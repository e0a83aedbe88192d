"""`python -m benchmarks.product.prepare USERS`: our tables, and users with money.

Prints the world as JSON: see `benchmarks.worlds`.
"""

import json
import os
import sys
from decimal import Decimal
from io import StringIO

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "paymentprocessor.settings"
django.setup()

from django.core.management import call_command

from transactions import services
from transactions.postings import Instruction
from users.scopes import EVERYTHING
from users.services import create_api_key
from wallets.services import create_user

# The greatest that both sides of it can be spent from for hours.
RICHES = Decimal(10**9)


def main(users: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("load_rates", stdout=StringIO())
    owners = [create_user(name=f"User {number}") for number in range(users)]
    for owner in owners:
        for currency in ("USD", "MXN"):
            services.fund(Instruction(), owner.pk, currency, RICHES)
    _, token = create_api_key(name="Benchmark", scopes=[EVERYTHING])
    ids = [str(owner.pk) for owner in owners]
    sys.stdout.write(json.dumps({"authorization": f"Bearer {token}", "users": ids}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
