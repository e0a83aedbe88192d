"""Telling others what happened."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"
