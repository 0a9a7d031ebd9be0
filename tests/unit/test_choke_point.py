"""Personal data reaches a page through `web/personal.py` only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tuogu.web

WEB = Path(tuogu.web.__file__).parent
OPENS_PERSONAL_DATA = {
    "shown_customers",
    "stored_customers",
    "stored_books",
    "staff_list",
    "open_texts",
    "staff_contact",
    "open_bytes",
}


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


# Modules that hand out a file by themselves, each with why it is no list of people.
DOORS = {
    "exports/asking.py",  # the door
    "imports/runs.py",  # the empty template
    "imports/others.py",  # empty templates
    "regions/booklet.py",  # the code book: places
    "regions/changes.py",  # an empty template
    "draws/showing.py",  # the published record: pseudonyms
    "plans/adjusting.py",  # lines of the sheet that its sender has just uploaded: numbers, no person
    "plans/filings.py",  # a department's own rules as it filed them
    "renewals/proofs.py",  # the one proof of the viewer's own case; the look is in the access log
    "audit/packs.py",  # digests, ids, numbers: no personal data (L-10); counted in its own room
    "privacy/deciding.py",  # the data subject's own copy, granted by its own two people (PIPL 45)
}
HANDS_OUT = {"FileResponse", "content_disposition_header", "Content-Disposition"}


@pytest.mark.parametrize("file", sorted(WEB.rglob("*.py")), ids=lambda file: str(file.relative_to(WEB)))
def test_files_leave_through_one_door(file: Path) -> None:
    """S2-14: a download that does not go through the room of exports has no reason, no mark and no end."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    words = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    hands_out = (names_used(file) | words) & HANDS_OUT
    assert not hands_out or str(file.relative_to(WEB)) in DOORS, (
        f"{file} hands out a file by itself: {sorted(hands_out)}"
    )
