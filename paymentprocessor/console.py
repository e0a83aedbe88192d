"""Settings of the console, which `settings.py` takes over: look, doors and policy."""

from typing import Any


def unfold(environment: str) -> dict[str, Any]:
    """The look of the console (django-unfold), for that environment."""
    return {
        "SITE_TITLE": "FX Payment Processor",
        "SITE_HEADER": "FX Payment Processor",
        "SITE_SUBHEADER": "Operations console",
        "SITE_SYMBOL": "currency_exchange",
        "SITE_FAVICONS": [
            {
                "rel": "icon",
                "type": "image/svg+xml",
                "href": "backoffice.navigation.favicon",
            }
        ],
        "SITE_URL": None,
        "SHOW_VIEW_ON_SITE": False,
        "SHOW_BACK_BUTTON": True,
        "ENVIRONMENT": "backoffice.navigation.environment",
        "ENVIRONMENT_TITLE_PREFIX": (
            None if environment == "production" else f"[{environment}]"
        ),
        "DASHBOARD_CALLBACK": "backoffice.home.first_page",
        "STYLES": ["backoffice.navigation.style_sheet"],
        "SCRIPTS": [
            "backoffice.navigation.times_script",
            "backoffice.navigation.dialogs_script",
        ],
        "SIDEBAR": {
            "show_search": True,
            "command_search": True,
            "navigation": "backoffice.navigation.sidebar",
        },
        "COLORS": {"primary": _BLUE},
    }


_BLUE = {
    "50": "oklch(97% .014 254.604)",
    "100": "oklch(93.2% .032 255.585)",
    "200": "oklch(88.2% .059 254.128)",
    "300": "oklch(80.9% .105 251.813)",
    "400": "oklch(70.7% .165 254.624)",
    "500": "oklch(62.3% .214 259.815)",
    "600": "oklch(54.6% .245 262.881)",
    "700": "oklch(48.8% .243 264.376)",
    "800": "oklch(42.4% .199 265.638)",
    "900": "oklch(37.9% .146 265.522)",
    "950": "oklch(28.2% .091 267.935)",
}


SETTINGS: dict[str, Any] = {
    # What a page may load and do. Nothing comes from other hosts, nowhere. Swagger has
    # a style of its own in the page; scripts in the page run nowhere at all.
    "CONTENT_SECURITY_POLICY": {
        "DIRECTIVES": {
            "default-src": ["'none'"],
            "script-src": ["'self'"],
            "style-src": ["'self'", "'unsafe-inline'"],
            "img-src": ["'self'", "data:"],
            "font-src": ["'self'"],
            "connect-src": ["'self'"],
            "form-action": ["'self'"],
            "base-uri": ["'none'"],
            "frame-ancestors": ["'none'"],
        }
    },
    # What all processes share, in the database: attempts to sign in are few and counted
    # exactly. The API's requests are many, and each process counts its own; the default
    # of 300 entries would forget some.
    "CACHES": {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "backoffice_cache",
        },
        "requests": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        },
    },
    # When a session at the console ends: unused, and in any case.
    "CONSOLE_IDLE_S": 15 * 60,
    "CONSOLE_MAX_S": 8 * 60 * 60,
    "SESSION_COOKIE_AGE": 8 * 60 * 60,
    # Signing in (django-allauth): by username, and nobody signs up.
    "AUTHENTICATION_BACKENDS": [
        "allauth.account.auth_backends.AuthenticationBackend",
    ],
    "LOGIN_URL": "account_login",
    "LOGIN_REDIRECT_URL": "admin:index",
    "ACCOUNT_ADAPTER": "backoffice.signin.ConsoleAccountAdapter",
    "ACCOUNT_LOGIN_METHODS": {"username"},
    "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
    "ACCOUNT_EMAIL_VERIFICATION": "none",
    "ACCOUNT_SESSION_REMEMBER": False,
    "ACCOUNT_LOGOUT_REDIRECT_URL": "account_login",
    "ACCOUNT_REAUTHENTICATION_TIMEOUT": 300,
    # By address, and by the name that is tried.
    "ACCOUNT_RATE_LIMITS": {
        "login": "30/m/ip",
        "login_failed": "10/m/ip,5/15m/key",
        "reauthenticate": "10/m/user",
    },
    "MFA_ADAPTER": "backoffice.signin.ConsoleMFAAdapter",
    "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
    "MFA_PASSKEY_LOGIN_ENABLED": True,
    "MFA_WEBAUTHN_USER_VERIFICATION": "required",
    # Staff need no email; administrators vouch for who they are.
    "MFA_ALLOW_UNVERIFIED_EMAIL": True,
    # One step of 30 seconds early or late, for clocks that drift.
    "MFA_TOTP_TOLERANCE": 1,
}
