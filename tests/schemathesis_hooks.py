"""What schemathesis is told besides the schema: users who exist, currencies they hold.

Random ids and codes are all unknown, so without this nearly every request would end at
the first look-up. Half of them keep what was generated.
"""

import os
import random
from typing import Any
from uuid import UUID

import schemathesis

CURRENCIES = ["USD", "EUR", "MXN", "JPY", "KWD"]
AMOUNTS = ["1.00", "25", "0.01", 3, "99999999999999999999.99"]

_users = os.environ["FX_USERS"].split()
_transactions = os.environ["FX_TRANSACTIONS"].split()
_holds = os.environ["FX_HOLDS"].split()
_dice = random.Random(1)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Put what exists in the place of what was generated, wherever it was valid."""
    path, body = case.path_parameters or {}, case.body
    # A deletion would take the others' user away; the one it makes itself will do.
    if case.method != "DELETE":
        _replace(path, "user_id", _users)
    _replace(path, "transaction_id", _transactions)
    _replace(path, "hold_id", _holds)
    _replace(path, "currency", CURRENCIES)
    if isinstance(body, dict):
        for name in ("user_id", "to_user_id"):
            _replace(body, name, _users)
        for name in ("currency", "from_currency", "to_currency"):
            _replace(body, name, CURRENCIES)
        for name in ("amount", "to_amount"):
            _replace(body, name, AMOUNTS)


def _replace(values: dict[str, Any], name: str, existing: list[Any]) -> None:
    value = values.get(name)
    if isinstance(value, str) and _looks_valid(name, value) and _dice.random() < 0.7:
        values[name] = _dice.choice(existing)


def _looks_valid(name: str, value: str) -> bool:
    if name.endswith("_id"):
        try:
            return str(UUID(value)) == value.lower()
        except ValueError:
            return False
    if name.endswith("currency"):
        return value.isascii() and value.isalnum() and value.upper() == value
    return value.replace(".", "", 1).isdecimal()
