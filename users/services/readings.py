"""Staff come in, look at what is a customer's, or take lists along."""

from uuid import UUID

from django.db import transaction as db_transaction
from django.db.models import Model

from users.acts import Actor, record_act


def record_reading(subject: Model, *, customer_id: UUID, actor: Actor) -> None:
    """Write down that somebody read the page of a customer, or of what is theirs."""
    with db_transaction.atomic(durable=True):
        record_act(actor, "page.read", subject, customer_id=customer_id)


def record_export(model: type[Model], filters: str, *, kind: str, actor: Actor) -> None:
    """Write down that somebody took a list along, narrowed by those filters.

    `kind` is that of the file: csv or xlsx.
    """
    with db_transaction.atomic(durable=True):
        # The list as a whole is the subject: a row that is not there.
        record_act(
            actor,
            "list.exported",
            model(pk=""),
            after={"filters": filters, "file": kind},
        )


def record_sign_in(user: Model, *, actor: Actor) -> None:
    """Write down that somebody came in."""
    with db_transaction.atomic(durable=True):
        record_act(actor, "staff.signed_in", user)
