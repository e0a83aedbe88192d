"""What staff ask for and others decide, with the effect it would have."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import OperationalError
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action

from backoffice import services
from backoffice.actors import actor_of
from backoffice.admin.acts import BUSY, ReasonDialog, is_busy, left_dialog
from backoffice.admin.base import ReadOnlyAdmin
from backoffice.admin.effect import effect_of
from backoffice.admin.facts import facts_table, person
from backoffice.admin.html import NOTHING, column_at, link, short_id
from backoffice.approval_kinds import KINDS
from backoffice.models import ApprovalRequest, Decision
from backoffice.search import id_begins, matching_users, some_ids
from paymentprocessor.api.errors import Refusal
from transactions.models import Transaction
from users.models import User


class ApproveDialog(ReasonDialog):
    """Carries along what was shown, so that nothing else is approved."""

    digest = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        with suppress(ObjectDoesNotExist, ValidationError):
            asked = ApprovalRequest.objects.get(pk=self.object_id)
            self.fields["digest"].initial = bytes(asked.digest).hex()


@admin.register(ApprovalRequest)
class ApprovalRequestAdmin(ReadOnlyAdmin):
    """The undecided first. Whoever decides reads what would happen before."""

    empty_hint = (
        "Whoever wants a balance adjusted or a transaction reversed asks for it on its "
        "page; limits, policies, rates and rights are asked for by their forms."
    )
    list_display = [
        column_at("requested_at"), "title", "customer", "maker_link", "reason", "state",
        "checker_link",
    ]  # fmt: skip
    list_filter = ["decision", "kind"]
    list_select_related = ["maker", "checker"]
    search_fields = ["id"]
    search_help_text = "The id, or a customer's name, email or external id."
    fields = readonly_fields = [
        "title", "state", "customer", "asked_for", "effect", "maker_link", "reason",
        column_at("requested_at"), column_at("expires_at"), "checker_link",
        column_at("decided_at"), "decision_reason", "outcome", "transaction", "id",
    ]  # fmt: skip
    actions_detail = ["approve_here", "reject_here", "carry_out_here"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalRequest]:
        undecided = When(decision__in=["pending", "approved"], then=Value(0))
        order = Case(undecided, default=Value(1), output_field=IntegerField())
        # A payload may be a whole policy, and lists do not show it.
        return ApprovalRequest.objects.defer("payload").order_by(order, "-id")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return []

    @admin.display(description="request")
    def title(self, asked: ApprovalRequest) -> str:
        return KINDS[asked.kind].title

    @admin.display(description="state")
    def state(self, asked: ApprovalRequest) -> str:
        is_late = timezone.now() >= asked.expires_at
        if asked.decision == Decision.PENDING and is_late:
            return "expired"
        return asked.decision

    def complete(self, rows: Sequence[ApprovalRequest]) -> None:
        customers = User.all_objects.in_bulk({row.customer_id for row in rows})
        for row in rows:
            vars(row)["known_customer"] = customers.get(row.customer_id)

    @admin.display(description="customer")
    def customer(self, asked: ApprovalRequest) -> SafeString | str:
        if "known_customer" not in vars(asked):
            self.complete([asked])
        return person(vars(asked)["known_customer"])

    @admin.display(description="asked for")
    def asked_for(self, asked: ApprovalRequest) -> SafeString | str:
        return facts_table(KINDS[asked.kind].told(asked.payload))

    @admin.display(description="effect")
    def effect(self, asked: ApprovalRequest) -> SafeString | str:
        if asked.decision != Decision.PENDING:
            return "It has been decided: see the outcome."
        return effect_of(asked)

    @admin.display(description="requested by")
    def maker_link(self, asked: ApprovalRequest) -> SafeString | str:
        return link(asked.maker)

    @admin.display(description="decided by")
    def checker_link(self, asked: ApprovalRequest) -> SafeString | str:
        return link(asked.checker)

    @admin.display(description="transaction")
    def transaction(self, asked: ApprovalRequest) -> SafeString | str:
        if asked.transaction_id is None:
            return NOTHING
        done = Transaction(pk=asked.transaction_id)
        return link(done, short_id(asked.transaction_id))

    def fits(self, act: str, row: ApprovalRequest) -> bool:
        wanted = Decision.APPROVED if act == "carry_out_here" else Decision.PENDING
        return row.decision == wanted

    def customer_of(self, row: ApprovalRequest) -> UUID | None:
        return row.customer_id

    def has_decide_permission(self, request: HttpRequest, asked: Any = None) -> bool:
        return bool(request.user.has_perm("backoffice.decide_approval"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        customers = some_ids(matching_users(term))
        found = queryset.filter(customer_id__in=customers)
        return found | queryset.filter(id_begins(term)), False

    @action(
        description="Approve",
        permissions=["decide"],
        dialog={
            "title": "Approve and carry out",
            "description": "It is done at once, as the page shows, in your name.",
            "form_class": ApproveDialog,
            "form_submit_text": "Approve",
        },
    )
    def approve_here(
        self, request: HttpRequest, form: ApproveDialog, object_id: str
    ) -> HttpResponse:
        def act(actor: Any) -> None:
            seen = _digest(form.cleaned_data["digest"])
            asked = services.approve(
                UUID(object_id), seen, actor=actor, now=timezone.now()
            )
            self._carry_out(request, asked.pk, actor)

        return self._decided(request, object_id, act)

    @action(
        description="Reject",
        permissions=["decide"],
        dialog={
            "title": "Reject",
            "description": "Nothing is done, and the request is over.",
            "form_class": ReasonDialog,
            "form_submit_text": "Reject",
        },
    )
    def reject_here(
        self, request: HttpRequest, form: ReasonDialog, object_id: str
    ) -> HttpResponse:
        def act(actor: Any) -> None:
            services.reject(UUID(object_id), actor=actor, now=timezone.now())
            self.message_user(request, "The request is rejected.")

        return self._decided(request, object_id, act)

    @action(
        description="Carry out again",
        permissions=["decide"],
        dialog={
            "title": "Carry out what was approved",
            "description": "For a request that stayed approved, since something broke. "
            "It is done once, however often this is asked.",
            "form_class": ReasonDialog,
            "form_submit_text": "Carry out",
        },
    )
    def carry_out_here(
        self, request: HttpRequest, form: ReasonDialog, object_id: str
    ) -> HttpResponse:
        def act(actor: Any) -> None:
            self._carry_out(request, UUID(object_id), actor)

        return self._decided(request, object_id, act)

    def _carry_out(self, request: HttpRequest, request_id: UUID, actor: Any) -> None:
        asked = services.carry_out_approved(request_id, actor=actor, now=timezone.now())
        if asked.decision == Decision.DONE:
            self.message_user(request, "It is approved and done.")
        else:
            self.message_user(
                request,
                format_html("It is void, since it cannot be done: {}", asked.outcome),
                messages.ERROR,
            )

    def _decided(self, request: HttpRequest, object_id: str, act: Any) -> HttpResponse:
        page = reverse("admin:backoffice_approvalrequest_change", args=[object_id])

        def decide() -> None:
            try:
                UUID(object_id)
                act(actor_of(request, request.POST["reason"].strip()))
            except Refusal as refusal:
                self.message_user(request, refusal.detail, messages.ERROR)
            except (ObjectDoesNotExist, ValidationError, ValueError):
                self.message_user(request, "There is no such request.", messages.ERROR)
            except OperationalError as failure:
                if not is_busy(failure):
                    raise
                self.message_user(request, BUSY, messages.ERROR)

        return left_dialog(request, page, decide, grave=True)


def _digest(shown: str) -> bytes:
    try:
        return bytes.fromhex(shown)
    except ValueError:
        raise Refusal("The request is not what was shown. Read it again.") from None
