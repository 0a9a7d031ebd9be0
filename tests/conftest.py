"""Fixtures and rules that hold for every test: requirement marks must name rows of docs/requirements.tsv."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import databases

ROOT = Path(__file__).parent.parent


def requirement_ids() -> set[str]:
    """Ids of docs/requirements.tsv."""
    with (ROOT / "docs/requirements.tsv").open(encoding="utf-8") as file:
        return {row["id"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a run in which a test is marked with a requirement that does not exist."""
    known = requirement_ids()
    for item in items:
        for mark in item.iter_markers("req"):
            unknown = set(mark.args) - known
            if unknown or not mark.args:
                raise pytest.UsageError(
                    f"{item.nodeid}: unknown requirement ids {sorted(unknown) or '(none given)'}"
                )


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
) -> Iterator[None]:
    """pytest-django's test databases, copied from a migrated template: migrating takes half a minute a process."""
    with django_db_blocker.unblock(), databases.filled():
        yield


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A real password hash takes a fifth of a second on purpose, and a cast has seventeen people."""
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _own_files(request: pytest.FixtureRequest) -> None:
    """A test of the database gets keys, a seal file and a folder of files of its own, never those of an installation, nor
    another test's: its purge would take files away that only the other's database knows.

    Its transaction is rolled back at the end, so what waits for the commit (a line of the seal file) is done at once.
    """
    if request.node.get_closest_marker("django_db") is None:
        return
    from tuogu.plans import memory
    from tuogu.process_memory import memory as kept
    from tuogu.vault import create_key_file

    memory.forget()  # rolled-back databases reuse ids
    kept.clear()
    settings, folder = request.getfixturevalue("settings"), request.getfixturevalue("tmp_path")
    settings.TUOGU_KEY_FILE, settings.TUOGU_SEAL_FILE = folder / "test.keys", folder / "test.seal"
    settings.TUOGU_FILES = folder / "files"
    create_key_file(settings.TUOGU_KEY_FILE)
    request.getfixturevalue("monkeypatch").setattr(
        "tuogu.ledger.sealing.transaction.on_commit", lambda act: act()
    )


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Any:
    """The branch of `cast.py` in the test's database, in the demo's mode: no second factor is asked."""
    request.getfixturevalue("db")
    settings = request.getfixturevalue("settings")
    settings.TUOGU_DEMO, settings.SECURE_SSL_REDIRECT = True, False  # the test client speaks plain HTTP
    from cast import make_cast

    return make_cast()
