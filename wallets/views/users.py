"""`/v1/users`: who holds money here."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from paymentprocessor.api.documentation import PAGE_PARAMETERS
from paymentprocessor.api.pagination import decode_cursor, paginate, read_limit
from paymentprocessor.api.parameters import refuse_unknown_parameters
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from users import scopes
from users.filters import UserFilter
from users.models import User
from users.permissions import Access, must_see
from users.queries import find_user
from users.serializers import DeletedAnswer, UserAnswer, UserPage, UserRequest
from wallets import services


class UserViewSet(ApiViewSet):
    """Users. A customer's key sees its owner and nobody else."""

    access = {
        "list": Access(scopes.USERS_READ, platform_only=True),
        "create": Access(scopes.USERS_WRITE, platform_only=True),
        "retrieve": Access(scopes.USERS_READ),
        "partial_update": Access(scopes.USERS_WRITE, platform_only=True),
        "destroy": Access(scopes.USERS_WRITE, platform_only=True),
    }

    @extend_schema(request=UserRequest, responses={201: UserAnswer})
    def create(self, request: Request) -> Response:
        """Create a user, with a wallet in the default currency."""
        fields = UserRequest.read(request.data)

        user = services.create_user(**fields)

        return Response(UserAnswer(user).data, status=201)

    @extend_schema(
        parameters=[
            *PAGE_PARAMETERS,
            OpenApiParameter("external_id", str),
            OpenApiParameter("email", str),
        ],
        responses=UserPage,
    )
    def list(self, request: Request) -> Response:
        """List users, the newest first."""
        parameters = request.query_params
        allowed = {"limit", "cursor", *UserFilter.base_filters}
        refuse_unknown_parameters(parameters, allowed)
        limit = read_limit(parameters)
        users = UserFilter(parameters, User.objects.order_by("-id")).qs
        if "cursor" in parameters:
            [before] = decode_cursor(parameters["cursor"], UUID)
            users = users.filter(id__lt=before)

        page = paginate(list(users[: limit + 1]), limit, lambda user: [str(user.id)])

        return Response(page.answer(lambda user: UserAnswer(user).data))

    @extend_schema(responses=UserAnswer)
    def retrieve(self, request: Request, user_id: UUID) -> Response:
        """Read one user."""
        must_see(request, user_id)

        user = find_user(user_id)

        return Response(UserAnswer(user).data)

    @extend_schema(request=UserRequest, responses=UserAnswer)
    def partial_update(self, request: Request, user_id: UUID) -> Response:
        """Change some fields of a user; what is not named stays."""
        changes = UserRequest.read(request.data)

        user = services.update_user(user_id, changes)

        return Response(UserAnswer(user).data)

    @extend_schema(responses={200: DeletedAnswer})
    def destroy(self, _request: Request, user_id: UUID) -> Response:
        """Delete a user: hidden from now on, and what they own stays owed to them."""
        services.delete_user(user_id, now=timezone.now())

        return Response({"status": "OK", "detail": "User deleted"})
