"""What the console's forms have in common."""

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.actors import MAX_REASON


class ReasonedForm(forms.ModelForm):
    """A form that asks why; what was said is kept with what was done."""

    reason = forms.CharField(
        label="Reason for this change",
        max_length=MAX_REASON,
        widget=UnfoldAdminTextInputWidget,
        help_text="It is kept with what you do.",
    )
