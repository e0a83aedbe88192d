"""`manage.py load_rates`: record the reference rates of the ECB."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import track

from fx import ecb, queries
from fx.services import RatesNotFetched, Recorded, fetch_rates, record_rates


class Command(BaseCommand):
    help = (
        "Record the euro reference rates of the European Central Bank. Without options "
        "that is the history since 1999 which is installed along with this program and "
        "ends at its release; --url fetches the rates of the day. Rates that are here "
        "already are skipped, so it can be run as often as one likes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        source = parser.add_mutually_exclusive_group()
        source.add_argument(
            "--url",
            nargs="?",
            const=settings.ECB_URL,
            help=f"fetch the daily XML, by default from {settings.ECB_URL}",
        )
        source.add_argument(
            "--file", type=Path, help="read the ECB's CSV, zipped CSV or XML from disk"
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="read the installed history even if all of it seems to be here",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        self.now = timezone.now()
        self.today = ecb.publication_date(self.now)
        try:
            if options["url"]:
                self._load_url(options["url"])
            elif options["file"]:
                self._load_file(options["file"])
            else:
                self._load_packaged_history(options["force"])
        except (ecb.AbsurdFeed, RatesNotFetched, OSError) as error:
            raise CommandError(f"Nothing was recorded. {error}") from error
        self._warn_when_stale()

    def _load_url(self, url: str) -> None:
        self._report(fetch_rates(url, now=self.now))

    def _load_file(self, path: Path) -> None:
        self._report(self._record(ecb.read_path(path, today=self.today)))

    def _load_packaged_history(self, force: bool) -> None:
        path = ecb.packaged_history()
        contents = ecb.contents_of(path)
        if not force and queries.has_all(ecb.PROVIDER, *contents):
            self.stdout.write(
                f"{ecb.PROVIDER}: all {contents.rates:,} rates of "
                f"{contents.oldest_at:%Y-%m-%d} to {contents.newest_at:%Y-%m-%d} "
                "are here already; --force reads them again."
            )
            return
        observations = ecb.read_path(path, today=self.today)
        self._report(self._record(observations, total=contents.rates))

    def _record(
        self, observations: Iterable[ecb.Observation], total: int | None = None
    ) -> Recorded:
        console = Console(stderr=True)
        shown = track(
            observations,
            "Reading rates",
            total=total,
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        return record_rates(shown, provider=ecb.PROVIDER, now=self.now)

    def _report(self, recorded: Recorded) -> None:
        span = (
            f", {recorded.oldest_at:%Y-%m-%d} to {recorded.newest_at:%Y-%m-%d}"
            if recorded.oldest_at and recorded.newest_at
            else ""
        )
        self.stdout.write(
            f"{ecb.PROVIDER}: {recorded.read:,} rates read, {recorded.new:,} new{span}."
        )

    def _warn_when_stale(self) -> None:
        age = queries.newest_rate_age(self.now)
        if age is not None and age > settings.FX_MAX_RATE_AGE:
            self.stderr.write(
                f"The newest rate is {age.days} days old. Conversions are refused "
                f"after {settings.FX_MAX_RATE_AGE.days} days (FX_MAX_RATE_AGE): fetch "
                "newer rates with --url."
            )
