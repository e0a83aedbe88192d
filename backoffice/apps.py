"""The operations console."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class BackofficeConfig(AppConfig):
    name = "backoffice"
    default = True


class ConsoleAdminConfig(AdminConfig):
    """Django's admin, with our site for `admin.site`."""

    default_site = "backoffice.site.ConsoleSite"
