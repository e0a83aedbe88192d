"""Refusals as people read them."""

from paymentprocessor.api.errors import Refusal


def in_words(refusal: Refusal) -> str:
    """What is wrong, field by field where it is about fields."""
    errors = refusal.members.get("errors", [])
    return " ".join(error["detail"] for error in errors) or refusal.detail
