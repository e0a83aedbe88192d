"""Staff add a feed, change where it is and how it is read, or switch it off."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction as db_transaction

from fx.models import Feed
from users.acts import Actor, record_act


def add_feed(feed: Feed, *, actor: Actor) -> None:
    """Write down a new feed, whose name is for ever."""
    with db_transaction.atomic(durable=True):
        feed.save(force_insert=True)
        after = {"name": feed.name, "url": feed.url, "enabled": feed.enabled}
        record_act(actor, "feed.added", feed, after=after)


def change_feed(feed_id: UUID, changes: Mapping[str, Any], *, actor: Actor) -> None:
    """Change the feed from its next fetch on; what it said stays."""
    with db_transaction.atomic(durable=True):
        feed = Feed.objects.select_for_update(no_key=True).get(pk=feed_id)
        before = {field: getattr(feed, field) for field in changes}
        for field, value in changes.items():
            setattr(feed, field, value)
        if changes:
            feed.save(update_fields=list(changes))
            record_act(actor, "feed.changed", feed, before=before, after=changes)
