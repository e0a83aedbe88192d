"""Wallets as the API takes and shows them."""

from typing import Any

from rest_framework import serializers

from fx.fields import CurrencyCodeField
from paymentprocessor.api.documentation import SOME_USER
from paymentprocessor.api.fields import StrictSerializer, StrictUUIDField
from wallets.models import Status, Wallet


class OpenWalletRequest(StrictSerializer):
    """The currency to hold from now on."""

    example = {"currency": "EUR"}

    currency = CurrencyCodeField()


class OpenUsersWalletRequest(OpenWalletRequest):
    """The same, where the path does not say whose wallet it is."""

    example = {"user_id": SOME_USER, "currency": "EUR"}

    user_id = StrictUUIDField()


class WalletAnswer(serializers.Serializer[Any]):
    """One wallet; `available` is `balance` less `held` plus `overdraft_limit`."""

    id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    currency = serializers.CharField()
    balance = serializers.CharField()
    held = serializers.CharField()
    available = serializers.CharField()
    overdraft_limit = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.ChoiceField(Status.choices)
    created_at = serializers.DateTimeField()


class WalletsAnswer(serializers.Serializer[Any]):
    """A user's wallets, by currency code."""

    data = WalletAnswer(many=True)


def wallet_answer(wallet: Wallet) -> dict[str, Any]:
    """A wallet, its amounts at its currency's scale (see `WalletAnswer`)."""
    return {
        "id": wallet.id,
        "user_id": wallet.owner_id,
        "currency": wallet.currency_id,
        "balance": wallet.money(wallet.balance).text,
        "held": wallet.money(wallet.held).text,
        "available": wallet.money(wallet.available).text,
        "overdraft_limit": wallet.money(wallet.overdraft_limit).text,
        "version": wallet.version,
        "status": wallet.status,
        "created_at": wallet.created_at,
    }
