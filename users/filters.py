"""How a list of users can be narrowed."""

import django_filters

from users.models import User


class UserFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Exact matches, each by an index."""

    class Meta:
        model = User
        fields = ["external_id", "email"]
