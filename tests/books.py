"""The books, as every test has to leave them."""

from functools import cache

from django.apps import apps
from django.db import connection

from fx.models import Quote
from transactions.audit import audit


def look_at_books() -> None:
    """Audit the whole ledger, if there is one."""
    if connection.needs_rollback or not _is_anything_booked():
        return
    broken = [check for check in audit().checks if check.offenders]
    assert not broken, broken


def _is_anything_booked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_books())
        [[is_there]] = cursor.fetchall()
    return bool(is_there)


@cache
def _books() -> str:
    """Whether there is a row that an audit could object to, asked in one statement."""
    models = [*apps.get_app_config("transactions").get_models(), Quote]
    rows = [model._meta.db_table for model in models]
    rows.append("wallets_wallet WHERE balance <> 0 OR held <> 0")
    rows.append("wallets_wallet WHERE version <> 0 OR overdraft_limit <> 0")
    return "SELECT " + " OR ".join(f"EXISTS (SELECT FROM {row})" for row in rows)
