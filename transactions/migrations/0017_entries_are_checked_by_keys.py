"""Let the trigger that keeps the laws of entries look rows up by their keys, always.

A plan of its queries is made for the first entries that a connection writes, and kept. If
those are many, PostgreSQL would join them by reading all wallets, and would go on doing
so for every movement that comes later.
"""

from django.db import migrations

BY_KEYS = """
ALTER FUNCTION transactions_check_entries() SET enable_seqscan = off;
ALTER FUNCTION transactions_check_entries() SET enable_hashjoin = off;
ALTER FUNCTION transactions_check_entries() SET enable_mergejoin = off;
"""
AS_BEFORE = "ALTER FUNCTION transactions_check_entries() RESET ALL;"


class Migration(migrations.Migration):
    dependencies = [
        ("transactions", "0016_instants_are_indexed_alone"),
    ]

    operations = [migrations.RunSQL(BY_KEYS, AS_BEFORE)]
