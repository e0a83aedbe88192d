"""`/v1/users` and `/v1/wallets`."""

from django.urls import path

from wallets.views import UserViewSet, WalletViewSet

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
