"""`/v1/users` and `/v1/wallets`."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from wallets.views import UserViewSet, WalletViewSet


class CurrencyConverter(StringConverter):
    """A currency's code; upper case, so that words like `balances` stay free."""

    regex = "[A-Z0-9]{3,12}"


register_converter(CurrencyConverter, "currency")

urlpatterns = [
    path("users", UserViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "users/<id:user_id>",
        UserViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
    ),
    path("wallets", WalletViewSet.as_view({"post": "open_for_user"})),
    path(
        "wallets/<id:user_id>",
        WalletViewSet.as_view({"get": "list", "post": "open"}),
    ),
    path(
        "wallets/<id:user_id>/<currency:currency>",
        WalletViewSet.as_view({"get": "retrieve"}),
    ),
]
