"""How a list of users can be narrowed."""

import django_filters
from django.db.models import QuerySet

from users.models import User


class _Exact(django_filters.CharFilter):  # type: ignore[misc]
    """The very text that was sent; an empty one is nobody's."""

    def filter(self, users: QuerySet[User], _: str | None) -> QuerySet[User]:
        # The form trims what it reads, and takes an empty text for none at all.
        text = self.parent.data.get(self.field_name)
        if text is None:
            return users
        return users.filter(**{self.field_name: text}) if text else users.none()


class UserFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Exact matches, each by an index."""

    external_id = _Exact()
    email = _Exact()

    class Meta:
        model = User
        fields = ["external_id", "email"]
