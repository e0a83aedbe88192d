"""A JSON feed: read from wherever its rates are, believed only where it can be."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from fx.providers import http_json
from fx.providers.http_json import HttpJson
from fx.providers.observation import AbsurdFeed, Observation

NOW = datetime(2026, 10, 30, 15, 5, tzinfo=UTC)
FRIDAY = datetime(2026, 10, 30, 15, tzinfo=UTC)

# As the public services of the kind answer: an object by currency, and one time.
BY_CURRENCY = {"base": "EUR", "timestamp": 1793372400, "rates": {"USD": 1.1, "MXN": 20}}
READS_BY_CURRENCY = HttpJson(
    "https://rates.example",
    as_of_path="$.timestamp",
    list_path="rates",
    base_path="$.base",
)

# As a bank's desk answers: a list, two sides, a time for each.
QUOTES = {
    "data": {
        "quotes": [
            {
                "ccy": {"from": "EUR", "to": "USD"},
                "bid": "1.0999",
                "offer": "1.1001",
                "at": "2026-10-30T16:00:00+01:00",
            }
        ]
    }
}
READS_QUOTES = HttpJson(
    "https://desk.example",
    as_of_path="at",
    list_path="data.quotes",
    base_path="ccy.from",
    quote_path="ccy.to",
    bid_path="bid",
    ask_path="offer",
)


def fetched(feed, body, monkeypatch):
    """What the feed makes of such an answer."""
    answer = body if isinstance(body, bytes) else json.dumps(body).encode()
    monkeypatch.setattr(http_json, "download", lambda *_args, **_words: answer)
    return feed.fetch(now=NOW)


def one(**differences):
    """An answer of the desk with one quote, different in something."""
    quote = QUOTES["data"]["quotes"][0] | differences
    return {"data": {"quotes": [quote]}}


class TestFetch:
    def test_reads_rates_by_currency(self, monkeypatch):
        heard = fetched(READS_BY_CURRENCY, BY_CURRENCY, monkeypatch)

        dollar, peso = Decimal("1.1"), Decimal(20)
        assert heard.refused == []
        assert heard.observations == [
            Observation("EUR", "USD", dollar, dollar, FRIDAY),
            Observation("EUR", "MXN", peso, peso, FRIDAY),
        ]

    def test_reads_a_list_of_two_sided_quotes(self, monkeypatch):
        heard = fetched(READS_QUOTES, QUOTES, monkeypatch)

        assert heard.observations == [
            Observation("EUR", "USD", Decimal("1.0999"), Decimal("1.1001"), FRIDAY)
        ]

    def test_takes_a_binary_float_at_the_decimals_of_a_rate(self, monkeypatch):
        body = json.dumps(BY_CURRENCY).replace("1.1,", "1.0850000000000002,").encode()

        heard = fetched(READS_BY_CURRENCY, body, monkeypatch)

        assert heard.observations[0].bid == Decimal("1.085")

    @pytest.mark.parametrize(
        ("differences", "what"),
        [
            ({"bid": "0"}, "not above zero"),
            ({"bid": 0}, "not a rate"),
            ({"bid": "-1.1"}, "plain digits"),
            ({"bid": -1.1}, "not a rate"),
            ({"bid": "NaN"}, "plain digits"),
            ({"bid": True}, "not a rate"),
            ({"bid": None}, "not a rate"),
            ({"bid": [1.1]}, "not a rate"),
            ({"bid": 10**400}, "not a rate"),
            ({"bid": 1e-300}, "not above zero"),
            ({"bid": "1.2"}, "above the ask"),
            ({"offer": "10.999"}, "too wide"),
            ({"at": "2026-10-30T16:07:00+01:00"}, "in the future"),
            ({"at": "1998-12-31T00:00:00Z"}, "no euro"),
            ({"at": "2026-10-30"}, "offset"),
            ({"at": "9999-12-31T23:59:59-12:00"}, "calendars"),
            ({"at": "just now"}, "not an instant"),
            ({"at": 10**15}, "since 1970"),
            ({"at": True}, "not a text"),
            ({"ccy": {"from": "USD", "to": "MXN"}}, "rates are kept of the euro"),
            ({"ccy": {"from": "EUR", "to": "EUR"}}, "not a currency"),
            ({"ccy": {"from": "EUR", "to": "usd"}}, "not a currency"),
            ({"ccy": {"from": "EUR"}}, "nothing at 'ccy.to'"),
            ({"ccy": "EURUSD"}, "nothing at 'ccy.from'"),
        ],
    )
    def test_refuses_one_absurd_rate_and_says_which(
        self, differences, what, monkeypatch
    ):
        heard = fetched(READS_QUOTES, one(**differences), monkeypatch)

        assert heard.observations == []
        assert what in heard.refused[0].what
        assert heard.refused[0].excerpt.startswith("{")

    def test_takes_the_others(self, monkeypatch):
        body = BY_CURRENCY | {"rates": {"USD": 1.1, "MXN": -20, "JPY": 170}}

        heard = fetched(READS_BY_CURRENCY, body, monkeypatch)

        assert [seen.quote for seen in heard.observations] == ["USD", "JPY"]
        assert [refused.excerpt for refused in heard.refused] == ["MXN -20"]

    def test_takes_the_first_of_two_of_a_pair(self, monkeypatch):
        quotes = [*QUOTES["data"]["quotes"], *one(bid="1.09")["data"]["quotes"]]

        heard = fetched(READS_QUOTES, {"data": {"quotes": quotes}}, monkeypatch)

        assert [seen.bid for seen in heard.observations] == [Decimal("1.0999")]
        assert "twice" in heard.refused[0].what

    def test_allows_for_a_clock_that_is_a_little_ahead(self, monkeypatch):
        soon = (NOW + timedelta(seconds=59)).isoformat()

        assert fetched(READS_QUOTES, one(at=soon), monkeypatch).observations

    @pytest.mark.parametrize(
        ("body", "what"),
        [
            (b"<!doctype html><html>Please log in</html>", "not JSON"),
            (b"", "nothing at 'data.quotes'"),
            (b"[1, 2]", "JSON object"),
            (b'{"data": 1, "data": 2}', "occurs twice"),
            (b'{"data": NaN}', "NaN"),
            (b'{"data": "\xff"}', "UTF-8"),
            (b"[" * 100_000, "deep"),
            ({"data": {}}, "nothing at"),
            ({"data": {"quotes": "none"}}, "neither a list nor an object"),
            ({"data": {"quotes": []}}, "0 rates"),
            ({"data": {"quotes": [1] * 1001}}, "1,001 rates"),
        ],
    )
    def test_refuses_an_answer_that_is_none(self, body, what, monkeypatch):
        with pytest.raises(AbsurdFeed, match=what) as caught:
            fetched(READS_QUOTES, body, monkeypatch)

        assert body == b"" or caught.value.excerpt
