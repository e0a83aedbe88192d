"""Refusals as people read them."""

from django.forms import BaseForm

from paymentprocessor.api.errors import Refusal


def in_words(refusal: Refusal) -> str:
    """What is wrong, field by field where it is about fields."""
    errors = refusal.members.get("errors", [])
    return " ".join(error["detail"] for error in errors) or refusal.detail


def say_in(form: BaseForm, refusal: Refusal) -> None:
    """Say what is wrong beside the field that it is about, or above all of them."""
    whole = {"pointer": "", "detail": refusal.detail}
    for error in refusal.members.get("errors", [whole]):
        field = error["pointer"].removeprefix("/")
        form.add_error(field if field in form.fields else None, error["detail"])
