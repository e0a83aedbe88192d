"""Every setting, read from the environment once; `.env.example` lists them all.

Two profiles. With `DEVELOPMENT=true` (what `make run` and the tests use) nothing needs
to be set: the database is the embedded one below `.local/`, and a secret key is made
there. Without it, which is the default, a setting that protects money or people has
no default at all, and the process refuses to start until it is given.
"""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env

from paymentprocessor import console, devdb, failpoints, openapi
from paymentprocessor.logs import log_to_stderr

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = BASE_DIR / ".local"

env = Env()
env.read_env(BASE_DIR / ".env", recurse=False)

DEVELOPMENT = env.bool("DEVELOPMENT", False)
DEBUG = env.bool("DEBUG", False)
failpoints.arm(env.list("FAIL_AT", []), allowed=DEVELOPMENT)
# What the console calls this installation; anything but `production` shows a banner.
ENVIRONMENT_NAME = env.str(
    "ENVIRONMENT_NAME", "development" if DEVELOPMENT else "production"
)

if not (DEVELOPMENT or env.str("SECRET_KEY", "")):
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. On a machine of your own set DEVELOPMENT=true, which "
        "needs nothing else; for production see .env.example."
    )
SECRET_KEY = env.str("SECRET_KEY", "") or devdb.local_secret(LOCAL_DIR)
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"] if DEVELOPMENT else []
)
if ALLOWED_HOSTS:
    # The health check of a container asks by this address.
    ALLOWED_HOSTS.append("127.0.0.1")
CSRF_FAILURE_VIEW = "paymentprocessor.api.handlers.csrf_failure"
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

# --- What the product does -------------------------------------------------------

DEFAULT_CURRENCY = env.str("DEFAULT_CURRENCY", "USD")
# In which amounts of several currencies are reckoned together.
REPORTING_CURRENCY = env.str("REPORTING_CURRENCY", "USD")
# The ECB publishes on TARGET working days, so the longest gap is Easter: from Thursday
# five days until Tuesday afternoon, and some hours for the new rate to come. Older are
# those that are installed along, good enough to try things out.
FX_MAX_RATE_AGE = env.timedelta(
    "FX_MAX_RATE_AGE",
    timedelta(days=36_500) if DEVELOPMENT else timedelta(days=5, hours=6),
)
# The rates of the day, which the periodic worker and `load_rates --url` fetch.
ECB_URL = env.str(
    "ECB_URL", "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"
)
# A live feed that says nothing new for so long is not believed any more.
FX_MAX_FEED_AGE = env.timedelta("FX_MAX_FEED_AGE", timedelta(minutes=15))
# How far a provider may be from the median of all, and a rate from the one before it:
# beyond the first a provider does not count, beyond the second the breaker opens.
FX_MAX_DEVIATION_BPS = env.decimal("FX_MAX_DEVIATION_BPS", Decimal(200))
FX_MAX_MOVE_BPS = env.decimal("FX_MAX_MOVE_BPS", Decimal(2000))
_FEED_BPS = (FX_MAX_DEVIATION_BPS, FX_MAX_MOVE_BPS)
if not all(0 < bps < Decimal("Infinity") for bps in _FEED_BPS):
    raise ImproperlyConfigured("FX_MAX_DEVIATION_BPS, FX_MAX_MOVE_BPS must exceed 0.")
# How long a conversion may be reversed at its own rate.
FX_REVERSAL_WINDOW = env.timedelta("FX_REVERSAL_WINDOW", timedelta(minutes=30))
# How long a hold lasts unless the client says, and at most.
HOLD_DAYS, MAX_HOLD_DAYS = env.int("HOLD_DAYS", 7), env.int("MAX_HOLD_DAYS", 30)
if not 0 < HOLD_DAYS <= MAX_HOLD_DAYS:
    raise ImproperlyConfigured("HOLD_DAYS must be from 1 to MAX_HOLD_DAYS.")
MAX_OPEN_QUOTES = env.int("MAX_OPEN_QUOTES", 20)  # of one customer at a time
IDEMPOTENCY_KEY_DAYS = env.int("IDEMPOTENCY_KEY_DAYS", 30)
API_RATE_LIMIT = env.str("API_RATE_LIMIT", "6000/minute")
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# --- Django ----------------------------------------------------------------------

