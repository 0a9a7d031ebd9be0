"""docs/lots.md is the manual of a published draw: every figure in it is worked out again here."""

from __future__ import annotations

import hmac
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lots_record as example
from tuogu.core.draw import commitment
from tuogu.core.lots import acts
from tuogu.core.lots.record import as_text

pytestmark = pytest.mark.req("N-05")
DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "lots.md").read_text(encoding="utf-8")
SCRIPT = DOCS / "verify_draw.py"


def table(heading: str) -> list[list[str]]:
    """The cells of the page's table that has this heading."""
    lines = PAGE.split(heading, 1)[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]


def test_the_digests_of_the_page() -> None:
    public = example.revealed()
    assert public.result is not None
    promises = [
        (f"commitment of `{p}", commitment(example.salt(p), example.seed(p))) for p in example.PARTIES
    ]
    seeds = [(f"seed of `{p}", example.seed(p).hex()) for p in example.PARTIES]
    assert [tuple(row) for row in table("| what | value |")] == [
        ("key_digest", public.key_digest), ("list_digest", public.list_digest), *promises,
        ("announced", public.announced), *seeds, ("seed of all", public.result.seed),
    ]  # fmt: skip


def test_the_lots_of_the_page() -> None:
    public, (_empty, names) = example.revealed(), example.announced()
    assert public.result is not None
    seed, drawn = bytes.fromhex(public.result.seed), list(public.result.drawn)
    rows = []
    for pseudonym, number in names.items():
        lot = hmac.new(seed, f"{example.DRAW_ID}|{pseudonym}".encode(), "sha256").hexdigest()[:16]
        rows.append([number, pseudonym, lot, str(drawn.index(pseudonym) + 1) if pseudonym in drawn else "–"])
    assert table("| number (the clerk knows)") == sorted(rows, key=lambda row: row[2])
    assert acts.real_numbers(public, names) == ["P0007", "P0003", "P0002"]


def test_the_page_s_script_is_short_and_stands_alone() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60
    assert f"({len(text.splitlines())} lines" in PAGE
    imported = set(re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE))
    assert imported <= sys.stdlib_module_names


def test_an_outsider_s_bare_python_finds_the_same(tmp_path: Path) -> None:
    public = example.revealed()
    assert public.result is not None
    path = tmp_path / "public.json"
    path.write_text(as_text(public), encoding="utf-8")
    for posted, code in ((), 0), ((public.announced,), 0), (("0" * 64,), 1):
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(SCRIPT), str(path), *posted],
            capture_output=True, encoding="utf-8", env={"PYTHONUTF8": "1"}, cwd=tmp_path, check=False,
        )  # fmt: skip
        assert done.returncode == code
        assert done.stdout == ("\n".join(["fits:", *public.result.drawn, ""]) if code == 0 else "")
    assert done.stderr == "does not fit: the digest posted beforehand\n"


def test_the_script_says_in_one_line_what_it_cannot_read(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    for words in (), (tmp_path / "absent.json",), (broken,):
        done = subprocess.run(
            [sys.executable, "-I", SCRIPT, *words], capture_output=True, encoding="utf-8", check=False
        )
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
