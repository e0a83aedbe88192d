"""The forms of people: customers, and the logins of staff."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from backoffice.admin.forms import ReasonedForm
from users.models import User


class UserForm(ReasonedForm):
    """Everything that can be said of a person who is there."""

    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"),
        label="Roles",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="What they may do here. Without a role, nothing.",
    )

    class Meta:
        model = User
        fields = [
            "name",
            "email",
            "external_id",
            "username",
            "is_staff",
            "is_superuser",
            "groups",
        ]

    def clean_external_id(self) -> str | None:
        return self._free("external_id")

    def clean_username(self) -> str | None:
        return self._free("username")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        rights = any(said.get(name) for name in ("is_staff", "is_superuser", "groups"))
        if rights and not (said.get("username") or self.errors.get("username")):
            self.add_error("username", "Staff sign in by a username.")
        return said

    def _free(self, field: str) -> str | None:
        """The value, when it is nobody's, deleted ones included.

        Django looks among the live only, where the model's default manager looks.
        """
        value = self.cleaned_data[field]
        others = User.all_objects.exclude(pk=self.instance.pk)
        if value is not None and others.filter(**{field: value}).exists():
            raise ValidationError(
                "Another user, perhaps a deleted one, has this.", "unique"
            )
        return value


class NewUserForm(UserForm):
    """A new customer, or, when a username is given, a new login for staff."""

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("username") and said.get("external_id"):
            self.add_error(
                "external_id", "A login is not a customer: leave this empty for one."
            )
        return said
