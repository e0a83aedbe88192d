"""What stands in paths, as in `<id:user_id>`."""

from django.urls.converters import StringConverter, UUIDConverter


class IdConverter(UUIDConverter):
    """A UUID in lower or upper case, as RFC 9562 has it; Django takes lower only."""

    regex = UUIDConverter.regex.replace("a-f", "a-fA-F")


class CurrencyConverter(StringConverter):
    """A currency's code; upper case, so that words like `balances` stay free."""

    regex = "[A-Z0-9]{3,12}"
