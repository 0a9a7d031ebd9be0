"""No business number stands in code (N-09), and no number of the rulebook is forgotten."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from number_hunt import numbers_in_code
from territory_books import standard_rules
from tuogu.core import coding

SRC = Path(__file__).parents[2] / "src/tuogu"
ROOMS = ("core", "plans", "books", "ledger", "jobs")
NO_RULES_INSIDE = {  # path below src/tuogu → why its numbers are none of the business
    "core/address": "how Chinese addresses are written, and how sure a match of names is",
    "core/identity.py": "weights and places of the check digit of GB 11643",
    "core/standardise_dates.py": "what counts as a day in a workbook",
    "core/standardise_money.py": "groups of a regular expression",
    "core/standardise_text.py": "length of a name",
    "core/fact_figures.py": "groups of a regular expression",
    "core/geometry.py": "points of a triangle and rounding of lengths",
    "core/draw.py": "HMAC-SHA256 by its standard",
    "core/reference/draw.py": "HMAC-SHA256 by its standard",
    "core/mix.py": "how keys of a sort are packed into 64 bits",
    "core/rulebook_forms.py": "the units themselves: fen of a yuan, days of a month",
    "core/territory/anneal.py": "random bits and moves of the search: certificate and checker judge the result",
    "core/territory/areas.py": "rounds of the search",
    "core/territory/candidates.py": "digits of a number that is written for people",
    "core/territory/flow.py": "rounds and prices of the search",
    "core/territory/settle.py": "random bits and sizes of chunks",
    "core/territory/single_moves.py": "random bits and flags",
    "core/territory/solve.py": "random bits and prices of the search",
}
FOR_LATER_ROOMS = {  # parameter or group that no room reads yet → the room that will
    "service.meetings": "service work",
    "territory.code_digits": "nobody: the form of the display code, kept equal by a test below",
}


def files_hunted() -> list[Path]:
    found = [
        path
        for room in ROOMS
        for path in sorted((SRC / room).rglob("*.py"))
        if "migrations" not in path.parts
    ]
    return [path for path in found if not any(is_below(path, spared) for spared in NO_RULES_INSIDE)]


def is_below(path: Path, spared: str) -> bool:
    return path == SRC / spared or SRC / spared in path.parents


@pytest.mark.req("N-09")
def test_no_business_number_stands_in_code() -> None:
    found = [
        f"{path.relative_to(SRC)}:{line}: {literal}"
        for path in files_hunted()
        for line, literal in numbers_in_code(path)
    ]
    assert not found, (
        "move to data/rulebooks, or name it in CAPITALS with a comment why it is no rule:\n"
        + "\n".join(found)
    )


@pytest.mark.parametrize(
    ("text", "literals"),
    [
        ("def due(days):\n    return days > 60\n", ["60"]),
        ("CAP = 200\n", ["200"]),
        ("CAP = 200  # fits a page\n", []),
        ("# fits a page\nCAP = 200\nWIDE = 7\n", []),
        ("# fits a page\nCAP = 200\n\nWIDE = 7\n", ["7"]),
        ("cap = 200  # fits a page\n", ["200"]),
        ("def f(x, cap=200):\n    return x\n", ["200"]),
        ("def f(x, size=40):\n    return x\n", []),
        ("x = code[:6] + code.head(9)\n", []),
        ("x = held[lookup(60)]\n", ["60"]),
        ("x = f'{share:.4f} {limit(60)}'\n", ["60"]),
        ("fen = yuan * 100\n", []),
        ("penalty = 100\n", ["100"]),
        ("month = months // 12\n", []),
        ("horizon = 12\n", ["12"]),
        ("x = y << 40\n", []),
        ("x = rulebook['a'] * 0.6\n", ["0.6"]),
        ("done = told('half', 0.5)\n", []),
        ("share = told('half', 5)\n", ["5"]),
    ],
)
def test_the_hunt_sees_what_it_should(tmp_path: Path, text: str, literals: list[str]) -> None:
    file = tmp_path / "room.py"
    file.write_text(text, encoding="utf-8")
    assert [literal for _, literal in numbers_in_code(file)] == literals


def test_spared_files_exist() -> None:
    assert [path for path in NO_RULES_INSIDE if not (SRC / path).exists()] == []


@cache
def texts_in_src() -> tuple[frozenset[str], re.Pattern[str]]:
    """Text constants of the code, and a pattern of its formatted texts (rulebook[f"campaign.{quarter}.target_bp"])."""
    whole, formatted = set(), {"(?!)"}
    for path in SRC.rglob("*.py"):
        if path == SRC / "core/rulebook_checks.py":  # compares parameters with each other, decides nothing
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(v.value)) if isinstance(v, ast.Constant) else "[a-z0-9_]+"
                    for v in node.values
                ]
                if "\\." in parts[0]:
                    formatted.add("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
    return frozenset(whole), re.compile("|".join(sorted(formatted)))


@cache
def named_by_duties() -> frozenset[str]:
    """Parameters whose value a duty takes over: `same_as = ["due_after=visits.first_window_days"]`."""
    lists = [p.value for key, p in standard_rules().parameters.items() if key.endswith(".same_as")]
    return frozenset(line.partition("=")[2] for lines in lists for line in lines)


def is_read(key: str) -> bool:
    whole, formatted = texts_in_src()
    return key in whole or formatted.fullmatch(key) is not None or key in named_by_duties()


@pytest.mark.req("N-09")
def test_every_parameter_is_read_somewhere_or_waits_for_a_named_room() -> None:
    keys = list(standard_rules().parameters)
    waiting = [key for key in keys if any(f"{key}.".startswith(f"{room}.") for room in FOR_LATER_ROOMS)]
    dead = [key for key in keys if key not in waiting and not is_read(key)]
    assert not dead, f"nobody reads {dead}"
    early = [key for key in waiting if is_read(key)]
    assert not early, f"read by now: take {early} from FOR_LATER_ROOMS"


@pytest.mark.req("S0-08")
def test_the_display_code_has_the_digits_of_the_rule() -> None:
    assert standard_rules()["territory.code_digits"] == coding._DIGITS
