"""Hear several providers: what they are, what went wrong, what was decided.

A rate that was corrected back to its first value is a row of its own from now on: the
old unique index, which had no `fetched_at`, took it for one that was here already.
"""

import django.core.validators
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fx", "0004_prices_and_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        max_length=32,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_-]{1,31}\\Z", "Small letters and digits."
                            )
                        ],
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                (
                    "url",
                    models.CharField(
                        max_length=500,
                        validators=[
                            django.core.validators.URLValidator(["https", "http"])
                        ],
                        verbose_name="URL",
                    ),
                ),
                (
                    "list_path",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*\\Z",
                                "Names with a dot between each two.",
                            )
                        ],
                    ),
                ),
                (
                    "base_path",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*\\Z",
                                "Names with a dot between each two.",
                            )
                        ],
                    ),
                ),
                (
                    "quote_path",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*\\Z",
                                "Names with a dot between each two.",
                            )
                        ],
                    ),
                ),
                (
                    "bid_path",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*\\Z",
                                "Names with a dot between each two.",
                            )
                        ],
                    ),
                ),
                (
                    "ask_path",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*\\Z",
                                "Names with a dot between each two.",
                            )
                        ],
                    ),
                ),
                (
                    "as_of_path",
                    models.CharField(
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^.\\s]+(\\.[^.\\s]+)*\\Z",
                                "Names with a dot between each two.",
                            )
                        ],
                    ),
                ),
                (
                    "header_name",
                    models.CharField(
                        blank=True,
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z0-9-]+\\Z", "Letters, digits and hyphens."
                            )
                        ],
                    ),
                ),
                (
                    "header_variable",
                    models.CharField(
                        blank=True,
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^FX_FEED_[A-Z0-9_]+\\Z", "It begins with FX_FEED_."
                            )
                        ],
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="FeedError",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("provider", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
                ("what", models.TextField()),
                ("excerpt", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("base", models.CharField(max_length=12)),
                ("quote", models.CharField(max_length=12)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accepted", "Accepted"),
                            ("opened", "Opened"),
                            ("closed", "Closed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("bid", models.DecimalField(decimal_places=13, max_digits=25)),
                ("ask", models.DecimalField(decimal_places=13, max_digits=25)),
                ("reason", models.TextField(blank=True)),
                ("staff_id", models.UUIDField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-at", "base", "quote"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="rate",
            name="fx_rate_observed_once",
        ),
        migrations.RemoveIndex(
            model_name="rate",
            name="fx_rate_latest_of_pair",
        ),
        migrations.AddField(
            model_name="rate",
            name="reason",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="rate",
            name="staff_id",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="rate",
            index=models.Index(
                models.F("base"),
                models.F("quote"),
                models.F("provider"),
                models.OrderBy(models.F("as_of"), descending=True),
                models.OrderBy(models.F("fetched_at"), descending=True),
                name="fx_rate_latest_of_provider",
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.UniqueConstraint(
                fields=("as_of", "provider", "base", "quote", "fetched_at"),
                name="fx_rate_one_word_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="feed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("name__in", ["csv", "ecb", "manual"]), _negated=True
                ),
                name="fx_feed_name_is_its_own",
            ),
        ),
        migrations.AddConstraint(
            model_name="feed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("header_variable", ""),
                    ("header_variable__startswith", "FX_FEED_"),
                    _connector="OR",
                ),
                name="fx_feed_sends_no_secret_of_ours",
            ),
        ),
        migrations.AddConstraint(
            model_name="feed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("header_name", ""), ("header_variable", "")),
                    models.Q(
                        models.Q(("header_name", ""), _negated=True),
                        models.Q(("header_variable", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="fx_feed_header_has_name_and_value",
            ),
        ),
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(fields=["-at"], name="fx_verdict_newest"),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.UniqueConstraint(
                fields=("base", "quote", "at"), name="fx_verdict_one_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(("ask__gte", models.F("bid")), ("bid__gt", 0)),
                name="fx_verdict_bid_below_ask",
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "closed"), _negated=True),
                    models.Q(
                        ("staff_id__isnull", False),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="fx_verdict_closed_by_staff_for_a_reason",
            ),
        ),
    ]
