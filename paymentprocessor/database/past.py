"""How rows were before they changed, whoever changed them and by whatever door.

PostgreSQL itself keeps them (django-pghistory): the console's forms, the API, a command
and an UPDATE typed by hand leave the same trace.
"""

from collections.abc import Callable
from typing import TypeVar

import pghistory
from django.db import models
from pghistory.models import Event

_Model = TypeVar("_Model", bound=type[models.Model])


THIS_TRANSACTION = models.Func(
    template="(pg_current_xact_id()::text::bigint)",
    output_field=models.BigIntegerField(),
)
"""PostgreSQL's own number of the transaction that runs."""


class Past(Event):
    """What a row said until `pgh_created_at`, the beginning of what changed it.

    `xact` is PostgreSQL's number of that transaction: an act of staff with the same
    number says who it was, and why.
    """

    pgh_id = models.BigAutoField(primary_key=True)
    xact = models.BigIntegerField(db_default=THIS_TRANSACTION)

    class Meta:
        abstract = True


def keep_past(*fields: str) -> Callable[[_Model], _Model]:
    """Keep what these fields of a model were, each time that one of them changes.

    The class is named after the model's, `UserPast` for `User`, and a row's own past
    is `row.past`. No history of balances: the entries are that.
    """

    def tracked(model: _Model) -> _Model:
        track = pghistory.track(
            pghistory.UpdateEvent("changed", row=pghistory.Old),
            fields=list(fields),
            model_name=f"{model.__name__}Past",
            base_model=Past,
            obj_field=pghistory.ObjForeignKey(related_name="past"),
            context_field=None,  # type: ignore[arg-type]  # as its own docs have it
            meta={"default_permissions": ()},
        )
        tracked_model: _Model = track(model)
        return tracked_model

    return tracked
