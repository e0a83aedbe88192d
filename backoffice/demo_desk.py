"""What else the demo's staff look after: a feed, a breaker, keys, and who has left.

Each is made once, and known by its name. None of it touches the other scenes' money.
"""

import io
from contextlib import suppress
from decimal import Decimal

from django.utils import timezone

from backoffice.demo_scenes import Stage
from fx.models import Feed, FeedError, Rate
from fx.providers import csv_file, manual
from fx.providers.observation import AbsurdFeed
from fx.services import add_feed, load_file, set_rate
from transactions.audit import audit
from transactions.models import LedgerAudit
from transactions.services import fold_totals, keep_audit, roll_up_days
from users.models import ApiKey, User
from users.services import create_api_key, revoke_api_key
from wallets.models import Status, Wallet
from wallets.services import close_wallet, create_user, delete_user, open_wallet

FEED = "example-bank"
# No bank publishes it, and nobody in the demo holds it: nobody misses the rate that
# the breaker withholds.
CURRENCY, USUAL, ABSURD = "KES", Decimal(150), Decimal(15)
# The bank that offers more than it asks for has made a mistake.
_FILE = "base,quote,bid,ask,as_of\nEUR,CHF,0.96,0.94,{:%Y-%m-%dT%H:%M:%SZ}\n"


def look_after(stage: Stage) -> None:
    """Make what is missing, and then what the worker does: folds, days, an audit."""
    for scene in (_feed, _mistaken_file, _breaker, _keys, _left, _closed):
        scene(stage)
    fold_totals()
    roll_up_days()
    if not LedgerAudit.objects.exists():
        keep_audit(audit())


def _feed(stage: Stage) -> None:
    if Feed.objects.filter(name=FEED).exists():
        return
    feed = Feed(
        name=FEED,
        enabled=False,
        url="https://rates.example.com/latest.json",
        list_path="rates",
        base_path="base",
        quote_path="quote",
        bid_path="bid",
        ask_path="ask",
        as_of_path="time",
    )
    add_feed(feed, actor=stage.actor)


def _mistaken_file(stage: Stage) -> None:
    if FeedError.objects.filter(provider=csv_file.NAME).exists():
        return
    now = timezone.now()
    table = io.BytesIO(_FILE.format(now).encode())
    with suppress(AbsurdFeed):
        load_file(
            csv_file.read(table, now=now),
            provider=csv_file.NAME,
            now=now,
            actor=stage.actor,
        )


def _breaker(stage: Stage) -> None:
    if Rate.objects.filter(provider=manual.NAME, quote=CURRENCY).exists():
        return
    for rate in (USUAL, ABSURD):
        set_rate(CURRENCY, rate, rate, actor=stage.actor, now=timezone.now())


def _keys(stage: Stage) -> None:
    if ApiKey.objects.filter(owner_id=stage.client).exists():
        return
    owner = User.objects.get(pk=stage.client)
    for name in ("Shop", "Old shop"):
        key, _ = create_api_key(
            name=name, scopes=["wallets:read"], owner=owner, actor=stage.actor
        )
    revoke_api_key(key, now=timezone.now(), actor=stage.actor)


def _left(stage: Stage) -> None:
    name = stage.key("left")
    if User.all_objects.filter(external_id=name).exists():
        return
    user = create_user(external_id=name, name="Emil Left", actor=stage.actor)
    delete_user(user.pk, now=timezone.now(), actor=stage.actor)


def _closed(stage: Stage) -> None:
    mine = Wallet.all_objects.filter(owner_id=stage.client, status=Status.CLOSED)
    if mine.exists():
        return
    wallet, _ = open_wallet(stage.client, "NOK", actor=stage.actor)
    close_wallet(wallet.pk, now=timezone.now(), actor=stage.actor)
