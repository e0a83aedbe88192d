"""The operations console."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "backoffice"
