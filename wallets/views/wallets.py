"""`/v1/wallets`: what users hold, currency by currency."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from paymentprocessor.api.headers import etag
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from users import scopes
from users.permissions import Access, must_see
from wallets import queries, services
from wallets.serializers import (
    OpenUsersWalletRequest,
    OpenWalletRequest,
    WalletAnswer,
    WalletsAnswer,
    wallet_answer,
)


class WalletViewSet(ApiViewSet):
    """Wallets of one user."""

    access = {
        "list": Access(scopes.WALLETS_READ),
        "retrieve": Access(scopes.WALLETS_READ),
        "open": Access(scopes.WALLETS_WRITE),
        "open_for_user": Access(scopes.WALLETS_WRITE),
    }

    @extend_schema(responses=WalletsAnswer)
    def list(self, request: Request, user_id: UUID) -> Response:
        """List the user's wallets."""
        must_see(request, user_id)

        wallets = queries.wallets_of(user_id)

        return Response({"data": [wallet_answer(wallet) for wallet in wallets]})

    @extend_schema(responses=WalletAnswer)
    def retrieve(self, request: Request, user_id: UUID, currency: str) -> Response:
        """Read one wallet; its `ETag` is its version."""
        must_see(request, user_id)

        wallet = queries.find_wallet(user_id, currency)

        return Response(wallet_answer(wallet), headers={"ETag": etag(wallet.version)})

    @extend_schema(
        request=OpenWalletRequest, responses={201: WalletAnswer, 200: WalletAnswer}
    )
    def open(self, request: Request, user_id: UUID) -> Response:
        """Open a wallet in a currency; 200 if the user has one already."""
        order = OpenWalletRequest.read(request.data)

        return self._open(request, user_id=user_id, **order)

    @extend_schema(
        request=OpenUsersWalletRequest,
        responses={201: WalletAnswer, 200: WalletAnswer},
    )
    def open_for_user(self, request: Request) -> Response:
        """Open a wallet for the user named in the body."""
        order = OpenUsersWalletRequest.read(request.data)

        return self._open(request, **order)

    def _open(self, request: Request, *, user_id: UUID, currency: str) -> Response:
        must_see(request, user_id)

        wallet, opened = services.open_wallet(user_id, currency)

        headers: dict[str, Any] = {"ETag": etag(wallet.version)}
        status = 201 if opened else 200
        return Response(wallet_answer(wallet), status=status, headers=headers)
