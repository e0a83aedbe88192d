"""Asking for what another has to approve: from a form, a list or a dialog."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from backoffice import services
from backoffice.actors import actor_of
from backoffice.admin.acts import ReasonDialog, out_of_dialog
from backoffice.admin.base import ConsoleAdmin
from backoffice.approval_kinds import KINDS
from backoffice.models import ApprovalRequest
from backoffice.refusals import in_words, say_in
from paymentprocessor.api.errors import Refusal

REQUESTED = "It is requested. Somebody else decides."


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for; the customer is whose business it is, if anybody's."""

    kind: str
    payload: dict[str, Any]
    customer_id: UUID | None = None


def ask(request: HttpRequest, wanted: Wanted, reason: str) -> ApprovalRequest:
    """Ask for it in the name of whoever is signed in.

    :raises Refusal: with all that is wrong.
    """
    try:
        return services.request_approval(
            wanted.kind,
            wanted.payload,
            customer_id=wanted.customer_id,
            actor=actor_of(request, reason),
            now=timezone.now(),
        )
    except Refusal as refusal:
        raise Refusal(in_words(refusal), **refusal.members) from refusal


def page_of(asked: ApprovalRequest) -> str:
    return reverse("admin:backoffice_approvalrequest_change", args=[asked.pk])


class AsksWhenSound:
    """A form that asks as soon as nothing else is wrong with it.

    So whoever is refused is told beside what they wrote, and loses none of it.
    """

    def _post_clean(self) -> None:
        super()._post_clean()
        if not self.errors:
            self._ask()

    def _ask(self) -> None:
        raise NotImplementedError


class AskingDialog(AsksWhenSound, ReasonDialog):
    """A dialog that asks."""

    asked: ApprovalRequest

    def wanted(self) -> Wanted:
        """What the dialog says.

        :raises Refusal: it says nothing that could be asked for.
        """
        raise NotImplementedError

    def _ask(self) -> None:
        try:
            said = self.cleaned_data["reason"]
            self.asked = ask(self.request, self.wanted(), said)
        except Refusal as refusal:
            say_in(self, refusal)
        except (ObjectDoesNotExist, ValidationError, ValueError):
            self.add_error(None, "There is none.")


def asked_in(
    dialog: type[AskingDialog], name: str, title: str, consequence: str
) -> Any:
    """The act of a page that opens the dialog, and leads on to what it asked for."""

    def act(
        self: Any, request: HttpRequest, form: AskingDialog, object_id: str
    ) -> HttpResponse:
        self.message_user(request, REQUESTED)
        return out_of_dialog(page_of(form.asked))

    act.__name__ = name
    return action(
        description=title,
        permissions=["request"],
        dialog={
            "title": title,
            "description": consequence,
            "form_class": dialog,
            "form_submit_text": "Request",
        },
    )(act)


class RequestingAdmin(ConsoleAdmin):
    """Its form for a new row asks for the row, and leads to the request."""

    asks_for = ""

    def wanted(self, request: HttpRequest, form: Any) -> Wanted:
        """What the form says.

        :raises Refusal: it says nothing that could be asked for.
        """
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        page = {
            "title": f"Request: {KINDS[self.asks_for].title.lower()}",
            # What follows is the request, and not the row.
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        return super().add_view(request, form_url, page | (extra_context or {}))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        options = {"fields": self.get_fields(request, obj)}
        if obj is None:
            options["description"] = (
                "Nothing changes until somebody else has approved it."
            )
        return [(None, options)]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        plain: Any = super().get_form(request, obj, change, **kwargs)
        asks = self._ask

        class Asking(AsksWhenSound, plain):  # type: ignore[misc]
            """The form, which asks."""

            def _ask(self) -> None:
                asks(request, self)

        return Asking

    def _ask(self, request: HttpRequest, form: Any) -> None:
        try:
            wanted = self.wanted(request, form)
            form.instance.asked = ask(request, wanted, form.cleaned_data["reason"])
        except Refusal as refusal:
            say_in(form, refusal)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Nothing: it has been asked for."""

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        """Nothing: there is no row yet."""

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        self.message_user(request, REQUESTED)
        return HttpResponseRedirect(page_of(obj.asked))
