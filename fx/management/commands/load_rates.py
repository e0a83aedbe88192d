"""`manage.py load_rates`: record what a provider says about rates."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import track

from fx import queries
from fx.providers import csv_file, ecb, manual
from fx.providers.observation import AbsurdFeed, Observation
from fx.services import (
    RatesNotFetched,
    Recorded,
    UnknownProvider,
    fetch_rates,
    load_file,
)


class Command(BaseCommand):
    help = (
        "Record what a provider says about rates, by default the European Central "
        "Bank. Without options that is the history since 1999 which is installed along "
        "with this program and ends at its release; --url fetches the rates of the "
        "day. Rates that are here already are skipped, so it can be run as often as "
        "one likes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--provider",
            default=ecb.NAME,
            metavar="NAME",
            help="ecb (the default), csv with --file, or the name of a feed",
        )
        source = parser.add_mutually_exclusive_group()
        source.add_argument(
            "--url",
            nargs="?",
            const=settings.ECB_URL,
            help=f"fetch the ECB's daily XML, by default from {settings.ECB_URL}",
        )
        source.add_argument(
            "--last-90-days",
            dest="url",
            action="store_const",
            const=ecb.LAST_90_DAYS_URL,
            help="fetch the ECB's XML of the last 90 days",
        )
        source.add_argument(
            "--file",
            type=Path,
            help="read from disk: the ECB's CSV, zipped CSV or XML; or, for csv, a "
            f"table whose first line is {','.join(csv_file.COLUMNS)}",
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="read the installed history even if all of it seems to be here",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        self.now = timezone.now()
        self.provider: str = options["provider"]
        try:
            self._load(options["url"], options["file"], options["force"])
        except (AbsurdFeed, RatesNotFetched, UnknownProvider, OSError) as error:
            raise CommandError(f"Nothing was recorded. {error}") from error
        self._warn_when_stale()

    def _load(self, url: str | None, file: Path | None, force: bool) -> None:
        if self.provider == manual.NAME:
            raise CommandError("Rates are given by hand at the console.")
        if self.provider == csv_file.NAME:
            if file is None:
                raise CommandError("Rates of csv come with --file.")
            table = io.BytesIO(file.read_bytes())
            self._record(csv_file.read(table, now=self.now))
        elif self.provider != ecb.NAME:
            if url or file:
                raise CommandError("A feed has its own address.")
            self._fetch("")
        elif url:
            self._fetch(url)
        elif file:
            today = ecb.publication_date(self.now)
            self._record(ecb.read_path(file, today=today))
        else:
            self._load_packaged_history(force)

    def _fetch(self, url: str) -> None:
        fetched = fetch_rates(self.provider, now=self.now, url=url)
        for error in fetched.errors:
            self.stderr.write(f"Refused: {error.what}")
        self._report(fetched.recorded)

    def _load_packaged_history(self, force: bool) -> None:
        path = ecb.packaged_history()
        contents = ecb.contents_of(path)
        if not force and queries.has_all(ecb.NAME, *contents):
            self.stdout.write(
                f"{ecb.NAME}: all {contents.rates:,} rates of "
                f"{contents.oldest_at:%Y-%m-%d} to {contents.newest_at:%Y-%m-%d} "
                "are here already; --force reads them again."
            )
            return
        today = ecb.publication_date(self.now)
        self._record(ecb.read_path(path, today=today), total=contents.rates)

    def _record(
        self, observations: Iterable[Observation], total: int | None = None
    ) -> None:
        console = Console(stderr=True)
        shown = track(
            observations,
            "Reading rates",
            total=total,
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._report(load_file(shown, provider=self.provider, now=self.now))

    def _report(self, recorded: Recorded) -> None:
        span = (
            f", {recorded.oldest_at:%Y-%m-%d} to {recorded.newest_at:%Y-%m-%d}"
            if recorded.oldest_at and recorded.newest_at
            else ""
        )
        self.stdout.write(
            f"{self.provider}: {recorded.read:,} rates read, "
            f"{recorded.new:,} new{span}."
        )
        if recorded.opened:
            self.stderr.write(
                f"{recorded.opened} rates are too far from the last accepted ones: "
                "their breakers are open until somebody closes them at the console."
            )

    def _warn_when_stale(self) -> None:
        age = queries.newest_rate_age(self.now)
        if age is not None and age > settings.FX_MAX_RATE_AGE:
            self.stderr.write(
                f"The newest rate is {age.days} days old. Conversions are refused "
                f"after {settings.FX_MAX_RATE_AGE.days} days (FX_MAX_RATE_AGE): fetch "
                "newer rates with --url."
            )
