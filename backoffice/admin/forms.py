"""What the console's forms have in common."""

from decimal import Decimal
from typing import Any

from django import forms
from unfold import widgets

from backoffice.actors import MAX_REASON
from fx.money import MAX_AMOUNT, MAX_EXPONENT

# The looks of the console, by what a field has that says nothing of its looks.
_DRESSED: dict[type[forms.Widget], type[forms.Widget]] = {
    forms.TextInput: widgets.UnfoldAdminTextInputWidget,
    forms.NumberInput: widgets.UnfoldAdminDecimalFieldWidget,
    forms.DateTimeInput: widgets.UnfoldAdminTextInputWidget,
    forms.Select: widgets.UnfoldAdminSelectWidget,
    forms.ClearableFileInput: widgets.UnfoldAdminFileFieldWidget,
}


class ReasonedForm(forms.ModelForm):
    """A form that asks why; what was said is kept with what was done."""

    reason = forms.CharField(
        label="Reason for this change",
        max_length=MAX_REASON,
        help_text="It is kept with what you do.",
    )


def amount_field(**options: Any) -> forms.DecimalField:
    """An amount of money, of as many places as any currency has."""
    return forms.DecimalField(
        max_value=MAX_AMOUNT,
        min_value=Decimal(1).scaleb(-MAX_EXPONENT),
        decimal_places=MAX_EXPONENT,
        error_messages={"min_value": "It has to be more than nothing."},
        **options,
    )


def dress(form: type[forms.BaseForm]) -> None:
    """Make the fields that a form declares look like those of its model."""
    for field in form.base_fields.values():
        plain = field.widget
        if dressed := _DRESSED.get(type(plain)):
            widget = dressed(attrs=plain.attrs)
            widget.is_required = plain.is_required
            if isinstance(plain, forms.Select):
                widget.choices = plain.choices
            # Now that it is whole: other threads may be copying this very field.
            field.widget = widget
