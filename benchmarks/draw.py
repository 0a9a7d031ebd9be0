"""Draw benchmark: the order of 10 k, 100 k and 1 M numbers, beside the twin that follows the standard word for word.

    python -m benchmarks.draw                 all three sizes
    python -m benchmarks.draw 10000           one size

Columns: processor seconds of the fast path, of the twin (`hmac` and `hashlib` as they come) and of a shuffle by numpy (its
order binds nobody and cannot be checked by hand); fast ÷ twin; growth of the fast path against the size before, beside the
growth of n·log n; seconds of announcing (pseudonyms and digest) and of checking the finished record.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from math import log

import numpy as np

from tuogu.core import draw
from tuogu.core.lots import acts
from tuogu.core.lots.check import first_fault
from tuogu.core.reference import draw as slow

SIZES = (10_000, 100_000, 1_000_000)
SEED, SALT, KEY = bytes(range(32)), bytes(32), b"k" * 32


def seconds(act: Callable[[list[str]], object], numbers: list[str]) -> float:
    start = time.process_time()  # one thread: its own time, whatever else the machine does
    act(numbers)
    return time.process_time() - start


def record(numbers: list[str]) -> tuple[float, float]:
    """Seconds of announcing, and of checking the finished record."""
    start = time.process_time()
    public, _names = acts.announce(numbers, count=len(numbers) // 10, draw_id="bench", purpose="", key=KEY)
    announcing = time.process_time() - start
    seeds = {"a": SEED, "b": SEED[::-1]}
    for party, seed in seeds.items():
        public = acts.commit(public, party, draw.commitment(SALT, seed))
    for party, seed in seeds.items():
        public = acts.reveal(public, party, salt=SALT, seed=seed)
    start = time.process_time()
    fault = first_fault(public)
    if fault is not None:
        raise SystemExit(fault)
    return announcing, time.process_time() - start


def main(sizes: list[int]) -> int:
    print(f"{'numbers':>9}{'fast s':>9}{'twin s':>9}{'fast/twin':>11}{'shuffle s':>11}{'growth':>9}{'n log n':>9}"
          f"{'announce s':>12}{'check s':>9}")  # fmt: skip
    before = (0, 0.0)
    for size in sizes:
        numbers = [f"C{i:010d}" for i in np.random.default_rng(size).permutation(size)]
        fast = min(seconds(lambda n: draw.order(n, seed=SEED, draw_id="bench"), numbers) for _ in range(3))
        twin = seconds(lambda n: slow.order(n, seed=SEED, draw_id="bench"), numbers)
        shuffle = seconds(lambda n: np.random.default_rng(1).permutation(sorted(n)), numbers)
        growth = f"{fast / before[1]:.1f}" if before[1] else "-"
        expected = f"{size * log(size) / (before[0] * log(before[0])):.1f}" if before[0] else "-"
        announcing, checking = record(numbers)
        print(f"{size:>9,}{fast:>9.3f}{twin:>9.3f}{fast / twin:>11.2f}{shuffle:>11.3f}{growth:>9}{expected:>9}"
              f"{announcing:>12.2f}{checking:>9.2f}", flush=True)  # fmt: skip
        before = (size, fast)
    return 0


if __name__ == "__main__":
    raise SystemExit(main([int(word) for word in sys.argv[1:]] or list(SIZES)))
