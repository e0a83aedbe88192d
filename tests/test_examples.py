"""What the documentation of the API shows is what the API takes."""

from functools import cache

from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator

from paymentprocessor.api.fields import StrictSerializer


def requests(base=StrictSerializer):
    """Every kind of body that has an example of its own."""
    for kind in base.__subclasses__():
        if "example" in vars(kind):
            yield kind
        yield from requests(kind)


@cache
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


def bodies():
    """The schema of each operation's body, by the operation."""
    schemas = schema()["components"]["schemas"]
    for path, operations in schema()["paths"].items():
        for method, operation in operations.items():
            if body := operation.get("requestBody"):
                [content] = body["content"].values()
                name = content["schema"]["$ref"].rpartition("/")[2]
                yield (
                    f"{method.upper()} {path}",
                    schemas[name],
                )


class TestExamples:
    def test_are_shown_of_every_body(self):
        without = [operation for operation, body in bodies() if "examples" not in body]

        assert len(list(bodies())) > 15
        assert without == []

    def test_are_what_the_api_reads(self):
        # The views, and what they read, are imported along with the paths.
        assert get_resolver().url_patterns
        kinds = list(requests())

        assert len(kinds) > 15
        for kind in kinds:
            assert kind.read(kind.example), kind
