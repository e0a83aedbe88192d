"""What a customer holds in one currency, and the house's own accounts."""

from django.apps import AppConfig


class WalletsConfig(AppConfig):
    name = "wallets"
