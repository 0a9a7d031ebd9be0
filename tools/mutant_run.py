"""The inside of one run of `tools.mutants`: put a mutant in a module's place, then run its tests in this process.

In: the module, the number of the change, the tests. Out: pytest's exit code. Never: a byte written to the project, an
example remembered from an earlier run. The imports below are what tests need most: a child forked from here has them.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType

import hypothesis.strategies
import numpy  # noqa: F401 - see above
import ortools.graph.python.min_cost_flow  # noqa: F401
import polars  # noqa: F401
import pytest

from tools.mutating import mutants_of, mutated

UNCHANGED = -1


class Changed(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds one module before anybody else does and loads the mutant."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self._name, self._path, self._tree = name, path, tree

    def find_spec(
        self,
        fullname: str,
        path: object,  # noqa: ARG002 - the protocol's
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of the mutant, for its name only."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self._path))

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        """The compiled mutant."""
        return compile(self._tree, str(self._path), "exec")

    def get_source(self, fullname: str) -> None:  # noqa: ARG002
        """None: what stands on disk is not what runs."""
        return None


class SameExamples:
    """A pytest plugin: hypothesis draws the same examples for every mutant and remembers none."""

    def pytest_configure(self) -> None:
        """Settings of this run."""
        hypothesis.settings.register_profile("mutants", database=None, derandomize=True, deadline=None)
        hypothesis.settings.load_profile("mutants")


def name_of(module: str) -> str:
    """'src/tuogu/core/draw.py' → 'tuogu.core.draw'."""
    return ".".join(Path(module).with_suffix("").relative_to("src").parts)


def run(root: Path, module: str, number: int, tests: Sequence[str]) -> int:
    """Exit code of the tests with mutant `number` of `module`, or with the module as it is (UNCHANGED)."""
    os.chdir(root)
    sys.dont_write_bytecode = True
    path = root / module
    if number != UNCHANGED:
        source = path.read_text(encoding="utf-8")
        tree = mutated(source, mutants_of(source)[number])
        sys.meta_path.insert(0, Changed(name_of(module), path, tree))
    quick = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:django", "-p", "no:xdist"]
    ignored = ["-W", "ignore::pytest.PytestConfigWarning", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    whole = ["-o", "addopts=", "-m", "not exhaustive", "--assert=plain"]
    return int(pytest.main([*quick, *ignored, *whole, *tests], [SameExamples()]))
