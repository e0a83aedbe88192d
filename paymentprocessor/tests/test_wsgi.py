"""What reaches gunicorn and is not for the views to answer."""

import io

import pytest
from django.test import Client

from paymentprocessor.wsgi import application


# The application closes old connections before and after a request.
@pytest.mark.django_db
class TestApplication:
    @pytest.mark.parametrize(
        "content_type",
        ["application/json; charset*=nonsense''x", "a/b; x*=zzz''%ff; charset=utf-8"],
    )
    def test_answers_whatever_the_content_type_is(self, content_type: str) -> None:
        statuses = []
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/v1/nothing",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "CONTENT_TYPE": content_type,
            "wsgi.input": io.BytesIO(),
            "wsgi.url_scheme": "http",
        }

        answer = application(environ, lambda status, *_: statuses.append(status))
        answer.close()

        assert statuses == ["404 Not Found"]


class TestDocs:
    @pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT"])
    def test_are_there_to_be_read(self, method: str) -> None:
        client = Client(raise_request_exception=False)

        assert client.generic(method, "/docs").status_code == 405
        assert client.get("/docs").status_code == 200
