"""Fixtures and rules that hold for every test: requirement marks must name rows of docs/requirements.tsv."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

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
