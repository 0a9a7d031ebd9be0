"""`make bench`: every benchmark in one run on this machine, smaller than the promises so that it ends in minutes.

The promised sizes: `python -m benchmarks.flow 468700`, `python -m benchmarks.ledger 500000`,
`python benchmarks/territory.py metropolis`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RUNS = (
    [sys.executable, "-m", "benchmarks.flow"],
    [sys.executable, str(HERE / "territory.py")],
    [sys.executable, "-m", "benchmarks.ledger", "100000"],
    [sys.executable, "tests/run_on_postgres.py", sys.executable, "-m", "benchmarks.ledger", "100000"],
)


def main() -> int:
    """Run them all; the worst exit code."""
    codes = []
    for words in RUNS:
        print("$", " ".join(words), flush=True)
        codes.append(subprocess.run(words, check=False).returncode)
    return max(codes)


if __name__ == "__main__":
    raise SystemExit(main())
