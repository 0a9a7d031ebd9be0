"""The mutation runner: which changes it knows, that it leaves the files alone, and that it can fail."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools import mutants
from tools.mutating import mutants_of, mutated

SOURCE = '''
"""Adults."""

from dataclasses import dataclass

AGE = 18


@dataclass(frozen=True)
class Person:
    age: int = 0


def adult(age: int, exempt: bool = False) -> bool:
    """Whether of age."""
    for _ in zip([], [], strict=True):
        pass
    return not exempt and age >= AGE + 0
'''


def test_every_kind_of_change_and_nothing_else() -> None:
    assert [mutant.words for mutant in mutants_of(SOURCE)] == [
        "18 → 19",
        "False → True",
        "return not exempt and age >= AGE + 0 → return None",
        "not exempt and age >= AGE + 0 → not exempt or age >= AGE + 0",
        "not exempt → exempt",
        "age >= AGE + 0 → age > AGE + 0",
        "AGE + 0 → AGE - 0",
        "0 → 1",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a < b", "a <= b"),
        ("a <= b", "a < b"),
        ("a == b", "a != b"),
        ("a is b", "a is not b"),
        ("a in b", "a not in b"),
        ("a // b", "a * b"),
        ("a * b", "a // b"),
        ("a % b", "a // b"),
        ("-a", "a"),
        ("a or b", "a and b"),
        ("a += b", "a -= b"),
        ("True", "False"),
        ("2.5", "3.5"),
    ],
)
def test_one_change(before: str, after: str) -> None:
    (mutant,) = mutants_of(before)
    assert ast.unparse(mutated(before, mutant)) == after
    assert mutant.line == 1


def test_a_chain_of_comparisons_changes_one_by_one() -> None:
    assert [ast.unparse(mutated("a < b < c", mutant)) for mutant in mutants_of("a < b < c")] == [
        "a <= b < c",
        "a < b <= c",
    ]


def a_target(folder: Path, test: str) -> mutants.Target:
    """A small module and its tests in a project of their own."""
    module, tests = folder / "src" / "adult_for_mutants.py", folder / "test_adult.py"
    module.parent.mkdir()
    module.write_text(SOURCE, encoding="utf-8")
    tests.write_text(
        f"import sys\nsys.path.insert(0, {str(module.parent)!r})\nfrom adult_for_mutants import adult\n\n"
        f"def test_adult():\n    {test}\n",
        encoding="utf-8",
    )
    return mutants.Target(("src/adult_for_mutants.py",), ("test_adult.py",))


@pytest.mark.exhaustive
def test_a_run_judges_each_mutant_and_leaves_the_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    target = a_target(tmp_path, "assert adult(18) and not adult(17) and not adult(30, True)")
    assert mutants.run_target("adults", target, 0.8, jobs=2) == 0
    shown = capsys.readouterr().out
    assert "adults: 7 of 8 killed = 87.5%, asked for 80%" in shown
    assert "SURVIVED          src/adult_for_mutants.py:18:33  AGE + 0 → AGE - 0" in shown
    assert "killed            src/adult_for_mutants.py:18:26  age >= AGE + 0 → age > AGE + 0" in shown
    assert (tmp_path / "src/adult_for_mutants.py").read_text(encoding="utf-8") == SOURCE


@pytest.mark.parametrize(("at_least", "code"), [(0.75, 0), (0.76, 1)])
def test_the_share_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_least: float, code: int
) -> None:
    verdicts = [mutants.KILLED] * 5 + [mutants.LATE, mutants.SURVIVED, mutants.UNJUDGED]
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    monkeypatch.setattr(mutants, "judge", lambda *_: verdicts)
    assert mutants.run_target("adults", a_target(tmp_path, "assert adult(40)"), at_least, jobs=1) == code


def test_tests_that_fail_unchanged_judge_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    assert mutants.run_target("adults", a_target(tmp_path, "assert not adult(40)"), 0.0, jobs=1) == 2
    assert "the tests fail without any mutant" in capsys.readouterr().out


def test_endless_mutants_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "loops_for_mutants.py").write_text("def stops():\n    while False:\n        pass\n")
    (tmp_path / "test_loops.py").write_text(
        f"import sys\nsys.path.insert(0, {str(tmp_path / 'src')!r})\nfrom loops_for_mutants import stops\n\n"
        "def test_stops():\n    stops()\n"
    )
    verdicts = mutants.judge("src/loops_for_mutants.py", 1, ("test_loops.py",), 3, 1, lambda *_: None)
    assert verdicts == [mutants.LATE]


def test_missing_files_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    target = mutants.Target(("src/nowhere.py",), ("tests/none.py::test_x",))
    assert mutants.run_target("none", target, 0.9, 1) == 2
    assert capsys.readouterr().out == "none: missing src/nowhere.py, tests/none.py::test_x\n"
    with pytest.raises(SystemExit):
        mutants.main(["unknown"])
