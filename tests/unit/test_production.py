"""Production settings: `check --deploy` is clean with the documented environment and refuses the demo's open door."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DOCUMENTED = {
    "TUOGU_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-",
    "TUOGU_HOSTS": "tuogu.example",
    "TUOGU_PROXY": "1",
}


def check_deploy(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """`python -m django check --deploy` in a process of its own, failing on warnings too."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TUOGU_", "DJANGO_"))}
    kept |= DOCUMENTED | {"TUOGU_DATABASE_URL": f"sqlite:///{folder / 'x.sqlite3'}"} | more
    command = [
        sys.executable,
        "-m",
        "django",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        "--settings",
        "tuogu.settings",
    ]
    return subprocess.run(command, env=kept, capture_output=True, text=True, check=False, timeout=120)


def test_check_deploy_finds_nothing_in_the_documented_environment(tmp_path: Path):
    done = check_deploy(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_check_deploy_refuses_the_demo_by_name(tmp_path: Path):
    done = check_deploy(tmp_path, TUOGU_DEMO="1")
    assert done.returncode == 1
    assert "tuogu.E001" in done.stderr
    assert "TUOGU_DEMO" in done.stderr


def test_check_deploy_refuses_a_key_file_that_others_may_read(tmp_path: Path):
    keys = tmp_path / "keys"
    keys.write_text("{}")
    keys.chmod(0o644)
    done = check_deploy(tmp_path, TUOGU_KEY_FILE=str(keys))
    assert "tuogu.E002" in done.stderr
    keys.chmod(0o600)
    assert check_deploy(tmp_path, TUOGU_KEY_FILE=str(keys)).returncode == 0


def test_check_deploy_refuses_a_short_secret(tmp_path: Path):
    assert "security.W009" in check_deploy(tmp_path, TUOGU_SECRET_KEY="short").stderr


def setting(folder: Path, expression: str, **more: str) -> str:
    """A setting as a process with this environment sees it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TUOGU_", "DJANGO_"))}
    kept |= {"TUOGU_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "tuogu.settings"} | more
    code = f"from django.conf import settings as s; print({expression})"
    done = subprocess.run(
        [sys.executable, "-c", code], env=kept, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_a_proxy_is_trusted_only_when_named(tmp_path: Path):
    both = "s.SECURE_PROXY_SSL_HEADER, s.ALLAUTH_TRUSTED_PROXY_COUNT"
    assert setting(tmp_path, both) == "None 0"
    assert setting(tmp_path, both, TUOGU_PROXY="1") == "('HTTP_X_FORWARDED_PROTO', 'https') 1"


def test_cookies_are_secure_unless_plain_http_was_asked_for(tmp_path: Path):
    cookies = (
        "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SECURE_SSL_REDIRECT"
    )
    assert setting(tmp_path, cookies) == "True True True True"
    assert setting(tmp_path, cookies, TUOGU_HTTP="1") == "False False True False"
