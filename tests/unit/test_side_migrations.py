"""A fresh side file gets its own tables, and every migration counts as done; the others are not run there."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from django.apps import apps
from django.conf import settings

from tuogu.accesslog.router import SideRouter


def test_a_fresh_side_file_has_its_tables_and_nothing_waits(tmp_path: Path):
    environment = os.environ | {
        "TUOGU_DATABASE_URL": f"sqlite:///{tmp_path / 'm.sqlite3'}", "DJANGO_SETTINGS_MODULE": "tuogu.settings",
        "TUOGU_DEMO": "1",
    }  # fmt: skip
    for more in ((), ("--check",)):
        words = [sys.executable, "-m", "django", "migrate", "--database", "side", "-v0", *more]
        subprocess.run(words, env=environment, check=True, capture_output=True, timeout=240)
    with closing(sqlite3.connect(tmp_path / "m.side.sqlite3")) as side:
        tables = {name for (name,) in side.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        triggers = {name for (name,) in side.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    router = SideRouter()
    beside = {
        model._meta.db_table
        for model in apps.get_models()
        if router.allow_migrate("side", model._meta.app_label, model._meta.model_name)
    }
    cache = settings.CACHES["default"]["LOCATION"]
    assert tables - {"sqlite_sequence", "django_migrations"} == beside | {cache}
    assert "accesslog_sighting_no_update" in triggers
