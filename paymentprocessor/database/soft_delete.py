"""Rows that are marked as deleted and never removed: the past stays readable."""

from typing import Any, ClassVar, Generic, Self, TypeVar

from django.db import models

_Row = TypeVar("_Row", bound=models.Model)


class SoftDeleteQuerySet(models.QuerySet[_Row], Generic[_Row]):
    """A query set that knows the difference between live and deleted rows."""

    def live(self) -> Self:
        return self.filter(deleted_at__isnull=True)


class LiveManager(models.Manager.from_queryset(SoftDeleteQuerySet)):  # type: ignore[misc]
    """The default manager: what was deleted is not there."""

    def get_queryset(self) -> SoftDeleteQuerySet[Any]:
        rows: SoftDeleteQuerySet[Any] = super().get_queryset()
        return rows.live()


class SoftDeletable(models.Model):
    """A row that leaves the product's sight by `deleted_at` and stays for audit.

    `objects` hides the deleted, `all_objects` shows them, and a foreign key always
    finds its row, deleted or not (Django's base manager is untouched).
    """

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = LiveManager()
    all_objects: ClassVar[Any] = SoftDeleteQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None
