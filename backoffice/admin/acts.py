"""Doing something to the rows that were ticked."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import psycopg
from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError
from django.http import HttpRequest

from paymentprocessor.api.errors import Refusal


def staff_id(request: HttpRequest) -> UUID:
    """Who of staff asks; pages are for those who signed in."""
    return UUID(str(request.user.pk))


def carry_out(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    rows: Iterable[Any],
    act: Callable[[Any], object],
    *,
    done: str,
    name: Callable[[Any], str] = str,
) -> None:
    """Do `act` to each row, and say what came of it; one refusal stops no other row."""
    changed = []
    for row in rows:
        problem = _attempt(act, row)
        if problem is None:
            model_admin.log_change(request, row, done)
            changed.append(name(row))
        else:
            model_admin.message_user(request, f"{name(row)}: {problem}", messages.ERROR)
    if changed:
        model_admin.message_user(request, f"{done} {', '.join(changed)}.")


def _attempt(act: Callable[[Any], object], row: Any) -> str | None:
    """Why it could not be done; None when it was."""
    try:
        act(row)
    except Refusal as refusal:
        return refusal.detail
    except ObjectDoesNotExist:
        return "It has been deleted or closed."
    except OperationalError as failure:
        if not isinstance(failure.__cause__, psycopg.errors.LockNotAvailable):
            raise
        return "It is in use at this moment. Try again."
    return None
