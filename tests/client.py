"""A client of the API, as a program of ours or a customer's would use it."""

import json
from typing import Any

from django.test import Client

from users.models import User
from users.scopes import EVERYTHING
from users.services import create_api_key


class ApiClient:
    """Speaks JSON with an API key; answers are Django's test responses."""

    def __init__(self, token: str | None) -> None:
        self.token = token
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **parameters: Any) -> Any:
        return self.client.get(path, parameters, headers=self._headers({}))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any) -> Any:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.client.delete(path, headers=self._headers({}))

    def send(self, method: str, path: str, body: Any, **headers: str) -> Any:
        """`idempotency_key="k"` is sent as `Idempotency-Key: k`."""
        raw = body if isinstance(body, str | bytes) else json.dumps(body or {})
        return self.client.generic(
            method,
            path,
            raw,
            content_type="application/json",
            headers=self._headers(headers),
        )

    def _headers(self, given: dict[str, str]) -> dict[str, str]:
        headers = {name.replace("_", "-"): value for name, value in given.items()}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers


def platform_client(scopes: tuple[str, ...] = (EVERYTHING,)) -> ApiClient:
    _, token = create_api_key(name="Platform", scopes=scopes)
    return ApiClient(token)


def customer_client(owner: User, scopes: tuple[str, ...] = (EVERYTHING,)) -> ApiClient:
    _, token = create_api_key(name="Customer", scopes=scopes, owner=owner)
    return ApiClient(token)


def refused(answer: Any, status: int, code: str, **members: Any) -> None:
    """The answer is that problem, which says so much."""
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert {name: problem[name] for name in members} == members


def invalid(answer: Any, pointer: str, code: str) -> None:
    """The answer points at that field and nothing else."""
    [error] = answer.json()["errors"]
    assert answer.status_code == 422
    assert (error["pointer"], error["code"]) == (pointer, code)
