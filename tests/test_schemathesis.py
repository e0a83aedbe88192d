"""The API against its own description: requests by the thousand, made up from it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.domain import convert, fund, hold, transfer
from tests.factories import CustomerFactory
from transactions.models import Transaction

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "ignored_auth",
    "use_after_free",
]


@pytest.fixture
def existing(rates):
    """Users who hold something, transactions of some kinds, and holds."""
    users = [CustomerFactory() for _ in range(4)]
    for user in users:
        fund(user, "1000.00 USD")
        fund(user, "1000 JPY")
    transactions = [
        convert(users[0], "10.00 USD", to="MXN"),
        transfer(users[1], "5.00 USD", to=users[2]),
    ]
    holds = [hold(users[3], "50.00 USD", to=users[number % 3]) for number in range(8)]
    return {
        "FX_HOLDS": " ".join(str(one.hold.id) for one in holds),
        "FX_USERS": " ".join(str(user.id) for user in users),
        "FX_TRANSACTIONS": " ".join(str(p.transaction.id) for p in transactions),
    }


class TestSchema:
    def test_describes_what_the_server_does(self, server, platform, existing, tmp_path):
        run = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli"),
                *("run", f"{server.url}/v1/schema", "--no-color"),
                *("--header", f"Authorization: Bearer {platform.token}"),
                *("--checks", ",".join(CHECKS)),
                *("--max-examples", "20", "--seed", "1", "--no-shrink"),
                *("--generation-database", "none", "--warnings", "off"),
                "--continue-on-failure",
            ],
            cwd=tmp_path,
            env=os.environ
            | existing
            | {
                "SCHEMATHESIS_HOOKS": "tests.schemathesis_hooks",
                "PYTHONPATH": str(settings.BASE_DIR),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

        assert run.returncode == 0, run.stdout + run.stderr
        # The made-up requests got as far as the books.
        assert Transaction.objects.count() > 3 * len(existing["FX_USERS"].split())
