"""The forms of people: customers, and the logins of staff."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, SetPasswordMixin
from django.core.exceptions import ValidationError

from users.models import User


class UserForm(forms.ModelForm):
    """Everything that can be said of a person who is there."""

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
            "user_permissions",
        ]

    def clean_external_id(self) -> str | None:
        return self._free("external_id")

    def clean_username(self) -> str | None:
        return self._free("username")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        rights = said.get("is_staff") or said.get("is_superuser")
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


class NewUserForm(SetPasswordMixin, UserForm):
    """A new customer, or, when a username is given, a new login for staff."""

    password1, password2 = SetPasswordMixin.create_password_fields()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].required = False
        self.fields["password2"].required = False

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if not said.get("username"):
            if said.get("password1"):
                self.add_error("password1", "Customers have no password.")
            return said
        if said.get("external_id"):
            self.add_error(
                "external_id", "A login is not a customer: leave this empty for one."
            )
        if not said.get("password1"):
            self.add_error("password1", "A login needs a password.")
        self.validate_passwords()
        self.validate_password_for_user(self.instance)
        return said


class PasswordForm(AdminPasswordChangeForm):
    """Django's form, which would save the whole row and so undo what others changed."""

    def save(self, commit: bool = True) -> User:
        user = super().save(commit=False)
        if commit:
            user.save(update_fields=["password"])
        return user
