"""Rows of models, made of just what is at hand."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState

_Row = TypeVar("_Row", bound=Model)


def unsaved(model: type[_Row], columns: Mapping[str, Any], **related: Model) -> _Row:
    """A row that is not written yet, of just these columns and related objects.

    Not made by the model's `__init__`, which looks each default and relation up by
    name: half of what a posting cost, with a handful of rows for each.
    """
    row = model.__new__(model)
    row._state = ModelState()
    row._state.fields_cache = related
    row.__dict__.update(columns)
    return row


def stored(model: type[_Row], columns: Mapping[str, Any]) -> _Row:
    """The same of a row that was read."""
    row = unsaved(model, columns)
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row
