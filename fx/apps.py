"""Money, currencies, rates and prices."""

from django.apps import AppConfig


class FxConfig(AppConfig):
    name = "fx"
