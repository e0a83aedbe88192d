"""What staff type into a search box, and the rows that they may mean by it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from users.models import User

# Fewer characters of an id than these are shared by years of rows.
MIN_ID_CHARACTERS = 6
# A name that fits more people than this says nothing.
MAX_USERS = 100


def id_range(term: str) -> tuple[UUID, UUID] | None:
    """The least and the greatest id that begin with `term`, if it can begin one."""
    if not re.fullmatch(r"[0-9a-fA-F-]{1,36}", term):
        return None
    digits = term.replace("-", "")
    if not MIN_ID_CHARACTERS <= len(digits) <= 32:
        return None
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))


def id_begins(term: str, field: str = "pk") -> Q:
    """Rows whose id begins with `term`, by the index; none when it is no id."""
    ids = id_range(term)
    return Q(**{f"{field}__range": ids}) if ids else Q(pk__in=[])


def matching_users(term: str) -> QuerySet[User]:
    """Users, deleted ones too, whose id begins so or whose words contain it."""
    return User.all_objects.filter(
        id_begins(term)
        | Q(external_id__icontains=term)
        | Q(name__icontains=term)
        | Q(email__icontains=term)
    )


def some_ids(rows: QuerySet[Any]) -> list[UUID]:
    """The ids of the first rows, to narrow another query with."""
    return list(rows.values_list("pk", flat=True)[:MAX_USERS])


def day(term: str) -> tuple[datetime, datetime] | None:
    """The beginning of the UTC day that `term` names, and of the next."""
    try:
        begins_at = datetime.strptime(term, "%Y-%m-%d").replace(tzinfo=UTC)
        return begins_at, begins_at + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
