"""`make bench`: every benchmark in one run on this machine, smaller than the promises so that it ends in minutes.

`python -m benchmarks pages` (or `ledger`) runs one at the promised sizes, on SQLite and on PostgreSQL. The other promised
sizes: `python -m benchmarks.flow 468700`, `python benchmarks/territory.py metropolis`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ON_POSTGRES = (sys.executable, "tests/run_on_postgres.py")


def _module(name: str, *size: str) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.{name}", *size]


RUNS = (
    _module("flow"),
    [sys.executable, str(HERE / "territory.py")],
    _module("centre"),
    _module("ledger", "100000"),
    [*ON_POSTGRES, *_module("ledger", "100000")],
    _module("pages", "20000"),
    _module("facts"),
    _module("apportion"),
    _module("draw", "10000", "100000"),
    _module("campaign", "10000", "100000"),
    _module("arrivals", "10000", "100000"),
    _module("match", "10000", "100000"),
    _module("timeline", "1000000"),
    _module("motor"),
    _module("work", "20000"),
    _module("measures", "100000"),
)
AT_PROMISED_SIZE = {  # a benchmark by name: its own default sizes
    name: (_module(name), [*ON_POSTGRES, *_module(name)]) for name in ("pages", "ledger", "facts", "work")
} | {
    "apportion": (_module("apportion", "full"),),
    "draw": (_module("draw"),),
    "campaign": (_module("campaign"),),
}
AT_PROMISED_SIZE["match"] = (_module("match"),)
AT_PROMISED_SIZE["listing"] = (_module("listing"),)
AT_PROMISED_SIZE["measures"] = (_module("measures"),)
AT_PROMISED_SIZE["timeline"] = (_module("timeline"),)
AT_PROMISED_SIZE["motor"] = (_module("motor"),)
AT_PROMISED_SIZE["centre"] = (_module("centre", "10000", "100000", "1000000"),)


def main(names: list[str]) -> int:
    """Run them all, or those named at their promised sizes; the worst exit code."""
    codes = []
    for words in [run for name in names for run in AT_PROMISED_SIZE[name]] or RUNS:
        print("$", " ".join(words), flush=True)
        codes.append(subprocess.run(words, check=False).returncode)
    return max(codes)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
