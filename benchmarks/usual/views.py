"""Its four ways of moving money, one ORM call per row."""

from decimal import ROUND_DOWN, Decimal

from django.db import transaction as db_transaction
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.usual.models import (
    Conversion,
    Entry,
    Event,
    IdempotencyKey,
    Rate,
    Transaction,
    Wallet,
)
from benchmarks.usual.serializers import (
    AmountRequest,
    ConvertRequest,
    TransactionSerializer,
    TransferRequest,
)

CENT = Decimal("0.01")
AFTER_SPREAD = Decimal("0.995")


class MovementView(APIView):
    """What all four have around them: the key, the transaction, the event."""

    serializer_class = AmountRequest

    def post(self, request, user_id):
        order = self.serializer_class(data=request.data)
        order.is_valid(raise_exception=True)
        key = request.headers["Idempotency-Key"]
        used = IdempotencyKey.objects.filter(user=request.user, key=key).first()
        if used is not None:
            return Response(used.answer, status=201)
        with db_transaction.atomic():
            moved = self.move(user_id, **order.validated_data)
            Event.objects.create(
                type="transaction.posted", transaction=moved, data={"type": moved.type}
            )
            answer = TransactionSerializer(moved).data
            IdempotencyKey.objects.create(user=request.user, key=key, answer=answer)
        return Response(answer, status=201)


class FundView(MovementView):
    def move(self, user_id, currency, amount):
        [wallet] = lock((user_id, currency))
        moved = Transaction.objects.create(type="fund", owner_id=user_id)
        house(moved, "cash", "debit", amount, currency)
        credit(moved, wallet, amount)
        return moved


class WithdrawView(MovementView):
    def move(self, user_id, currency, amount):
        [wallet] = lock((user_id, currency))
        moved = Transaction.objects.create(type="withdrawal", owner_id=user_id)
        debit(moved, wallet, amount)
        house(moved, "cash", "credit", amount, currency)
        return moved


class TransferView(MovementView):
    serializer_class = TransferRequest

    def move(self, user_id, currency, amount, to_user_id):
        source, target = lock((user_id, currency), (to_user_id, currency))
        moved = Transaction.objects.create(type="transfer", owner_id=user_id)
        debit(moved, source, amount)
        credit(moved, target, amount)
        return moved


class ConvertView(MovementView):
    serializer_class = ConvertRequest

    def move(self, user_id, from_currency, to_currency, amount):
        source, target = lock((user_id, from_currency), (user_id, to_currency))
        mid = euro_in(to_currency) / euro_in(from_currency)
        at_mid = (amount * mid).quantize(CENT, ROUND_DOWN)
        bought = (at_mid * AFTER_SPREAD).quantize(CENT, ROUND_DOWN)
        moved = Transaction.objects.create(type="conversion", owner_id=user_id)
        Conversion.objects.create(
            transaction=moved,
            from_currency=from_currency,
            to_currency=to_currency,
            from_amount=amount,
            to_amount=bought,
            mid_rate=mid.quantize(Decimal("1e-12")),
            spread_amount=at_mid - bought,
        )
        debit(moved, source, amount)
        house(moved, "fx_position", "credit", amount, from_currency)
        house(moved, "fx_position", "debit", at_mid, to_currency)
        credit(moved, target, bought)
        house(moved, "fx_income", "credit", at_mid - bought, to_currency)
        return moved


def lock(*claims):
    """The wallets, locked in the order of their ids, in the order of the claims."""
    owners = {owner for owner, _ in claims}
    codes = {code for _, code in claims}
    wallets = Wallet.objects.filter(owner_id__in=owners, currency__in=codes)
    found = {
        (wallet.owner_id, wallet.currency): wallet
        for wallet in wallets.order_by("pk").select_for_update()
    }
    try:
        return [found[claim] for claim in claims]
    except KeyError:
        raise ValidationError("There is no such wallet.") from None


def euro_in(currency):
    return Rate.objects.filter(currency=currency).latest("as_of").mid


def debit(moved, wallet, amount):
    if wallet.balance < amount:
        raise ValidationError("Insufficient funds.")
    change(moved, wallet, "debit", amount, -amount)


def credit(moved, wallet, amount):
    change(moved, wallet, "credit", amount, amount)


def change(moved, wallet, side, amount, difference):
    wallet.balance += difference
    wallet.version += 1
    wallet.save()
    Entry.objects.create(
        transaction=moved,
        wallet=wallet,
        account="customer",
        side=side,
        amount=amount,
        currency=wallet.currency,
        balance_after=wallet.balance,
    )


def house(moved, account, side, amount, currency):
    Entry.objects.create(
        transaction=moved, account=account, side=side, amount=amount, currency=currency
    )