INSTALLED_APPS = [
    "worker",
    "backoffice.apps.BackofficeConfig",
    "transactions",
    "wallets",
    "fx",
    "webhooks",
    "users",
    "paymentprocessor",
    "unfold.apps.BasicAppConfig",
    "backoffice.apps.ConsoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    # For indexes of how words begin.
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "paymentprocessor.api.middleware.RequestIdMiddleware",
    "paymentprocessor.api.metrics.MetricsMiddleware",
    "paymentprocessor.api.handlers.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # What is below it is for pages: the API is answered here.
    "paymentprocessor.api_door.ApiDoorMiddleware",
    "paymentprocessor.content_policy.ContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "backoffice.middleware.ConsoleDoorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "paymentprocessor.urls"
WSGI_APPLICATION = "paymentprocessor.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Database --------------------------------------------------------------------

WEB_THREADS = env.int("WEB_THREADS", 8)
# How long a request waits for a row that another one holds before it is told to
# come again. Set when the connection opens, so that it costs no round trip.
LOCK_TIMEOUT_MS = env.int("LOCK_TIMEOUT_MS", 2000)
STATEMENT_TIMEOUT_MS = env.int("STATEMENT_TIMEOUT_MS", 30_000)

DATABASES = {
    "default": (
        env.dj_db_url("DATABASE_URL", devdb.url(LOCAL_DIR))
        if DEVELOPMENT
        else env.dj_db_url("DATABASE_URL")
    )
}
DATABASES["default"] |= {"CONN_MAX_AGE": 0, "ATOMIC_REQUESTS": False}
_OPTIONS = DATABASES["default"].setdefault("OPTIONS", {})
_OPTIONS |= {
    "application_name": "paymentprocessor",
    "connect_timeout": 5,
    # A database that is gone without a word is given up when a statement would be.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "tcp_user_timeout": STATEMENT_TIMEOUT_MS,
    "options": (
        f"-c lock_timeout={LOCK_TIMEOUT_MS} "
        f"-c statement_timeout={STATEMENT_TIMEOUT_MS} "
        "-c idle_in_transaction_session_timeout=60000 "
        # What is prepared looks rows up by keys: by the same plan, whichever they are.
        "-c plan_cache_mode=force_generic_plan"
    ),
}
if env.bool("DATABASE_POOL", False):
    _OPTIONS["pool"] = {"min_size": 1, "max_size": WEB_THREADS + 2, "timeout": 5}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "users.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- The periodic worker ---------------------------------------------------------

# When which job runs, in the five fields of cron, by UTC; empty is never.
WORKER_SCHEDULE = {
    "fetch_rates": env.str("WHEN_TO_FETCH_RATES", "5 * * * *"),
    "fetch_feeds": env.str("WHEN_TO_FETCH_FEEDS", "* * * * *"),
    "fold_totals": env.str("WHEN_TO_FOLD_TOTALS", "*/5 * * * *"),
    "book_positions": env.str("WHEN_TO_BOOK_POSITIONS", "*/5 * * * *"),
    "expire_quotes": env.str("WHEN_TO_EXPIRE_QUOTES", "* * * * *"),
    "expire_holds": env.str("WHEN_TO_EXPIRE_HOLDS", "* * * * *"),
    "prune_keys": env.str("WHEN_TO_PRUNE_KEYS", "20 3 * * *"),
    "prune_limit_uses": "40 3 * * *",
    "prune_jobs": "50 3 * * *",
}
WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", 2)
# A worker that was silent for so long is dead, and its job somebody else's.
WORKER_STALLED_AFTER_S = env.int("WORKER_STALLED_AFTER_S", 30)
# A worker that starts makes up for what was due while none ran, up to a week ago.
PROCRASTINATE_PERIODIC_DEFAULTS = {"max_delay": timedelta(days=7).total_seconds()}

# --- API -------------------------------------------------------------------------

APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["users.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["users.permissions.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["paymentprocessor.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": (
        "paymentprocessor.api.negotiation.AlwaysJSON"
    ),
    "DEFAULT_THROTTLE_CLASSES": ["paymentprocessor.api.throttling.KeyRateThrottle"],
    "DEFAULT_FILTER_BACKENDS": [],
    "DEFAULT_SCHEMA_CLASS": "paymentprocessor.api.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "paymentprocessor.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
    # Without proxies that we trust, a client could choose its own address.
    "NUM_PROXIES": env.int("TRUSTED_PROXIES", 0),
}

# Joins the steps of a path to a field: the one character that no JSON key may hold.
DRF_STANDARDIZED_ERRORS = {"NESTED_FIELD_SEPARATOR": "\0"}

# What `/readyz` asks: callables without arguments (`paymentprocessor/health.py`).
READINESS_CHECKS = [
    "paymentprocessor.health.database",
    "paymentprocessor.health.migrations",
    "paymentprocessor.health.rates",
    "worker.health.worker",
]
# What `/metrics` asks when it is read, beside what the processes counted.
METRICS_COLLECTORS = ["worker.metrics.WorkerCollector"]

SPECTACULAR_SETTINGS = openapi.SETTINGS


# --- Time, static files, safety --------------------------------------------------

TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en-us"
USE_I18N = True

STATIC_URL = "static/"
# In development, files are served from where they are, and nothing is collected.
STATIC_ROOT = None if DEVELOPMENT else BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEVELOPMENT
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEVELOPMENT
WHITENOISE_AUTOREFRESH = False

SECURE = env.bool("SECURE_COOKIES_AND_TLS", not DEVELOPMENT)
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- The console -----------------------------------------------------------------

# Whether staff need an authenticator or a passkey besides their password.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", not DEVELOPMENT)
ALLAUTH_TRUSTED_PROXY_COUNT = REST_FRAMEWORK["NUM_PROXIES"]
globals().update(console.SETTINGS, UNFOLD=console.unfold(ENVIRONMENT_NAME))

LOGGING = log_to_stderr(env.str("LOG_LEVEL", "INFO"))
