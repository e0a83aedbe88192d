"""The operations console."""

from allauth.account.apps import AccountConfig
from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class BackofficeConfig(AppConfig):
    name = "backoffice"
    default = True


class ConsoleAdminConfig(AdminConfig):
    """Django's admin, with our site for `admin.site`."""

    default_site = "backoffice.site.ConsoleSite"


class SigningInConfig(AccountConfig):
    """allauth's accounts, whose middleware stands around pages only.

    Their own `ready` insists on the middleware by its name, around everything.
    """

    def ready(self) -> None:
        # Registers the system checks.
        from allauth.account import checks  # noqa: F401
