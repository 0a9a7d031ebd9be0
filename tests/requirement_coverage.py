"""Print each requirement row with the tests that carry its mark: id, tab, tests joined by a space, or '-'.

Run by `make coverage-of-requirements`; the marks are read by collecting the suite, not by searching text.
"""

from __future__ import annotations

import contextlib
import sys
from collections import defaultdict
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from conftest import requirement_ids


class Collector:
    """A pytest plugin that notes which test carries which mark."""

    def __init__(self) -> None:
        self.tests: defaultdict[str, set[str]] = defaultdict(set)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            for mark in item.iter_markers("req"):
                for row in mark.args:
                    self.tests[row].add(item.nodeid.split("[")[0])


def main() -> int:
    """Collect and print; exit code of the collection."""
    collector = Collector()
    root = Path(__file__).parent
    with contextlib.redirect_stdout(sys.stderr):
        code = pytest.main(["--collect-only", "-qq", "--no-header", str(root)], [collector])
    for row in sorted(requirement_ids()):
        print(row, " ".join(sorted(collector.tests[row])) or "-", sep="\t")
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main())
