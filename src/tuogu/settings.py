"""Django settings. In: environment variables. Out: settings. Never: a secret or a path of one machine in this file.

TUOGU_DATABASE_URL  sqlite:///path/to/file.sqlite3 (default: var/tuogu.sqlite3) or postgresql://user:pass@host:port/name
TUOGU_KEY_FILE      keys that encrypt personal data; outside the database (default: beside it)
TUOGU_SEAL_FILE     where the newest ledger seal is written outside the database
TUOGU_FILES         folder of uploaded workbooks and of files to fetch (default: beside the database)
TUOGU_SECRET_KEY    Django's secret key; required where the pages are served
TUOGU_HOSTS         host names that the pages answer to, joined by commas (default: this machine only)
TUOGU_HTTP=1        serve without TLS, for this machine only: cookies are then not marked secure
TUOGU_PROXY=n       n reverse proxies of ours stand in front (usually 1): trust their X-Forwarded-Proto and -For
TUOGU_DEMO=1        invented data: no second factor, demo people at the door; `check --deploy` refuses it
TUOGU_STATIC        folder that `collectstatic` filled, where a front server hands the assets out (default: we do)
TUOGU_OIDC_ISSUER   address of the house's identity provider (OpenID Connect); with it TUOGU_OIDC_CLIENT_ID,
                    TUOGU_OIDC_SECRET, TUOGU_OIDC_NAME (words on the button), TUOGU_OIDC_CLAIM (which claim is the
                    staff number; default preferred_username) and TUOGU_OIDC_MFA=1 (take its word, amr "mfa", for the
                    second factor)
TUOGU_TILES         URL template of map tiles (default: none, the map needs no network)
TUOGU_SMS_URL       gateway of text messages, with TUOGU_SMS_SECRET and TUOGU_SMS_SENDER (default: none, nothing is sent)
TUOGU_WECOM_URL     WeCom, with TUOGU_WECOM_CORP and TUOGU_WECOM_SECRET (default: none)
TUOGU_WEBHOOK_NETWORKS  private networks that webhooks may be sent to, joined by commas, e.g. 10.1.0.0/16 (default: none)
TUOGU_MAIL_URL      smtp(s)://user:password@host:port/?from=address (default: none)
TUOGU_STAFF_MAIL    addresses of the staff, e.g. {staff_number}@branch.example (default: none, no report is mailed)

Two databases: `default` holds everything that custody rests on. On SQLite the access log, jobs and sessions lie in a
second file (`side`), so that reading a page never waits for a release; on PostgreSQL there is one database.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

VAR = Path(os.environ.get("TUOGU_VAR", "var")).absolute()


_KEPT_SECONDS = (
    600  # a connection to PostgreSQL outlives the request: a new one reads the catalogue anew each time
)


def database_from_url(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for an sqlite:/// or postgresql:// URL; ValueError for any other scheme."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]),  # sqlite:///relative, sqlite:////absolute
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 60,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                    "PRAGMA recursive_triggers=ON; PRAGMA cache_size=-65536;"
                ),
            },
        }
    if parts.scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": _KEPT_SECONDS,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ValueError(f"TUOGU_DATABASE_URL: scheme {parts.scheme!r} is neither sqlite nor postgresql")


def _side_of(main: dict[str, Any]) -> dict[str, Any]:
    """The second SQLite file, beside the first; in memory where the first is."""
    name = str(main["NAME"])
    side = name if name == ":memory:" else str(Path(name).with_suffix(".side.sqlite3"))
    return main | {"NAME": side}


def databases_from_url(url: str) -> dict[str, Any]:
    """DATABASES for a URL: `default`, and on SQLite `side`."""
    main = database_from_url(url)
    return {"default": main} | ({"side": _side_of(main)} if "sqlite" in main["ENGINE"] else {})


def oidc_apps(issuer: str) -> list[dict[str, Any]]:
    """allauth's entry for the identity provider at `issuer`; none without one."""
    if not issuer:
        return []
    kept = {"server_url": issuer, "oauth_pkce_enabled": True}
    return [
        {
            "provider_id": OIDC_PROVIDER, "name": OIDC_NAME, "client_id": os.environ.get("TUOGU_OIDC_CLIENT_ID", ""),
            "secret": os.environ.get("TUOGU_OIDC_SECRET", ""), "settings": kept,
        }
    ]  # fmt: skip


def origin_of(url: str) -> list[str]:
    """The scheme and host of a URL, for the Content-Security-Policy; none of ''."""
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if url else []


DATABASES = databases_from_url(os.environ.get("TUOGU_DATABASE_URL", f"sqlite:///{VAR / 'tuogu.sqlite3'}"))
DATABASE_ROUTERS = ["tuogu.accesslog.router.SideRouter"]
_beside = Path(DATABASES["default"]["NAME"]).parent if "sqlite" in DATABASES["default"]["ENGINE"] else VAR
TUOGU_KEY_FILE = Path(os.environ.get("TUOGU_KEY_FILE", _beside / "tuogu.keys"))
TUOGU_SEAL_FILE = Path(os.environ.get("TUOGU_SEAL_FILE", _beside / "tuogu.seal"))
TUOGU_FILES = Path(os.environ.get("TUOGU_FILES", _beside / "files"))
TUOGU_DEMO = os.environ.get("TUOGU_DEMO", "") == "1"
TUOGU_TILES = os.environ.get("TUOGU_TILES", "")
TUOGU_SMS_URL = os.environ.get("TUOGU_SMS_URL", "")
TUOGU_SMS_SECRET, TUOGU_SMS_SENDER = (
    os.environ.get(f"TUOGU_SMS_{name}", "") for name in ("SECRET", "SENDER")
)
TUOGU_WECOM_URL = os.environ.get("TUOGU_WECOM_URL", "")
TUOGU_WECOM_CORP, TUOGU_WECOM_SECRET = (
    os.environ.get(f"TUOGU_WECOM_{name}", "") for name in ("CORP", "SECRET")
)
TUOGU_MAIL_URL = os.environ.get("TUOGU_MAIL_URL", "")
TUOGU_STAFF_MAIL = os.environ.get("TUOGU_STAFF_MAIL", "")
TUOGU_WEBHOOK_NETWORKS = [n for n in os.environ.get("TUOGU_WEBHOOK_NETWORKS", "").split(",") if n]
_PLAIN_HTTP = os.environ.get("TUOGU_HTTP", "") == "1"

