"""The demo world: the same for the same seed, and complete after an interruption."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from backoffice import demo
from backoffice.management.commands.seed_demo import Command
from tests.domain import publish_rates
from transactions.models import Transaction
from users.models import ApiKey, User
from users.services.api_keys import digest

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_home(settings, tmp_path, monkeypatch):
    """Rates for every currency of the demo, and a folder of its own for its secrets."""
    settings.FX_MAX_RATE_AGE = timedelta(days=1)
    settings.LOCAL_DIR = tmp_path
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)
    publish_rates()
    publish_rates({"PLN": "4.25", "INR": "95", "BRL": "6.1", "CHF": "0.95"})


def seed(**options):
    call_command("seed_demo", **{"users": 4, "transactions": 30} | options)


def story():
    """What happened, without the ids that are new each time."""
    return sorted(
        Transaction.objects.values_list(
            "reference", "type", "description", "owner__name", "idempotency_key"
        ),
        key=str,
    )


class TestSeedDemo:
    def test_makes_customers_whose_money_moves_in_every_way(self):
        seed(transactions=60)

        kinds = Counter(Transaction.objects.values_list("type", flat=True))
        assert {"fund", "transfer", "conversion", "withdrawal"} <= set(kinds)
        names = User.objects.filter(external_id__in=["alice", "bob"])
        assert {user.name.split()[0] for user in names} == {"Alice", "Bob"}

    def test_again_adds_nothing(self):
        seed()
        before = story(), User.objects.count(), ApiKey.objects.count()

        seed()

        assert (story(), User.objects.count(), ApiKey.objects.count()) == before

    def test_goes_on_where_it_was_broken_off(self, monkeypatch):
        move = demo._move
        moves = []

        def break_off(*args):
            if len(moves) == 7:
                raise KeyboardInterrupt
            moves.append(args)
            return move(*args)

        monkeypatch.setattr(demo, "_move", break_off)
        with pytest.raises(KeyboardInterrupt):
            seed()
        partial = set(story())

        monkeypatch.setattr(demo, "_move", move)
        seed()

        whole = set(story())
        assert partial < whole
        seed()
        assert set(story()) == whole

    def test_of_more_transactions_keeps_those_there_were(self):
        seed(transactions=10)
        before = set(story())

        seed(transactions=20)

        assert before < set(story())

    def test_of_another_seed_is_another_world(self):
        seed()
        first = set(story())

        seed(seed=2)

        assert len(set(story()) - first) > 10

    def test_keeps_a_password_and_a_key_that_work(self, tmp_path):
        seed(transactions=0)

        password = (tmp_path / "admin_password").read_text().strip()
        token = (tmp_path / "demo_api_key").read_text().strip()
        assert User.objects.get(username="admin").check_password(password)
        assert ApiKey.objects.get(owner=None).digest == digest(token)
        for name in ("admin_password", "demo_api_key"):
            assert (tmp_path / name).stat().st_mode & 0o077 == 0

    def test_takes_the_password_of_the_environment(self, monkeypatch, tmp_path):
        seed(transactions=0)
        monkeypatch.setenv("ADMIN_PASSWORD", "my own choice")

        seed(transactions=0)

        assert User.objects.get(username="admin").check_password("my own choice")

    def test_takes_the_password_that_was_written_into_the_file(self, tmp_path):
        seed(transactions=0)
        (tmp_path / "admin_password").write_text("another one\n")

        seed(transactions=0)

        assert User.objects.get(username="admin").check_password("another one")

    def test_puts_back_the_password_that_was_changed(self, tmp_path):
        seed(transactions=0)
        admin = User.objects.get(username="admin")
        admin.set_password("forgotten")
        admin.save(update_fields=["password"])

        seed(transactions=0)

        password = (tmp_path / "admin_password").read_text().strip()
        assert User.objects.get(username="admin").check_password(password)

    def test_again_tries_no_password(self, monkeypatch):
        seed(transactions=0)
        tried = []
        monkeypatch.setattr(User, "check_password", lambda *args: tried.append(args))

        seed(transactions=0)

        assert tried == []

    def test_writes_nothing_down_of_a_password_of_the_environment(
        self, monkeypatch, tmp_path
    ):
        monkeypatch.setenv("ADMIN_PASSWORD", "my own choice")

        seed(transactions=0)

        assert list(tmp_path.glob("admin_password*")) == []

    def test_makes_a_new_key_when_the_old_one_was_revoked(self, tmp_path):
        seed(transactions=0)
        ApiKey.objects.update(revoked_at="2026-01-01T00:00:00Z")

        seed(transactions=0)

        token = (tmp_path / "demo_api_key").read_text().strip()
        assert ApiKey.objects.get(revoked_at=None).digest == digest(token)

    def test_takes_the_key_of_another_database(self, tmp_path):
        kept = "fxk_0123456789ab_made-for-another-database"
        (tmp_path / "demo_api_key").write_text(kept + "\n")

        seed(transactions=0)

        assert (tmp_path / "demo_api_key").read_text().strip() == kept
        assert ApiKey.objects.get(owner=None).digest == digest(kept)
        assert ApiKey.objects.get(owner=None).prefix == "0123456789ab"

    def test_says_that_the_rates_were_too_old(self, settings, capsys):
        settings.FX_MAX_RATE_AGE = timedelta(0)
        seed()
        told = capsys.readouterr().out
        assert re.search(r"Refused: .*[1-9][0-9]* rate_unavailable", told)
        assert "FX_MAX_RATE_AGE=3650d" in told

        settings.FX_MAX_RATE_AGE = timedelta(days=1)
        seed()

        assert Transaction.objects.filter(type="conversion").exists()
        assert "rate_unavailable" not in capsys.readouterr().out

    @pytest.mark.parametrize("options", [{"users": 1}, {"transactions": -1}])
    def test_refuses_worlds_that_cannot_be(self, options):
        with pytest.raises(CommandError):
            seed(**options)

    def test_is_not_for_production(self, settings):
        settings.DEVELOPMENT = False

        with pytest.raises(CommandError, match="DEVELOPMENT"):
            Command().execute(
                users=2,
                transactions=0,
                seed=1,
                force_color=False,
                no_color=True,
                skip_checks=True,
            )
