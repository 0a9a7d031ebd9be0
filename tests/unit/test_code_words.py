"""No code word reaches a reader: every rule of a checker and every stage of a planner has a Chinese word."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path

import tuogu.core
from tuogu.core.check_words import CHECK_RULES
from tuogu.core.labels import PLAN_STAGES
from tuogu.core.rulebook import parse_rulebook
from tuogu.data.rulebooks import read_shipped

CORE = Path(tuogu.core.__file__).parent
ROW = re.compile(r"[A-Z]\d?-\d+")


def test_every_rule_that_a_checker_names_has_a_word():
    named = {code for path in (CORE / "checks").glob("*.py") for code in _rules(path)}
    assert len(named) > 60
    assert named - set(CHECK_RULES) == set()


def test_every_rule_that_may_be_broken_openly_has_a_word():
    openly = parse_rulebook(read_shipped())["plans.adjust_openly"]
    assert set(openly) - set(CHECK_RULES) == set()


def test_every_stage_that_a_planner_reports_has_a_word():
    texts = [path.read_text(encoding="utf-8") for path in CORE.rglob("*.py")]
    stages = {found for text in texts for found in re.findall(r'(?:progress|report)\("(\w+)"', text)}
    assert "hand_over" in stages
    assert stages - set(PLAN_STAGES) == set()


def _rules(path: Path) -> set[str]:
    """Texts that stand right before the number of a requirement."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        row = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
        for code, req in pairwise(row):
            texts = isinstance(code, ast.Constant) and isinstance(req, ast.Constant)
            if texts and isinstance(req.value, str) and ROW.fullmatch(req.value):
                found.add(str(code.value))
    return found