NO_SECRET = "command-line-only"  # never signs anything: `tuogu serve` refuses to start with it
SECRET_KEY = os.environ.get("TUOGU_SECRET_KEY", NO_SECRET)
DEBUG = False
ALLOWED_HOSTS: list[str] = os.environ.get("TUOGU_HOSTS", "localhost,127.0.0.1").split(",")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "tuogu.web",  # before allauth: its templates are ours
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "tuogu.org",
    "tuogu.accounts",
    "tuogu.accesslog",
    "tuogu.lists",
    "tuogu.exports",
    "tuogu.rules",
    "tuogu.ledger",
    "tuogu.regions",
    "tuogu.books",
    "tuogu.privacy",
    "tuogu.plans",
    "tuogu.corrections",
    "tuogu.notices",
    "tuogu.pools",
    "tuogu.transfers",
    "tuogu.work",
    "tuogu.cases",
    "tuogu.kit",
    "tuogu.review",
    "tuogu.renewals",
    "tuogu.campaigns",
    "tuogu.reports",
    "tuogu.integration",
    "tuogu.audit",
    "tuogu.jobs",
]
MIDDLEWARE = [
    "tuogu.web.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tuogu.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "tuogu.web.unreadable.UnreadableMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tuogu.web.viewer.ViewerMiddleware",
    "tuogu.web.sightings.SightingsMiddleware",
]
ROOT_URLCONF = "tuogu.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "tuogu.web.shell.shell",
            ],
            "builtins": ["django.templatetags.i18n", "tuogu.web.templatetags.tuogu"],
        },
    }
]

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["tuogu.accounts.adapter.StaffBackend"]
ACCOUNT_ADAPTER = "tuogu.accounts.adapter.StaffAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False  # a closed browser is a closed door: desks are shared
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # this device stays; the changed password ends all others
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
MFA_ADAPTER = "tuogu.accounts.adapter.SealedFactorAdapter"
MFA_TOTP_TOLERANCE = 1  # steps of 30 s before and after: telephones' clocks differ
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "tuogu"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# The house's identity provider: an existing account by its staff number, never a sign-up. See accounts/house_login.py.
OIDC_PROVIDER = "house"
OIDC_ISSUER = os.environ.get("TUOGU_OIDC_ISSUER", "").rstrip("/")
if OIDC_ISSUER and not OIDC_ISSUER.startswith("https://") and not _PLAIN_HTTP:
    raise ValueError("TUOGU_OIDC_ISSUER must be an https:// address")
OIDC_NAME = os.environ.get("TUOGU_OIDC_NAME", "统一认证")
OIDC_CLAIM = os.environ.get("TUOGU_OIDC_CLAIM", "preferred_username")
OIDC_SECOND_FACTOR = os.environ.get("TUOGU_OIDC_MFA", "") == "1"
SOCIALACCOUNT_ADAPTER = "tuogu.accounts.house_login.HouseLoginAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": oidc_apps(OIDC_ISSUER)}}

# Limits at the door and used one-time codes are counted for all processes together, in a table (of the side database on
# SQLite). Figures that one process keeps for itself: process_memory.py.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "figures"},
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not _PLAIN_HTTP
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "tuogu.web.refusals.csrf_failed"
SESSION_COOKIE_AGE = 8 * 60 * 60  # a working day, in seconds
SECURE_SSL_REDIRECT = not _PLAIN_HTTP
SECURE_HSTS_SECONDS = 0 if _PLAIN_HTTP else 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not _PLAIN_HTTP
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # a probe on the machine itself speaks plain HTTP
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TUOGU_PROXY", "0"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "style-src-attr": ["'unsafe-inline'"],  # charts and maps place things by style attributes: ADR 5
        "img-src": ["'self'", "data:", *([TUOGU_TILES.split("{", 1)[0]] if TUOGU_TILES else [])],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", *origin_of(OIDC_ISSUER)],  # the button leads on to the identity provider
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

LOGGING = {  # JSON lines on standard error; the formatter never writes what a message was filled with
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "tuogu.web.request_log.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {
            "handlers": ["stderr"],
            "level": "ERROR",
            "propagate": False,
        },  # ours says 404 once
        "tuogu": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}

STATIC_URL = "static/"
STATIC_ROOT = os.environ.get(
    "TUOGU_STATIC"
)  # only where `collectstatic` was run; else the finders serve the files
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "tuogu.web.assets.AssetFinder",
]
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # a form; workbooks are streamed to disk
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent / "web" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False  # numbers are written by our own filters
