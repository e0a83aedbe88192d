"""`manage.py seed_demo`: an admin, an API key, customers, and money that moves."""

import os
import secrets
from argparse import ArgumentParser
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.progress import track

from backoffice.demo import move_money, populate
from backoffice.demo_desk import look_after
from backoffice.demo_requests import ROLES, ask_and_decide, ensure_staff
from backoffice.demo_scenes import Stage, play
from fx.errors import RateUnavailable
from users.models import ApiKey, User
from users.scopes import EVERYTHING
from users.services import create_api_key
from users.services.api_keys import digest


class Command(BaseCommand):
    help = (
        "Fill the database with a demo world. The same seed makes the same world, and "
        "running it again adds only what is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--users", type=int, default=12)
        parser.add_argument("--transactions", type=int, default=150)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("Demo data is for development: set DEVELOPMENT=true.")
        if options["users"] < 2 or options["transactions"] < 0:
            raise CommandError("It takes at least two users, and no less than nothing.")
        password_from = ensure_admin(settings.LOCAL_DIR)
        ensure_api_key(settings.LOCAL_DIR)
        world = populate(options["seed"], options["users"])
        tally, refused = Counter[str](), Counter[str]()
        admin = User.objects.get(username="admin")
        stage = Stage.of(world.seed, world.customers, admin)
        for _, refusal in play(stage):
            refused[refusal] += bool(refusal)
        moves = move_money(world, options["transactions"], timezone.now())
        for kind, refusal in track(
            moves,
            description="Moving money",
            total=options["transactions"],
            disable=not self.stdout.isatty(),
        ):
            tally[kind] += 1
            refused[refusal] += bool(refusal)
        ensure_staff(admin)
        for _, refusal in ask_and_decide(stage):
            refused[refusal] += bool(refusal)
        look_after(stage)
        self.stdout.write(
            f"{len(world.customers)} customers; {_told(tally)} asked for."
        )
        if +refused:
            self.stdout.write(f"Refused: {_told(+refused)}.")
        if refused[RateUnavailable.code]:
            self.stdout.write(
                "The rates are older than FX_MAX_RATE_AGE. Run this again with "
                "FX_MAX_RATE_AGE=3650d, as `make run` does, for what was refused so."
            )
        self.stdout.write(f"Console login: admin, password in {password_from}.")
        names = ", ".join(f"demo-{role}" for role in ROLES)
        self.stdout.write(f"With the same password: {names}.")


def _told(tally: Counter[str]) -> str:
    return ", ".join(f"{n} {name}" for name, n in sorted(tally.items())) or "nothing"


def ensure_admin(local_dir: Path) -> str:
    """The user `admin`, with ADMIN_PASSWORD or one that is kept below `.local/`."""
    path = local_dir / "admin_password"
    password = os.environ.get("ADMIN_PASSWORD", "")
    if not password:
        password = _kept(path) or secrets.token_urlsafe(9)
        _keep(path, password)
    known = local_dir / "admin_password_known"
    admin = User.objects.filter(username="admin").first()
    if admin is None:
        admin = User.objects.create_superuser("admin", password, name="Demo admin")
    elif _kept(known) != _mark(admin, password) and not admin.check_password(password):
        admin.set_password(password)
        admin.save(update_fields=["password"])
    if not os.environ.get("ADMIN_PASSWORD"):
        # Of a password that is kept beside it anyway, never of somebody's own.
        _keep(known, _mark(admin, password))
    return "ADMIN_PASSWORD" if os.environ.get("ADMIN_PASSWORD") else str(path)


def _mark(admin: User, password: str) -> str:
    """What is written down once a password is known to be the admin's.

    To find that out takes half a second, by design, and so is done once.
    """
    return sha256(f"{admin.password} {password}".encode()).hexdigest()


def ensure_api_key(local_dir: Path) -> None:
    """A platform key that may do everything, kept below `.local/` for the demo.

    One key for all databases, so that a look at another one does not end the first's.
    """
    path = local_dir / "demo_api_key"
    token = _kept(path)
    known = ApiKey.objects.filter(digest=digest(token)).first()
    if known and known.revoked_at is None:
        return
    _, token = create_api_key(
        name="Demo", scopes=[EVERYTHING], token="" if known else token
    )
    _keep(path, token)


def _kept(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def _keep(path: Path, secret: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(secret + "\n")
