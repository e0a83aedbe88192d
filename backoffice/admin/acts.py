"""Doing something to the rows that were ticked, or to the one whose page it is."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

import psycopg
from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.forms import ActionForm, BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.actors import MAX_REASON, actor_of, given_reason
from backoffice.signin import must_have_signed_in_recently
from paymentprocessor.api.errors import Refusal
from users.acts import Actor

BUSY = "It is in use at this moment. Try again."


class ReasonedActionForm(ActionForm):
    """What to do with the ticked rows, and why."""

    reason = forms.CharField(
        label="",
        required=False,
        max_length=MAX_REASON,
        widget=forms.TextInput(
            attrs={
                "class": "console-reason",
                "placeholder": "Why? It is kept.",
                "aria-label": "Reason",
                "x-show": "action",
            }
        ),
    )


class ReasonDialog(BaseDialogForm):
    """Asks why, before something is done to one row."""

    # What is wrong with no field alone stands above them.
    form_before_template = "unfold/helpers/form_errors.html"

    reason = forms.CharField(
        max_length=MAX_REASON,
        widget=UnfoldAdminTextInputWidget,
        help_text="It is kept with what you do.",
    )

    def get_before_template_context(
        self, request: HttpRequest, object_id: int | str | None = None
    ) -> dict[str, Any]:
        return {"errors": self.non_field_errors()}


def carry_out(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    rows: Iterable[Any],
    act: Callable[[Any, Actor], object],
    *,
    done: str,
    name: Callable[[Any], str] = str,
    grave: bool = False,
) -> None:
    """Do `act` to each row, and say what came of it; one refusal stops no other row.

    :raises ReauthenticationRequired: it is grave, and they signed in a while ago.
    """
    if grave:
        must_have_signed_in_recently(request)
    try:
        actor = actor_of(request, given_reason(request))
    except Refusal as refusal:
        model_admin.message_user(request, refusal.detail, messages.ERROR)
        return
    changed = []
    for row in rows:
        problem = _attempt(lambda row=row: act(row, actor))
        if problem is None:
            changed.append(name(row))
        else:
            model_admin.message_user(request, f"{name(row)}: {problem}", messages.ERROR)
    if changed:
        model_admin.message_user(request, f"{done} {', '.join(changed)}.")


def _attempt(act: Callable[[], object]) -> str | None:
    """Why it could not be done; None when it was."""
    try:
        act()
    except Refusal as refusal:
        return refusal.detail
    except ObjectDoesNotExist:
        return "It has been deleted or closed."
    except OperationalError as failure:
        if not is_busy(failure):
            raise
        return BUSY
    return None


def is_busy(failure: OperationalError) -> bool:
    """Whether somebody else held it for too long; nothing was done then."""
    return isinstance(failure.__cause__, psycopg.errors.LockNotAvailable)


def on_page(list_action: str, title: str, consequence: str, *, permission: str) -> Any:
    """The same act from the page of one row, after a dialog that says what follows."""

    def act(
        self: Any, request: HttpRequest, form: ReasonDialog, object_id: str
    ) -> HttpResponse:
        opts = self.opts
        try:
            rows = self.get_queryset(request).filter(pk=opts.pk.to_python(object_id))
        except ValidationError:
            rows = self.get_queryset(request).none()
        page = reverse(
            f"admin:{opts.app_label}_{opts.model_name}_change", args=[object_id]
        )
        return left_dialog(
            request, page, lambda: getattr(self, list_action)(request, rows)
        )

    act.__name__ = f"{list_action}_here"
    return action(
        description=title,
        permissions=[permission],
        dialog={
            "title": title,
            "description": consequence,
            "form_class": ReasonDialog,
            "form_submit_text": title,
        },
    )(act)


def left_dialog(
    request: HttpRequest,
    page: str,
    act: Callable[[], str | None],
    *,
    grave: bool = False,
) -> HttpResponse:
    """Do it, and lead on to the page it returns, or to `page`.

    Or to where one signs in again, when that is due.
    """
    try:
        if grave:
            must_have_signed_in_recently(request)
        page = act() or page
    except ReauthenticationRequired:
        page = f"{reverse('account_reauthenticate')}?{urlencode({'next': page})}"
    return out_of_dialog(page)


def out_of_dialog(page: str) -> HttpResponse:
    """Lead on to a page; a redirect would be followed inside the dialog."""
    return HttpResponse(headers={"HX-Redirect": page})
