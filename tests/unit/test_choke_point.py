"""Personal data reaches a page through `web/personal.py` only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tuogu.web

WEB = Path(tuogu.web.__file__).parent
OPENS_PERSONAL_DATA = {"shown_customers", "stored_customers", "stored_books", "staff_list", "open_texts"}


def names_used(file: Path) -> set[str]:
    """Every name and attribute that a module mentions."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return used | {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }


@pytest.mark.parametrize("file", sorted(WEB.rglob("*.py")), ids=lambda file: str(file.relative_to(WEB)))
def test_only_the_choke_point_opens_personal_data(file: Path) -> None:
    opened = names_used(file) & OPENS_PERSONAL_DATA
    assert not opened or file == WEB / "personal.py", f"{file} opens {sorted(opened)} by itself"


def test_the_choke_point_is_where_it_is_said_to_be() -> None:
    assert "shown_customers" in names_used(WEB / "personal.py")


@pytest.mark.parametrize("file", sorted(WEB.rglob("*.py")), ids=lambda file: str(file.relative_to(WEB)))
def test_pages_ask_the_rooms_and_never_the_database(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [m for m in modules if m.startswith("django.db") or m.endswith(".models")], file
