"""The cast: Alice and Bob are customers, Carol works in support, Dan approves.

Sam may do all.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from backoffice import services
from backoffice.models import ApprovalRequest
from backoffice.services import request_approval
from fx.providers.observation import Observation
from fx.services import record_rates
from transactions.models import Transaction
from transactions.postings import Instruction
from transactions.services import convert, fund, transfer
from users.acts import Actor
from users.models import User
from wallets.services import create_user


@pytest.fixture
def alice(db) -> User:
    return create_user(external_id="alice", name="Alice", email="alice@example.com")


@pytest.fixture
def bob(db) -> User:
    return create_user(external_id="bob", name="Bob", email="bob@example.com")


@pytest.fixture
def sam(db) -> User:
    return User.objects.create_superuser("sam", "a long passphrase", name="Sam")


@pytest.fixture
def carol(db) -> User:
    return User.objects.create_user("carol", "another passphrase", is_staff=True)


@pytest.fixture
def dan(db) -> User:
    return staff_in("approver", "dan")


@pytest.fixture
def console(sam) -> Client:
    """Sam at the console."""
    return signed_in(sam)


@pytest.fixture
def rates(db) -> None:
    """A euro is 1.08 dollars and 20 pesos, since an hour ago."""
    at = timezone.now() - timedelta(hours=1)
    record_rates(
        [
            Observation("EUR", "USD", Decimal("1.08"), Decimal("1.08"), at),
            Observation("EUR", "MXN", Decimal(20), Decimal(20), at),
        ],
        provider="ecb",
        now=datetime.now(UTC),
    )


@pytest.fixture
def seeded(alice, bob, rates) -> list[Transaction]:
    """Alice is funded, pays Bob, and converts."""
    posted = [
        fund(Instruction(), alice.id, "USD", Decimal("1000.00")),
        transfer(Instruction(), alice.id, "USD", Decimal("5.00"), bob.id),
        convert(
            Instruction(), alice.id, "USD", "MXN", Decimal("100.00"), now=timezone.now()
        ),
    ]
    return [one.transaction for one in posted]


class StaffClient(Client):
    """Somebody at the console, who gives a reason for everything they do."""

    def post(self, path, data=None, **extra):
        if not extra.get("content_type"):
            data = {"reason": "the customer asked"} | (data or {})
        return super().post(path, data, **extra)


def signed_in(staff: User) -> Client:
    client = StaffClient()
    client.force_login(staff)
    return client


def staff_in(role: str, username: str = "") -> User:
    """Somebody who has that role and no other."""
    name = username or role
    staff = User.objects.create_user(name, "a passphrase", is_staff=True)
    staff.groups.add(Group.objects.get(name=role))
    return staff


def also_staff(customer: User, role: str) -> User:
    """A customer who works for us, too."""
    customer.username, customer.is_staff = f"{role}-too", True
    customer.save(update_fields=["username", "is_staff"])
    customer.groups.add(Group.objects.get(name=role))
    return customer


def in_role(role: str) -> Client:
    """Somebody of that role at the console."""
    return signed_in(staff_in(role))


def allow(staff: User, *codenames: str) -> None:
    staff.user_permissions.add(*Permission.objects.filter(codename__in=codenames))


def act(client: Client, model: str, action: str, *rows, **more) -> str:
    """Tick the rows, run the action, and read the page that follows."""
    page, _, query = model.partition("?")
    answer = client.post(
        f"/admin/{page}/?{query}",
        {"action": action, "_selected_action": [row.pk for row in rows], **more},
        follow=True,
    )
    assert answer.status_code == 200
    return answer.content.decode()


def asked_for(customer: User, maker: User, amount="5.00", **payload):
    """An adjustment of the customer's dollars that somebody wants."""
    said = {
        "user_id": str(customer.pk),
        "currency": "USD",
        "amount": amount,
        "side": "credit",
    }
    return requested("adjustment", said | payload, maker, customer_id=customer.pk)


def requested(kind, payload, maker: User, *, customer_id=None, now=None):
    """What somebody wants done, because the fee was wrong."""
    return request_approval(
        kind,
        payload,
        customer_id=customer_id,
        actor=Actor(maker.pk, "the fee was wrong"),
        now=now or timezone.now(),
    )


def approved(asked: ApprovalRequest, checker: User, **changes) -> ApprovalRequest:
    """Agree to it as it is, and carry it out."""
    seen = changes.pop("seen", bytes(asked.digest))
    now = changes.pop("now", timezone.now())
    actor = Actor(checker.pk, "looks right")
    services.approve(asked.pk, seen, actor=actor, now=now)
    return services.carry_out_approved(asked.pk, actor=actor, now=now)


def agreed() -> ApprovalRequest:
    """Dan approves the one request that waits."""
    dan = User.objects.filter(username="dan").first() or staff_in("approver", "dan")
    return approved(ApprovalRequest.objects.get(decision="pending"), dan)
