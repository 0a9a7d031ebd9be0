"""Django settings. In: environment variables. Out: settings. Never: a secret or a path of one machine in this file.

TUOGU_DATABASE_URL  sqlite:///path/to/file.sqlite3 (default: var/tuogu.sqlite3) or postgresql://user:pass@host:port/name
TUOGU_KEY_FILE      keys that encrypt personal data; outside the database (default: beside it)
TUOGU_SEAL_FILE     where the newest ledger seal is written outside the database
TUOGU_SECRET_KEY    Django's secret key; required in production
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

VAR = Path(os.environ.get("TUOGU_VAR", "var")).absolute()


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
        }
    raise ValueError(f"TUOGU_DATABASE_URL: scheme {parts.scheme!r} is neither sqlite nor postgresql")


DATABASES = {
    "default": database_from_url(os.environ.get("TUOGU_DATABASE_URL", f"sqlite:///{VAR / 'tuogu.sqlite3'}"))
}
_beside = Path(DATABASES["default"]["NAME"]).parent if "sqlite" in DATABASES["default"]["ENGINE"] else VAR
TUOGU_KEY_FILE = Path(os.environ.get("TUOGU_KEY_FILE", _beside / "tuogu.keys"))
TUOGU_SEAL_FILE = Path(os.environ.get("TUOGU_SEAL_FILE", _beside / "tuogu.seal"))

SECRET_KEY = os.environ.get("TUOGU_SECRET_KEY", "command-line-only-no-web-face-yet")
DEBUG = False
ALLOWED_HOSTS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "tuogu.org",
    "tuogu.rules",
    "tuogu.ledger",
    "tuogu.books",
    "tuogu.plans",
]
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
