"""Who people are and what they may do."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"
