"""Adopted rulebooks: dated, whole, never changed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from tuogu.core.rulebook import Parameter, Rulebook
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.rules import actions, queries
from tuogu.rules.models import RulebookVersion

pytestmark = [pytest.mark.database, pytest.mark.django_db]
AT = datetime(2026, 1, 1, tzinfo=UTC)


def book(version: str, effective: date, cap: int = 60) -> Rulebook:
    """A small rulebook with every type that TOML has."""
    values = {
        "a.cap": cap,
        "a.share": 0.25,
        "a.on": True,
        "a.days": [date(2026, 2, 17), date(2026, 2, 18)],
        "b.word": "pool",
    }
    parameters = {
        key: Parameter(key, value, "S0-21", "here", "unit", "note") for key, value in values.items()
    }
    return Rulebook("standard", version, effective, parameters)


def adopt(rulebook: Rulebook) -> int:
    return actions.adopt(rulebook, by=org.machine(), at=AT)


def test_a_rulebook_comes_back_exactly() -> None:
    adopt(book("1", date(2026, 1, 1)))
    stored = queries.in_force("standard", date(2026, 6, 1))
    assert stored == book("1", date(2026, 1, 1))
    assert stored.digest() == book("1", date(2026, 1, 1)).digest()
    assert stored["a.days"] == [date(2026, 2, 17), date(2026, 2, 18)]


def test_the_version_in_force_is_the_latest_that_has_begun() -> None:
    adopt(book("2", date(2026, 7, 1), cap=70))
    adopt(book("1", date(2026, 1, 1), cap=60))
    days = [date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [queries.in_force("standard", d)["a.cap"] for d in days] == [60, 60, 70]
    with pytest.raises(actions.RulesError, match="没有生效"):
        queries.in_force("standard", date(2025, 12, 31))
    assert [row["version"] for row in queries.versions()] == ["2", "1"]


def test_adopting_again_changes_nothing_and_another_content_is_refused() -> None:
    first = adopt(book("1", date(2026, 1, 1)))
    assert adopt(book("1", date(2026, 1, 1))) == first
    for other in (book("1", date(2026, 1, 1), cap=61), book("1", date(2026, 2, 1))):
        with pytest.raises(actions.RulesError, match="新的版本号"):
            adopt(other)
    assert RulebookVersion.objects.count() == 1


def test_an_adopted_version_can_be_neither_changed_nor_removed() -> None:
    adopt(book("1", date(2026, 1, 1)))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        RulebookVersion.objects.update(version="2")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        RulebookVersion.objects.all()._raw_delete(connection.alias)
    assert append_only.missing_in("rules") == []


def test_content_changed_behind_our_back_is_not_used() -> None:
    adopt(book("1", date(2026, 1, 1)))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            cursor.execute("DROP TRIGGER rules_rulebookversion_no_update")
        cursor.execute("UPDATE rules_rulebookversion SET digest = 'x'")
    with pytest.raises(actions.RulesError, match="不符"):
        queries.in_force("standard", date(2026, 6, 1))
