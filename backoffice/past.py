"""What a row was before, change by change, and which act of staff it was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from users.models import StaffAct

MOST_CHANGES = 200


@dataclass(frozen=True)
class Change:
    """One change of a row: when, what became what, and the act, if it was staff's."""

    at: datetime
    fields: Mapping[str, tuple[Any, Any]]
    act: StaffAct | None


def keeps_its_past(model: type[Model]) -> bool:
    """Whether PostgreSQL keeps what its rows were."""
    return hasattr(model, "pgh_event_models")


def changes_of(row: Any) -> list[Change]:
    """The newest changes of a row, newest first, in two queries."""
    past = list(row.past.order_by("-pgh_id")[:MOST_CHANGES])
    acts = StaffAct.objects.filter(
        subject_id=str(row.pk), xact__in=[before.xact for before in past]
    )
    doing = acts.exclude(kind="page.read").select_related("staff")
    act_of = {act.xact: act for act in doing}
    return [
        Change(
            before.pgh_created_at,
            dict(_differences(before, after)),
            act_of.get(before.xact),
        )
        for before, after in zip(past, [row, *past], strict=False)
    ]


def _differences(before: Any, after: Any) -> Iterator[tuple[str, tuple[Any, Any]]]:
    of_row = {field.attname: field for field in after._meta.concrete_fields}
    for field in before._meta.concrete_fields:
        if field.attname in of_row and field.name not in _OF_THE_PAST:
            was, became = (getattr(one, field.attname) for one in (before, after))
            if was != became:
                yield str(field.verbose_name), (was, became)


_OF_THE_PAST = {"pgh_id", "pgh_created_at", "pgh_label", "pgh_obj", "xact"}
