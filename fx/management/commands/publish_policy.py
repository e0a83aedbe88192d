"""`manage.py publish_policy`: a new version of what we charge."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rest_framework.exceptions import ValidationError as InvalidDocument

from fx.policy_documents import PublishRequest
from fx.services import publish_policy
from paymentprocessor.api.errors import Refusal
from paymentprocessor.api.parsers import parse_object


class Command(BaseCommand):
    help = (
        "Publish a pricing policy: spreads, premiums of locks, bounds and fees, as a "
        "JSON document. It takes over at once, or at --effective-at."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("document", type=Path, help="the JSON file")
        parser.add_argument("--reason", required=True, help="why it changes")
        parser.add_argument("--effective-at", help="ISO 8601 with an offset")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            wanted = {
                "document": parse_object(options["document"].read_bytes()),
                "reason": options["reason"],
            }
            if options["effective_at"]:
                wanted["effective_at"] = options["effective_at"]
            policy = publish_policy(**PublishRequest.read(wanted))
        except OSError as error:
            raise CommandError(f"It cannot be read: {error}") from error
        except InvalidDocument as error:
            raise CommandError(json.dumps(error.detail, indent=2)) from error
        except Refusal as refusal:
            problems = refusal.members.get("errors", [])
            details = [f"{one['pointer']}: {one['detail']}" for one in problems]
            raise CommandError("\n".join([refusal.detail, *details])) from refusal
        self.stdout.write(
            f"Policy {policy.version} takes over at {policy.effective_at:%F %T} UTC."
        )
