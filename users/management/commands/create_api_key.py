"""`manage.py create_api_key`: let a program in."""

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from users.errors import UserDeleted, UserNotFound
from users.models import User
from users.queries import find_user
from users.scopes import ALL_SCOPES
from users.services import create_api_key


class Command(BaseCommand):
    help = "Create an API key and print its secret, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument(
            "--scopes",
            required=True,
            help=f"separated by commas, of: {', '.join(sorted(ALL_SCOPES))}",
        )
        parser.add_argument(
            "--user", help="the id or external_id of the customer it acts for"
        )
        parser.add_argument("--days", type=int, help="how long it is valid")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["days"]
        if days is not None and days < 1:
            raise CommandError("A key is valid for one day at least.")
        try:
            key, token = create_api_key(
                name=options["name"],
                scopes=[scope.strip() for scope in options["scopes"].split(",")],
                owner=_owner(options["user"]) if options["user"] else None,
                expires_at=timezone.now() + timedelta(days=days) if days else None,
            )
        except ValueError as problem:
            raise CommandError(str(problem)) from problem

        if options["json"]:
            shown = {"id": str(key.id), "prefix": key.prefix, "api_key": token}
            self.stdout.write(json.dumps(shown))
        else:
            self.stdout.write(f"API key {key.name!r}, shown this once:\n{token}")


def _owner(name: str) -> User:
    try:
        user = User.objects.filter(external_id=name).first()
        return user or find_user(UUID(name))
    except (ValueError, UserNotFound, UserDeleted):
        raise CommandError(f"There is no user {name!r}.") from None
