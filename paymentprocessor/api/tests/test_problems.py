"""What a client is told about each kind of failure."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
import psycopg_pool
import pytest
from django.core import exceptions as django_exceptions
from django.db import (
    DataError,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)
from django.db.backends.utils import CursorWrapper
from django.http import Http404, UnreadablePostError
from django.test import Client
from django.urls import path
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from paymentprocessor.api.errors import (
    FieldError,
    NotFound,
    Refusal,
    Unavailable,
    ValidationError,
)
from paymentprocessor.api.problems import problem_of
from paymentprocessor.api.views import ApiView

SECRET = "host=10.0.0.7 user=postgres"


class InsufficientFunds(Refusal):
    code = "insufficient_funds"


class Raises(ApiView):
    """Raises whatever the test put into `cause`."""

    authentication_classes = []
    permission_classes = []
    cause: Callable[[], Exception]

    def get(self, request: Request) -> Response:
        raise type(self).cause()


class Item(serializers.Serializer[Any]):
    amount = serializers.IntegerField()


class Order(serializers.Serializer[Any]):
    items = Item(many=True)
    names = serializers.DictField(child=serializers.CharField(max_length=1))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        raise serializers.ValidationError("They do not fit together.", code="unfit")


urlpatterns = [path("v1/raises", Raises.as_view())]


@pytest.fixture
def answer_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], Any]:
    client = Client(raise_request_exception=False)

    def answer(cause: Exception) -> Any:
        monkeypatch.setattr(Raises, "cause", lambda: cause, raising=False)
        return client.get("/v1/raises")

    return answer


def failure_of(act: Callable[[CursorWrapper], None]) -> Exception:
    with (
        pytest.raises(Exception) as failure,  # noqa: PT011 - any that Django has
        transaction.atomic(durable=True),
        connection.cursor() as cursor,
    ):
        act(cursor)
    return failure.value


def hesitate(cursor: CursorWrapper) -> None:
    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '1ms'")
    time.sleep(0.1)
    cursor.execute("SELECT 1")


def go_on_after_an_error(cursor: CursorWrapper) -> None:
    with suppress(DataError):
        cursor.execute("SELECT 1 / 0")
    cursor.execute("SELECT 1")


def caused_by(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.urls(__name__)
class TestExceptionHandler:
    @pytest.mark.parametrize(
        ("cause", "status", "code"),
        [
            (NotFound("No such user."), 404, "not_found"),
            (InsufficientFunds("Not enough."), 422, "insufficient_funds"),
            (exceptions.ParseError(), 400, "malformed_request"),
            (exceptions.NotAuthenticated(), 401, "unauthenticated"),
            (exceptions.AuthenticationFailed(), 401, "unauthenticated"),
            (exceptions.PermissionDenied(), 403, "forbidden"),
            (exceptions.NotFound(), 404, "not_found"),
            (exceptions.UnsupportedMediaType("a/b"), 415, "unsupported_media_type"),
            (exceptions.Throttled(wait=7), 429, "rate_limited"),
            (Http404(), 404, "not_found"),
            (django_exceptions.PermissionDenied(), 403, "forbidden"),
            (django_exceptions.BadRequest(), 400, "malformed_request"),
            (django_exceptions.DisallowedHost(), 400, "malformed_request"),
            (django_exceptions.RequestDataTooBig(), 413, "body_too_large"),
            (UnreadablePostError(), 400, "malformed_request"),
            (OperationalError(SECRET), 503, "database_unavailable"),
            (InterfaceError(SECRET), 503, "database_unavailable"),
            (psycopg_pool.PoolTimeout(SECRET), 503, "database_unavailable"),
            (psycopg.InterfaceError(SECRET), 503, "database_unavailable"),
            (psycopg.errors.LockNotAvailable(SECRET), 409, "request_in_progress"),
            (
                caused_by(OperationalError(SECRET), psycopg.errors.LockNotAvailable()),
                409,
                "request_in_progress",
            ),
            (RuntimeError(SECRET), 500, "internal_error"),
        ],
        ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
    )
    def test_answers_a_problem(
        self,
        answer_to: Callable[[Exception], Any],
        cause: Exception,
        status: int,
        code: str,
    ) -> None:
        answer = answer_to(cause)

        problem = answer.json()
        assert answer["Content-Type"] == "application/problem+json"
        assert (answer.status_code, problem["status"]) == (status, status)
        assert problem["code"] == code
        assert problem["type"] == f"/docs/errors#{code}"
        assert problem["title"]
        assert problem["detail"]
        assert problem["instance"] == "/v1/raises"
        assert problem["request_id"] == answer["Request-Id"]
        assert SECRET not in answer.content.decode()

    @pytest.mark.django_db(transaction=True)
    def test_tells_last_words_from_a_defect_of_ours(
        self, answer_to: Callable[[Exception], Any]
    ) -> None:
        """Both are what PostgreSQL calls an invalid state of the transaction."""
        words = [failure_of(hesitate), failure_of(go_on_after_an_error)]

        answers = [answer_to(failure) for failure in words]

        assert [type(failure) for failure in words] == [InternalError] * 2
        assert [answer.status_code for answer in answers] == [503, 500]

    def test_adds_what_the_refusal_knows(
        self, answer_to: Callable[[Exception], Any]
    ) -> None:
        answer = answer_to(InsufficientFunds("Not enough.", available="1.00"))

        assert answer.json()["available"] == "1.00"
        assert answer.json()["detail"] == "Not enough."
        assert answer.json()["title"] == "Insufficient funds"

    @pytest.mark.parametrize(
        ("cause", "header", "value"),
        [
            (exceptions.NotAuthenticated(), "WWW-Authenticate", "Bearer"),
            (exceptions.Throttled(wait=7), "Retry-After", "7"),
            (Unavailable("Not now."), "Retry-After", "1"),
            (OperationalError(), "Retry-After", "1"),
        ],
    )
    def test_says_in_the_header_what_to_do(
        self,
        answer_to: Callable[[Exception], Any],
        cause: Exception,
        header: str,
        value: str,
    ) -> None:
        assert answer_to(cause)[header] == value

    @pytest.mark.parametrize("method", ["DELETE", "POST", "TRACE"])
    @pytest.mark.parametrize("path", ["/v1/raises", "/v1/raises?preview=true"])
    def test_names_the_methods_that_are_allowed(
        self, client: Client, path: str, method: str
    ) -> None:
        answer = client.generic(method, path)

        assert answer.status_code == 405
        assert answer.json()["code"] == "method_not_allowed"
        assert answer["Allow"] == "GET, HEAD, OPTIONS"

    def test_logs_a_fault_with_its_traceback(
        self,
        answer_to: Callable[[Exception], Any],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        answer_to(RuntimeError(SECRET))

        record = next(r for r in caplog.records if r.name.endswith("api.problems"))
        assert record.levelno == logging.ERROR
        assert record.exc_info is not None
        assert SECRET in str(record.exc_info[1])

    def test_answers_a_problem_while_debugging(
        self, answer_to: Callable[[Exception], Any], settings: Any
    ) -> None:
        settings.DEBUG = True

        answer = answer_to(RuntimeError(SECRET))

        assert answer.json()["code"] == "internal_error"
        assert SECRET not in answer.content.decode()

    def test_lets_the_tests_see_a_fault(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Raises, "cause", RuntimeError, raising=False)

        with pytest.raises(RuntimeError):
            client.get("/v1/raises")


def pointers(serializer: serializers.Serializer[Any]) -> dict[str, str]:
    with pytest.raises(exceptions.ValidationError) as error:
        serializer.is_valid(raise_exception=True)
    errors = problem_of(error.value).members["errors"]
    return {error["pointer"]: error["code"] for error in errors}


class TestProblemOf:
    def test_points_at_fields_at_any_depth(self) -> None:
        items = [{"amount": 1}, {"amount": "x"}, {}]
        order = Order(data={"items": items, "names": {"a/b~c.d": "long"}})

        assert pointers(order) == {
            "/items/1/amount": "invalid",
            "/items/2/amount": "required",
            "/names/a~1b~0c.d": "max_length",
        }

    def test_points_at_the_object_when_no_field_is_to_blame(self) -> None:
        assert pointers(Order(data={"items": [], "names": {}})) == {"": "unfit"}
        assert pointers(Order(data={"items": ["x"], "names": {}})) == {
            "/items/0": "invalid"
        }

    def test_writes_our_own_and_their_errors_alike(self) -> None:
        ours = problem_of(ValidationError(FieldError("Bad.", "/limit", "invalid")))
        theirs = problem_of(
            exceptions.ValidationError(
                {"limit": [exceptions.ErrorDetail("Bad.", code="invalid")]}
            )
        )

        assert ours == theirs
        assert ours.status == 422

    def test_says_nothing_about_what_was_not_found(self) -> None:
        assert "Wallet" not in problem_of(Http404("No Wallet matches")).detail
