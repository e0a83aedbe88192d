"""Which names of transactions are taken."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

_IN_USE = """
SELECT owner_id, reference
  FROM unnest(%(owners)s::uuid[], %(references)s::varchar[])
       AS named (owner_id, reference)
  JOIN transactions_transaction USING (owner_id, reference)
"""

# A reference, and whose.
Named = tuple[UUID, str | None]


def references_in_use(named: Iterable[Named]) -> set[Named]:
    """Those of the references that their owners have given already, in one query."""
    named = set(named)
    if not named:
        return set()
    owners, references = zip(*named, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _IN_USE, {"owners": list(owners), "references": list(references)}
        )
        return {(owner_id, reference) for owner_id, reference in cursor.fetchall()}
