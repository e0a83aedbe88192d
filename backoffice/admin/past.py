"""The page that tells how a row came to be as it is."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from backoffice.actors import actor_of
from backoffice.admin.html import NOTHING, instant, link, table
from backoffice.past import Change, changes_of
from users.services import record_reading

_HEADINGS = ["when", "what", "by", "reason"]
_UNCHANGED = "Nothing that is kept has changed since it was made."
# No act of staff: a customer's or the platform's key, a program, or raw SQL.
_NOT_STAFF = "not staff"


def acts_on(object_id: str) -> str:
    """The address of all that staff did to a row."""
    acts = reverse("admin:users_staffact_changelist")
    return f"{acts}?{urlencode({'q': object_id})}"


def past_page(
    model_admin: ModelAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Every change of one row, newest first; reading a customer's is written down."""
    row = model_admin.get_object(request, object_id)
    if not model_admin.has_view_permission(request, row):
        raise PermissionDenied
    if row is None:
        raise Http404
    customer_id = model_admin.customer_of(row)  # type: ignore[attr-defined]
    if customer_id is not None:
        record_reading(row, customer_id=customer_id, actor=actor_of(request))
    opts = model_admin.opts
    page = f"admin:{opts.app_label}_{opts.model_name}_change"
    may_read_acts = request.user.has_perm("users.view_staffact")
    return TemplateResponse(
        request,
        "admin/past.html",
        model_admin.admin_site.each_context(request)
        | {
            "title": f"History of {opts.verbose_name} {row}",
            "opts": opts,
            "media": model_admin.media,
            "row": row,
            "row_url": reverse(page, args=[row.pk]),
            "acts_url": acts_on(object_id) if may_read_acts else None,
            "changes": table(
                _HEADINGS,
                (_line(change, may_read_acts) for change in changes_of(row)),
                empty=_UNCHANGED,
            ),
        },
    )


def _line(change: Change, may_read_acts: bool) -> tuple[object, ...]:
    act, when, what = change.act, instant(change.at), _fields(change)
    if act is None:
        return when, what, _NOT_STAFF, NOTHING
    if not may_read_acts:
        return when, what, "staff", NOTHING
    return when, what, link(act, act.staff or "the command line"), act.reason


def _fields(change: Change) -> SafeString:
    return format_html_join(
        "",
        "<div>{}: {} → {}</div>",
        ((name, _said(was), _said(now)) for name, (was, now) in change.fields.items()),
    )


def _said(value: Any) -> object:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return NOTHING if value in (None, "") else value
