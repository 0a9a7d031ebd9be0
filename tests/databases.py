"""Databases for tests that need committed rows: a migrated template, copies of it, and a connection to a
copy.

In: settings of the run (SQLite with its side file, or PostgreSQL under run_on_postgres.py). Out: a fresh migrated
copy, with its own key and seal files and its own folder of uploads. Never: a flush (the ledger refuses DELETE and
TRUNCATE), a copy shared by two tests.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connections

import tuogu
from tuogu.settings import database_from_url, databases_from_url

_numbers = count(1)


@pytest.fixture
def committed_database(tmp_path: Path, django_db_blocker: Any) -> Iterator[Database]:
    """A migrated copy with committed rows, to which this process is connected."""
    with django_db_blocker.unblock(), copied(tmp_path) as database, connected(database):
        yield database


@dataclass(frozen=True)
class Database:
    """A migrated database of its own. `environment` is what a process needs to work on it."""

    url: str
    directory: Path

    @property
    def vendor(self) -> str:
        return "sqlite" if self.url.startswith("sqlite") else "postgresql"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tuogu.settings",
            "TUOGU_DATABASE_URL": self.url,
            "TUOGU_KEY_FILE": str(self.directory / "keys"),
            "TUOGU_SEAL_FILE": str(self.directory / "seals"),
            "TUOGU_FILES": str(self.directory / "files"),
        }


def run_url() -> str:
    """The database URL of this test run; without one, SQLite."""
    return os.environ.get("TUOGU_DATABASE_URL", "sqlite:///:memory:")


@contextmanager
def copied(directory: Path, of: Database | None = None) -> Iterator[Database]:
    """A copy of the migrated template (or of another database that nobody is connected to) in the run's database system;
    removed at the end."""
    template = of or _template()
    if template.vendor == "sqlite":
        path = directory / f"copy{next(_numbers)}.sqlite3"
        url = f"sqlite:///{path}"
        for alias, settings_of in databases_from_url(url).items():
            shutil.copy(databases_from_url(template.url)[alias]["NAME"], settings_of["NAME"])
        yield Database(url, directory)
        return
    name = f"tuogu_copy_{os.getpid()}_{next(_numbers)}"
    template_name = urlsplit(template.url).path[1:]
    _administer(f"CREATE DATABASE {name} TEMPLATE {template_name}")
    try:
        yield Database(_with_name(name), directory)
    finally:
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def connected(database: Database) -> Iterator[None]:
    """Point Django's connections, seal file, key file and folder of uploads of this process at `database`.

    pytest-django must have been told to let the test through (`django_db_blocker.unblock()`).
    """
    files = ("TUOGU_SEAL_FILE", "TUOGU_KEY_FILE", "TUOGU_FILES")
    before = {name: getattr(settings, name) for name in files}
    wanted = connections.configure_settings(databases_from_url(database.url))
    kept = {alias: (connections[alias], connections.settings[alias]) for alias in wanted}
    for alias in wanted:
        connections.settings[alias] = wanted[alias]
        del connections[alias]
    settings.TUOGU_SEAL_FILE = database.directory / "seals"
    settings.TUOGU_KEY_FILE = database.directory / "keys"
    settings.TUOGU_FILES = database.directory / "files"
    try:
        yield
    finally:
        for alias, (connection, settings_of) in kept.items():
            connections[alias].close()
            connections.settings[alias], connections[alias] = settings_of, connection
        for name, value in before.items():
            setattr(settings, name, value)


def kept(directory: Path, file_name: str = "kept.sqlite3") -> Database:
    """A migrated database that stays until the run ends: for what many tests copy."""
    template = _template()
    if template.vendor == "sqlite":
        database = Database(f"sqlite:///{directory / file_name}", directory)
        for alias, settings_of in databases_from_url(database.url).items():
            shutil.copy(databases_from_url(template.url)[alias]["NAME"], settings_of["NAME"])
        return database
    name = f"tuogu_kept_{os.getpid()}_{next(_numbers)}"
    _administer(f"CREATE DATABASE {name} TEMPLATE {urlsplit(template.url).path[1:]}")
    return Database(_with_name(name), directory)


@contextmanager
def filled() -> Iterator[None]:
    """Give pytest-django's own test databases the content of the template instead of migrating each anew."""
    template = _template()
    for alias, settings_of in databases_from_url(template.url).items():
        connection = connections[alias]
        connection.close()
        name = connection.creation._get_test_db_name()
        settings.DATABASES[alias]["NAME"] = connection.settings_dict["NAME"] = name
        if template.vendor == "sqlite":
            connection.ensure_connection()
            with closing(sqlite3.connect(settings_of["NAME"])) as source:
                source.backup(connection.connection)
        else:
            _administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            _administer(f"CREATE DATABASE {name} TEMPLATE {urlsplit(template.url).path[1:]}")
    yield
    for alias in databases_from_url(template.url):
        name = connections[alias].settings_dict["NAME"]
        connections[alias].close()
        if template.vendor == "postgresql":
            _administer(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _template() -> Database:
    """Migrated by the first process that needs it. On SQLite it stays for later runs, as long as no migration changes; on
    PostgreSQL, for this cluster."""
    directory = Path(tempfile.gettempdir()) / f"tuogu-migrated-{_digest_of_migrations()}"
    directory.mkdir(exist_ok=True)
    if run_url().startswith("sqlite"):
        template = Database(f"sqlite:///{directory / 'template.sqlite3'}", directory)
    else:
        template = Database(_with_name("tuogu_migrated"), directory)
    where = hashlib.sha256(template.url.encode()).hexdigest()[:12]
    with (directory / f"{where}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = directory / f"{where}.done"
        if not done.exists():
            if template.vendor == "postgresql":
                _administer("DROP DATABASE IF EXISTS tuogu_migrated WITH (FORCE)")
                _administer("CREATE DATABASE tuogu_migrated")
            else:
                for half in directory.glob("*.sqlite3*"):
                    half.unlink()
            _migrated(template)
            done.touch()
    return template


def _digest_of_migrations() -> str:
    """Of everything that decides what a migrated database looks like."""
    source = Path(str(tuogu.__file__)).parent
    files = {*source.glob("*/migrations/*.py"), *source.glob("*/sql/*"), *source.glob("*/apps.py")}
    files |= {*source.glob("*/guard*.py"), source / "org" / "append_only.py", source / "settings.py"}
    files |= {source.parent.parent / "requirements.lock"}
    content = hashlib.sha256()
    for file in sorted(files):
        content.update(str(file.relative_to(source.parent.parent)).encode() + file.read_bytes())
    return content.hexdigest()[:16]


def _migrated(template: Database) -> Database:
    for alias in databases_from_url(template.url):
        migrate = [sys.executable, "-m", "django", "migrate", "--database", alias, "--verbosity", "0"]
        subprocess.run(migrate, env=template.environment, check=True)
    return template


def _with_name(name: str) -> str:
    return urlunsplit(urlsplit(run_url())._replace(path=f"/{name}"))


def _administer(statement: str) -> None:
    """Run one statement on the cluster's own database, outside any transaction."""
    target = database_from_url(run_url())
    with psycopg.connect(
        host=target["HOST"],
        port=target["PORT"] or None,
        user=target["USER"],
        dbname="postgres",
        autocommit=True,
    ) as connection:
        connection.execute(statement)
