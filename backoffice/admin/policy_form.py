"""The form for a new version of what we charge: the whole document, as JSON."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from rest_framework.exceptions import ValidationError as InvalidDocument
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.actors import MAX_REASON
from backoffice.admin.requesting import Wanted
from backoffice.refusals import in_words
from fx.models import PricingPolicy
from fx.policies import policy_at
from fx.policy_documents import PolicyDocument
from fx.services.publish_policy import check_currencies
from paymentprocessor.api.errors import Refusal
from paymentprocessor.api.parsers import parse_object


class PolicyForm(forms.ModelForm):
    """Begins with the document in force, so that only changes have to be written."""

    document = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 24, "spellcheck": "false"}),
        help_text="All that we charge. What is not in it, is not charged any more.",
    )
    effective_at = forms.DateTimeField(
        required=False,
        label="Effective at (UTC)",
        help_text="Leave empty for when it is approved.",
    )
    reason = forms.CharField(max_length=MAX_REASON)

    class Meta:
        model = PricingPolicy
        fields = ["document", "effective_at", "reason"]

    def clean_document(self) -> dict[str, Any]:
        """The document, checked as the API checks it."""
        try:
            written = parse_object(self.cleaned_data["document"].encode())
            document = PolicyDocument.read(written)
            check_currencies(document)
        except Refusal as refusal:
            raise forms.ValidationError(in_words(refusal)) from refusal
        except InvalidDocument as invalid:
            raise forms.ValidationError(list(_problems(invalid.detail))) from invalid
        # Plain data, as it is kept and hashed.
        plain_data: dict[str, Any] = json.loads(json.dumps(document))
        return plain_data

    @property
    def wanted(self) -> Wanted:
        """The version, as it is asked for."""
        at: datetime | None = self.cleaned_data["effective_at"]
        payload = {
            "document": self.cleaned_data["document"],
            "effective_at": at.isoformat() if at else None,
        }
        return Wanted("pricing_policy", payload)


def document_in_force() -> str:
    """What is charged now, laid out for editing."""
    policy = policy_at(timezone.now())
    document = policy.document if policy else {"spreads": [{"bps": "0"}]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _problems(detail: Any, where: str = "") -> Iterator[str]:
    """What is wrong with a document, each with the place: "spreads/0/bps: ..."."""
    match detail:
        case dict():
            for name, part in detail.items():
                here = where if name == "non_field_errors" else f"{where}/{name}"
                yield from _problems(part, here)
        case [dict() | list(), *_]:
            for number, part in enumerate(detail):
                yield from _problems(part, f"{where}/{number}")
        case list():
            for one in detail:
                yield f"{where.lstrip('/')}: {one}" if where else str(one)
        case _:
            yield from _problems([detail], where)
