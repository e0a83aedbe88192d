"""`manage.py create_staff`: let somebody in."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

from paymentprocessor.api.errors import Refusal
from users.acts import Actor
from users.services import create_staff

BY_COMMAND = "manage.py create_staff"


class Command(BaseCommand):
    help = "Make a login for staff and print a one-time password for it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", required=True, help="what they sign in with")
        parser.add_argument(
            "--role", required=True, nargs="+", action="extend", help="one or several"
        )
        parser.add_argument("--name", default="", help="what people call them")
        parser.add_argument("--email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        roles = Group.objects.order_by("name").values_list("name", flat=True)
        if unknown := sorted(set(options["role"]) - set(roles)):
            raise CommandError(
                f"There is no role {unknown[0]!r}. Choose from: {', '.join(roles)}."
            )
        try:
            user, password = create_staff(
                username=options["username"],
                roles=options["role"],
                name=options["name"],
                email=options["email"],
                actor=Actor(None, BY_COMMAND),
            )
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(
            f"{user.username} may sign in as {', '.join(sorted(options['role']))}. "
            f"One-time password, shown this once:\n{password}"
        )
